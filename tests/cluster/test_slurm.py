"""A table on a real Slurm: jobs that are cancelled, out of time and killed, and the same table in the end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from gan_style.cluster import slurm as client
from gan_style.cluster.ledger import Entry, entries
from gan_style.cluster.status import OVER, state
from gan_style.experiment.runs import Run
from tests.ablation.tables import make_experiment
from tests.cluster import slurm
from tests.small import smooth_pictures

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
STEPS = 300
CELLS = ("default seed 0", "default seed 1", "no_pool seed 0", "no_pool seed 1")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with an experiment and a cluster, where Slurm runs."""
    if reason := slurm.missing():
        pytest.fail(reason)  # whoever asks for these tests is to know
    folder = tmp_path_factory.mktemp("cluster")
    rng = np.random.default_rng(0)
    sides = [smooth_pictures(folder / name, rng, 12, (80, 72)) for name in ("photos", "paintings")]
    make_experiment(folder / "experiments" / "tiny", *sides)
    (folder / "clusters").mkdir()
    (folder / "clusters" / "one.yaml").write_text("kind: slurm\nminutes: 10\ncpus: 1\nmemory: 1.5\n")
    before = dict(os.environ)
    with slurm.running(folder / "slurm") as config:
        os.environ.update(SLURM_CONF=str(config), PATH=slurm.search_path())
        yield folder
    os.environ.clear()
    os.environ.update(before)


def gan_style(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gan_style", *arguments]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


def ablate(place: Path, where: str, *more: str) -> subprocess.CompletedProcess[str]:
    chosen = ("--seeds", "2", "--only", "default,no_pool", "--steps", str(STEPS))
    folders = ("--runs", f"{where}/runs", "--results", f"{where}/results")
    return gan_style(place, "ablate", "tiny", *chosen, *folders, *more)


def wait_for(told: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def run_of(place: Path, cell: str) -> Run:
    variant, _, seed = cell.split()
    return Run(next((place / "slurm-table" / "runs" / "tiny").glob(f"{variant}+*/seed{seed}")))


def table(place: Path, where: str) -> dict[str, object]:
    """Of each cell the hash of its weights, and what was measured."""
    runs = (place / where / "runs").glob("tiny/*/seed?/summary.json")
    weights = {str(path.parent)[-30:]: json.loads(path.read_text())["weights_sha256"] for path in runs}
    results = {path.name: json.loads(path.read_text()) for path in (place / where / "results").glob("*.json")}
    assert len(weights) == len(results) == len(CELLS)
    return {
        "weights": sorted(weights.values()),
        "figures": {name: one["figures"] for name, one in results.items()},
    }


def test_cancelled_requeued_and_killed_the_table_is_the_local_one(place: Path) -> None:
    assert ablate(place, "local-table", "--jobs", "2").returncode == 0
    begun = ablate(place, "slurm-table", "--on", "one")
    assert begun.returncode == 0, begun.stderr
    assert "submitted 4 jobs" in begun.stdout
    runs = place / "slurm-table" / "runs"
    jobs = {entry.name.removeprefix("tiny "): entry for entry in entries(runs)}
    assert set(jobs) == set(CELLS)
    assert "4 jobs wait or run already" in ablate(place, "slurm-table", "--on", "one").stdout
    wait_for(lambda: len(list(runs.glob("tiny/*/seed?/summary.json"))) == len(CELLS))
    for cell in CELLS:
        wait_for(lambda cell=cell: run_of(place, cell).has_checkpoint())

    cancelled, requeued, killed, _ = CELLS
    assert (
        f"cancelled 1 jobs: tiny {cancelled}"
        in gan_style(place, "jobs", "cancel", f"tiny {cancelled}", "--runs", str(runs)).stdout
    )
    client._answer(["scancel", "--signal=USR2", jobs[requeued].number])
    os.kill(training(run_of(place, killed)), signal.SIGKILL)
    wait_for(lambda: is_over(jobs[cancelled]) and is_over(jobs[killed]))
    for cell in (cancelled, requeued):
        assert "saved as" in "\n".join(jobs[cell].tail(1000)), cell
    listed = gan_style(place, "jobs", "list", "--runs", str(runs)).stdout
    assert "2 not running" in listed
    assert "step" in gan_style(place, "jobs", "log", f"tiny {killed}", "--runs", str(runs)).stdout

    # The same command: what is over without a result goes on, the others are left alone.
    ended = ablate(place, "slurm-table", "--on", "one", "--wait")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "submitted 2 jobs" in ended.stdout
    assert "4 of 4 cells are finished" in ended.stdout
    assert jobs[requeued].tail(1000).count(f"stopped at step {STEPS}") == 0
    assert "resuming" in "\n".join(jobs[requeued].tail(1000))
    assert table(place, "slurm-table") == table(place, "local-table")
    assert "submitted" not in ablate(place, "slurm-table", "--on", "one").stdout


def is_over(entry: Entry) -> bool:
    return state(entry, client.states()) == OVER


def training(run: Run) -> int:
    """The process that trains there."""
    variant, seed = run.folder.parent.name.partition("+")[0], run.folder.name.removeprefix("seed")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        mine = {"train", "tiny", "slurm-table/runs"} <= set(words) and ["--seed", seed] == words[
            words.index("--seed") : words.index("--seed") + 2
        ]
        if mine and ("--ablation" in words) == (variant != "default"):
            return int(folder.name)
    raise AssertionError(f"nobody trains in {run.folder}")


def test_variants_are_timed_in_a_job_of_their_own_before_equal_time(place: Path) -> None:
    chosen = ("--only", "default,no_pool", "--minutes", "0.01", "--on", "one", "--wait")
    told = gan_style(place, "ablate", "tiny", *chosen, "--runs", "timed/runs", "--results", "timed/results")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "2 of 2 variants are not timed yet" in told.stdout
    assert "2 of 2 cells are finished" in told.stdout
    assert (place / "timed" / "results" / "budget-0.01min.json").is_file()


def test_a_sweep_that_halves_is_submitted_rung_by_rung(place: Path) -> None:
    recipe = place / "experiments" / "tiny" / "config.yaml"
    folder = place / "experiments" / "halved"
    (folder / "sweeps").mkdir(parents=True)
    (folder / "config.yaml").write_text(recipe.read_text())
    over = "{method.generator_optimizer.learning_rate: [1e-5, 1e-2]}"
    (folder / "sweeps" / "rate.yaml").write_text(
        f"extends: ../config.yaml\nwhy: To try it.\n"
        f"sweep: {{search: halving, trials: 2, rungs: [0.5], over: {over}}}\n"
    )
    chosen = ("--only", "rate", "--steps", "8")

    def told(where: str, *more: str) -> tuple[subprocess.CompletedProcess[str], dict[str, object], list[str]]:
        folders = ("--runs", f"{where}/runs", "--results", f"{where}/results")
        ended = gan_style(place, "ablate", "halved", *chosen, *folders, *more)
        results = place / where / "results"
        record = json.loads((results / "halving-rate.json").read_text())
        return ended, record, sorted(path.name for path in results.glob("*-seed0.json"))

    here, there = told("halved-here", "--jobs", "2"), told("halved-there", "--on", "one", "--wait")
    assert here[0].returncode == 0, here[0].stderr
    assert there[0].returncode == 0, there[0].stdout + there[0].stderr
    assert there[0].stdout.count("submitted 2 jobs") == 1, "both trials up to the rung"
    assert there[0].stdout.count("submitted 1 jobs") == 1, "then the better one to its end"
    assert "1 of 1 cells are finished" in there[0].stdout
    assert there[1:] == here[1:]


def test_a_list_of_pictures_is_painted_in_shards_and_goes_on_after_a_cancelled_one(place: Path) -> None:
    smooth_pictures(place / "many", np.random.default_rng(1), 40, (96, 80))
    (place / "list.txt").write_text("many\n")
    sample = ("sample", "included/oil", "--manifest", "list.txt", "--shards", "4")
    assert gan_style(place, *sample, "--output", "painted-here", "--jobs", "2").returncode == 0
    there = (*sample, "--output", "painted-there", "--on", "one")
    begun = gan_style(place, *there)
    assert "submitted 4 jobs" in begun.stdout, begun.stderr
    assert begun.returncode == 1, "not all is painted yet"
    assert (
        "cancelled 1 jobs" in gan_style(place, "jobs", "cancel", "sample painted-there shard 2 of 4").stdout
    )
    # While Slurm still ends it, it counts as running.
    named = {entry.name: entry for entry in entries(place / "runs")}
    wait_for(lambda: named["sample painted-there shard 2 of 4"].number not in client.states())
    ended = gan_style(place, *there, "--wait")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "40 pictures are painted, 0 failed, 0 are left" in ended.stdout
    here, over_there = (
        {path.name: path.read_bytes() for path in (place / where / "many").iterdir()}
        for where in ("painted-here", "painted-there")
    )
    assert len(here) == 40
    assert here == over_there


def test_srun_starts_the_workers_of_one_training(place: Path) -> None:
    recipe = (place / "experiments" / "tiny" / "config.yaml").as_posix()
    train = [
        sys.executable,
        "-m",
        "gan_style",
        "train",
        recipe,
        "train.strategy=multiworker",
        "train.threads=1",
    ]
    srun = ["srun", "--ntasks=2", "--cpus-per-task=1", "--mem=3000"]
    told = subprocess.run(
        [*srun, *train, "--runs", "shared"], cwd=place, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "2 replicas with 1 pictures each" in told.stdout
    (run,) = (place / "shared" / "tiny").glob("*/seed0")
    assert Run(run).summary()["status"] == "finished"
    assert len(list((place / "shared" / "tiny").glob("*/seed*"))) == 1, "one of the two writes"


def test_what_sbatch_refuses_is_one_clear_error(place: Path) -> None:
    (place / "clusters" / "strange.yaml").write_text(
        "kind: slurm\nminutes: 10\ncpus: 1\nmemory: 1\npartition: nowhere\n"
    )
    told = ablate(place, "refused", "--on", "strange")
    assert told.returncode == 1
    assert "sbatch refused the jobs" in told.stderr
    assert "invalid partition" in told.stderr.lower()
    assert "Traceback" not in told.stderr


def test_a_dry_run_prints_the_script_and_submits_nothing(place: Path) -> None:
    told = ablate(place, "dry", "--on", "one", "--dry-run")
    assert told.returncode == 0
    for line in (
        "#SBATCH --array=0-3%4",
        "#SBATCH --time=10",
        "#SBATCH --requeue",
        "#SBATCH --signal=USR2@120",
    ):
        assert line in told.stdout
    assert not entries(place / "dry" / "runs")
