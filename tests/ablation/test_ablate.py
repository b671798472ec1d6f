"""A table of variants and seeds ends the same whatever happens on the way, and says what happened."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from gan_style.ablation import ablate as module
from gan_style.ablation import timing
from gan_style.ablation.plan import Plan
from gan_style.cli.main import main
from gan_style.cluster import queue
from gan_style.cluster.kinds import Local
from gan_style.evaluation.budget import Budget
from gan_style.evaluation.result import Result
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import learned_hash
from gan_style.experiment.runs import Run, claimed, settle_config
from gan_style.experiment.variants import variants
from gan_style.features.backbones import Wavelets
from gan_style.system.errors import UserError
from gan_style.system.hardware import cores
from gan_style.training import loop as training
from tests.ablation.tables import make_experiment, run


@pytest.fixture
def experiment(tmp_path) -> Path:
    return make_experiment(tmp_path / "tiny")


@pytest.fixture
def plan(experiment, tmp_path):
    def make(**settings) -> Plan:
        return Plan(str(experiment), tmp_path / "runs", tmp_path / "results", **settings)

    return make


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def times(tmp_path: Path, cell: str) -> list[str]:
    """What a cell's trainings did: one line for each beginning and end."""
    (path,) = (tmp_path / "runs" / "tiny").glob(f"{cell}.times")
    return path.read_text().splitlines()


def test_what_was_measured_otherwise_is_to_be_measured_again(plan):
    run(plan(only=("default",)))
    (cell,) = plan().cells(("default",), Budget("full"))
    assert cell.is_finished()
    assert not replace(
        cell, backbone={"kind": "mobilenet_v2", "name": "MobileNetV2 (local weights)"}
    ).is_finished()
    result = Result.read(cell.result)
    result.model_copy(update={"protocol": 1}).write(cell.result)
    assert not cell.is_finished()


def test_every_cell_leaves_its_result_and_a_second_call_does_nothing(plan, tmp_path, capsys):
    assert run(plan(seeds=2)) == 0
    names = {
        f"{variant}-seed{seed}.json" for variant in ("default", "no_pool", "plain", "wide") for seed in (0, 1)
    }
    assert set(contents(tmp_path / "results")) == names
    result = Result.read(tmp_path / "results" / "wide-seed1.json")
    assert (result.variant, result.seed, result.step, result.budget) == ("wide", 1, 8, "full")
    told = capsys.readouterr().out
    assert "default seed 0: training; log in" in told
    assert "8 of 8 cells are finished" in told
    assert told.index("wide seed 0: done") < told.index("default seed 1: training"), (
        "a whole seed before the next"
    )
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert run(plan(seeds=2)) == 0
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert "8 cells, budget full; 8 are finished" in capsys.readouterr().out


def test_a_result_of_another_config_or_damaged_is_made_again(plan, tmp_path):
    assert run(plan(only=("default",))) == 0
    path = tmp_path / "results" / "default-seed0.json"
    right = path.read_text()
    for wrong in (
        right[:50],
        right.replace('"step": 8', '"step": 7'),
        right.replace('"config_sha256": "', '"config_sha256": "0'),
    ):
        path.write_text(wrong)
        assert run(plan(only=("default",))) == 0
        assert path.read_text() == right
    assert len(times(tmp_path, "default/seed0")) == 8


def test_a_result_of_another_backbone_is_measured_again_but_not_trained(plan, tmp_path):
    path = tmp_path / "results" / "default-seed0.json"
    for backbone in ("wavelets", "{kind: wavelets}"):
        assert run(plan(only=("default",), backbone=backbone)) == 0
    right = path.read_text()
    assert Result.read(path).backbone == Wavelets().described()
    assert len(times(tmp_path, "default/seed0")) == 2, "a backbone may be named in several ways"
    path.write_text(right.replace('"sha256": "', '"sha256": "0'))
    assert plan().cells(["default"], Budget("full"))[0].step() == 8
    assert run(plan(only=("default",))) == 0
    assert path.read_text() == right
    assert times(tmp_path, "default/seed0")[-2].startswith("begins at 8 ")


def test_a_backbone_without_its_file_is_an_error_before_anything_is_trained(plan, tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.npz"):
        run(plan(backbone="{kind: squeezenet, weights: nowhere.npz}"))
    assert not (tmp_path / "runs").exists()


def test_equal_steps_that_are_a_recipes_own_give_both_tables_a_row(plan, tmp_path):
    for steps in (None, 8, None, 8):
        assert run(plan(only=("default",), steps=steps)) == 0
    budgets = {path.name: Result.read(path).budget for path in (tmp_path / "results").iterdir()}
    assert budgets == {"default-seed0.json": "full", "default@8-steps-seed0.json": "8 steps"}
    assert [line.split()[2] for line in times(tmp_path, "default/seed0")[::2]] == ["0", "8"], (
        "trained once, measured twice"
    )


def test_after_a_change_of_the_recipe_its_runs_are_moved_aside_or_in_the_way(
    plan, experiment, tmp_path, capsys
):
    assert run(plan(only=("default", "wide"))) == 0
    pairs = (("default", None), ("wide", "wide"))
    for name, ablation in pairs:
        config = read_recipe(str(experiment), ablation).config.model_dump(mode="json")
        settle_config(Run(tmp_path / "runs" / "tiny" / name / "seed0"), config)
    before = contents(tmp_path / "results")
    recipe = experiment / "config.yaml"
    recipe.write_text(recipe.read_text().replace("pool_size: 3", "pool_size: 5"))
    with pytest.raises(UserError) as told:
        run(plan(only=("default", "wide")))
    for expected in (
        "tiny/default/seed0: this run was started with",
        "-  pool_size: 3",
        "+  pool_size: 5",
        "2 of 2 cells have such a run",
        "--fresh",
    ):
        assert expected in str(told.value)
    capsys.readouterr()
    assert module.ablate(plan(), dry_run=True) == 0
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in capsys.readouterr().out.splitlines()}
    assert rows["wide"].startswith("0 another recipe's run is in its place 8")
    assert rows["plain"].startswith("0 new 8")
    assert contents(tmp_path / "results") == before
    assert run(plan(only=("default", "wide"), fresh=True)) == 0
    assert len(list((tmp_path / "runs" / "tiny" / "wide").glob("seed0.old-*"))) == 1
    after = {
        name: Result.model_validate_json(text).training["config_sha256"]
        for name, text in contents(tmp_path / "results").items()
    }
    assert after == {
        f"{name}-seed0.json": learned_hash(read_recipe(str(experiment), some).config) for name, some in pairs
    }
    assert run(plan(only=("default", "wide"), fresh=True)) == 0
    assert len(list((tmp_path / "runs" / "tiny" / "wide").glob("seed0.old-*"))) == 1, "what is finished stays"


def test_killed_half_way_and_started_again_gives_the_same_table(experiment, plan, tmp_path):
    """A real kill -9 of the parent; its child dies with it, and the second call begins where that one was."""
    straight = Plan(str(experiment), tmp_path / "straight", tmp_path / "expected", seeds=2)
    assert run(straight) == 0
    words = [
        "-m",
        "tests.ablation.tables",
        str(experiment),
        str(tmp_path / "runs"),
        str(tmp_path / "results"),
        "2",
        "0.15",
    ]
    parent = subprocess.Popen(
        [sys.executable, *words], cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL
    )
    third = tmp_path / "runs" / "tiny" / "plain" / "seed0"
    wait_until(lambda: Run(third).summary().get("step", 0) >= 2, parent)
    parent.kill()
    parent.wait()
    child = int(third.with_suffix(".pid").read_text())
    wait_until(lambda: not alive(child))
    reached = Run(third).summary()["step"]
    assert set(contents(tmp_path / "results")) == {"default-seed0.json", "no_pool-seed0.json"}
    assert run(plan(seeds=2)) == 0
    assert contents(tmp_path / "results") == contents(tmp_path / "expected")
    assert times(tmp_path, "plain/seed0")[1].startswith(f"begins at {reached} ")
    assert len(times(tmp_path, "default/seed0")) == 2, "what was finished is not trained again"


def wait_until(happened, process: subprocess.Popen | None = None, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert process is None or process.poll() is None, "the process ended early"
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def alive(process: int) -> bool:
    path = Path(f"/proc/{process}/stat")
    return path.exists() and path.read_text().split()[2] != "Z"


def test_a_failing_cell_is_told_and_stops_no_other(plan, tmp_path, capsys):
    assert run(plan(seeds=2), breaks=("no_pool seed 0",)) == 1
    assert len(contents(tmp_path / "results")) == 7
    told = capsys.readouterr()
    assert "7 of 8 cells are finished" in told.out
    assert "warning: no_pool seed 0: training failed after" in told.err
    assert "(exit code 1)" in told.err
    assert "run failed: step 2: generator/style is nan" in told.err
    assert run(plan(seeds=2)) == 0
    assert len(contents(tmp_path / "results")) == 8
    assert times(tmp_path, "no_pool/seed0")[1].startswith("begins at 2 ")
    assert len(times(tmp_path, "no_pool/seed1")) == 2


def test_a_stop_is_passed_on_gently(plan, tmp_path, capsys):
    folder = tmp_path / "runs" / "tiny" / "default" / "seed0"

    def stop() -> None:
        wait_until(lambda: Run(folder).summary().get("step", 0) >= 2)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    assert run(plan(), pause=0.1) == 143
    thread.join()
    assert not alive(int(folder.with_suffix(".pid").read_text()))
    assert 2 <= Run(folder).summary()["step"] < 8
    assert "stopped; the same command goes on" in capsys.readouterr().out
    assert run(plan()) == 0


def test_parallel_cells_share_the_cores(plan, tmp_path, capsys):
    jobs = max(2, cores())
    threads = cores() // jobs
    if jobs > cores():
        pytest.skip("one core")
    assert run(plan(cluster=Local(kind="local", jobs=jobs)), pause=0.1) == 0
    told = capsys.readouterr().out
    assert told.count("hashes hold for one number of threads only") == 1
    names = [name.split("+")[0] for name in contents(tmp_path / "results")]
    assert sorted(names) == ["default", "no_pool", "plain", "wide"], (
        "another number of threads is another run"
    )
    cluster = Local(kind="local", jobs=jobs)
    for cell in plan(cluster=cluster).cells(variants(plan().experiment), plan().budget([], None)):
        assert cell.recipe.config.train.threads == threads
    begins, ends = (
        [float(times(tmp_path, f"{name}+*/seed0")[line].split()[3]) for name in ("default", "no_pool")]
        for line in (0, 1)
    )
    assert max(begins) < min(ends), "at the same time"


def test_more_jobs_than_cores_are_refused(plan):
    with pytest.raises(UserError, match=rf"--jobs 999: this machine has {cores()} cores"):
        run(plan(cluster=Local(kind="local", jobs=999)))


@pytest.mark.skipif(cores() < 2, reason="one core")
def test_a_second_cell_waits_for_memory(plan, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(queue, "available_memory", lambda: 2**30)
    assert run(plan(cluster=Local(kind="local", jobs=2), only=("default", "no_pool")), pause=0.05) == 0
    assert capsys.readouterr().out.count("waiting for memory: one takes about 2.0 GiB, 0.0 GiB are free") == 1
    first, second = (
        [float(line.split()[3]) for line in times(tmp_path, f"{name}+*/seed0")]
        for name in ("default", "no_pool")
    )
    assert first[1] < second[0], "one after the other"


def test_a_cell_alone_runs_whatever_memory_there_is(plan, monkeypatch, capsys):
    monkeypatch.setattr(queue, "available_memory", lambda: 2**20)
    assert run(plan(only=("default",))) == 0
    assert "waiting for memory" not in capsys.readouterr().out


def test_a_cell_waits_for_whoever_works_in_its_folder(plan, tmp_path, capsys):
    """As after a kill where children cannot be made to die."""
    entered = threading.Event()

    def work() -> None:
        with claimed(Run(tmp_path / "runs" / "tiny" / "default" / "seed0"), fresh=False):
            entered.set()
            time.sleep(0.6)
            left.append(time.time())

    left: list[float] = []
    thread = threading.Thread(target=work)
    thread.start()
    entered.wait()
    assert run(plan(only=("default",))) == 0
    thread.join()
    assert float(times(tmp_path, "default/seed0")[0].split()[3]) > left[0]
    assert capsys.readouterr().out.count("another process is at it") == 1


def test_equal_time_is_timed_once_and_frozen(plan, tmp_path, capsys, monkeypatch):
    minutes = 0.001  # 60 ms
    assert run(plan(minutes=minutes, only=("default", "wide"))) == 0
    path = tmp_path / "results" / "budget-0.001min.json"
    frozen = json.loads(path.read_text())
    assert {name: (timed["ms_per_step"], timed["steps"]) for name, timed in frozen["variants"].items()} == {
        "default": (10, 6),
        "wide": (20, 3),
    }
    assert (frozen["minutes"], frozen["threads"]) == (minutes, 2)
    assert "budget of" not in capsys.readouterr().out
    steps = {}
    for result_path in (tmp_path / "results").glob("*-seed0.json"):
        result = Result.read(result_path)
        steps[result.variant] = (result.step, result.steps, result.budget)
        assert result_path.name.startswith(f"{result.variant}+"), "another number of steps is another run"
    assert steps == {"default": (6, 6, "0.001 minutes"), "wide": (3, 3, "0.001 minutes")}
    before = contents(tmp_path / "results")
    assert run(plan(minutes=minutes, only=("default", "no_pool", "wide"))) == 0
    told = capsys.readouterr().out
    assert f"{path} is reused for 2 of 3 variants" in told
    assert told.count("timing ") == 1
    assert "timing no_pool" in told
    after = contents(tmp_path / "results")
    assert {name: after[name] for name in before if name != path.name} == {
        name: before[name] for name in before if name != path.name
    }
    assert set(json.loads(path.read_text())["variants"]) == {"default", "no_pool", "wide"}


def test_a_variant_is_timed_again_when_its_recipe_changes_but_for_its_steps(plan, experiment, tmp_path):
    path, minutes = tmp_path / "results" / "budget-1min.json", 1.0
    timed = []

    def timer(variant: str) -> tuple[float, int]:
        timed.append(variant)
        return 10.0 * len(timed), 2

    plan(minutes=minutes).budget(["default", "wide"], timer)
    config, wide = experiment / "config.yaml", experiment / "ablations" / "wide.yaml"
    config.write_text(config.read_text().replace("steps: 8", "steps: 9"))
    assert plan(minutes=minutes).budget(["default", "wide"], timer).steps == {"default": 6000, "wide": 3000}
    wide.write_text(wide.read_text().replace("filters: 6", "filters: 8"))
    assert list(plan(minutes=minutes).budget(["default", "wide"], None).steps) == ["default"], (
        "a dry run times nothing"
    )
    assert plan(minutes=minutes).budget(["default", "wide"], timer).steps == {"default": 6000, "wide": 2000}
    assert timed == ["default", "wide", "wide"]
    old = json.loads(path.read_text())
    for variant in old["variants"].values():
        del variant["recipe"]
    path.write_text(json.dumps(old))
    assert plan(minutes=minutes).budget(["default", "wide"], None).steps == {"default": 6000, "wide": 2000}, (
        "from before it was noted"
    )


def test_timing_is_written_down_one_by_one_and_its_failure_is_a_failed_cell(
    plan, tmp_path, monkeypatch, capsys
):
    real, asked = module.time_variant, []

    def time_two(commands, plan, variant, stopper):
        asked.append(variant)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return None if variant == "wide" else real(commands, plan, variant, stopper)

    monkeypatch.setattr(module, "time_variant", time_two)
    only = ("default", "no_pool", "wide")
    with pytest.raises(KeyboardInterrupt):
        run(plan(minutes=0.001, only=only))
    assert list(json.loads((tmp_path / "results" / "budget-0.001min.json").read_text())["variants"]) == [
        "default"
    ]
    assert run(plan(minutes=0.001, only=only)) == 1
    assert asked == ["default", "no_pool", "no_pool", "wide"]
    assert "2 of 3 cells are finished" in capsys.readouterr().out


def test_halving_keeps_the_better_half_by_the_validation_figure(experiment, plan, tmp_path, capsys):
    """Eight steps, rungs at 2 and 4: of four trials two go on, then one, in one run all along."""
    (experiment / "sweeps").mkdir()
    text = (
        "extends: ../config.yaml\n"
        "sweep: {search: halving, trials: 4, over: {method.weights.style: {from: 0.0, to: 1.0}}}\n"
    )
    (experiment / "sweeps" / "style.yaml").write_text(text)
    assert run(plan(seeds=2, only=("style",))) == 0
    told = capsys.readouterr().out
    record = json.loads((tmp_path / "results" / "halving-style.json").read_text())["rungs"]
    assert [len(record[share]) for share in ("0.25", "0.5")] == [4, 2]
    ranked = sorted(record["0.25"], key=record["0.25"].get)
    assert set(record["0.5"]) == set(ranked[:2])
    best = min(record["0.5"], key=record["0.5"].get)
    metrics = [tmp_path / "runs" / "tiny" / best / f"seed{seed}" / "metrics.jsonl" for seed in (0, 1)]
    first = [json.loads(path.read_text().splitlines()[0])["validation/style_and_content"] for path in metrics]
    assert record["0.25"][best] == pytest.approx(sum(first) / 2), "the mean of the seeds"
    assert {path.name for path in (tmp_path / "results").glob("style=*")} == {
        f"{best}-seed0.json",
        f"{best}-seed1.json",
    }
    assert [line.rpartition(" to ")[2] for line in times(tmp_path, f"{best}/seed0") if " to " in line] == [
        "2",
        "4",
        "8",
    ]
    assert [
        line.rpartition(" to ")[2] for line in times(tmp_path, f"{ranked[-1]}/seed0") if " to " in line
    ] == ["2"]
    assert "2 of 2 cells are finished" in told
    assert (
        f"{ranked[-1]} at 25% of the steps: validation/style_and_content "
        f"{record['0.25'][ranked[-1]]:.4f}, stops here" in told
    )
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert run(plan(seeds=2, only=("style",))) == 0
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    config = experiment / "config.yaml"
    config.write_text(config.read_text().replace("pool_size: 3", "pool_size: 5"))
    (tmp_path / "runs").rename(tmp_path / "before")
    assert run(plan(seeds=2, only=("style",))) == 0
    assert len(list((tmp_path / "runs" / "tiny").glob("style=*"))) == 4, (
        "what was decided of another recipe does not hold"
    )


def test_a_dry_run_tells_what_is_left_and_starts_nothing(plan, experiment, tmp_path):
    assert run(plan(only=("default",))) == 0
    half = tmp_path / "runs" / "tiny" / "no_pool" / "seed0"
    (half / "checkpoints" / "step-00000004").mkdir(parents=True)
    (half / "summary.json").write_text(json.dumps({"step": 4, "steps": 8, "seconds": 120.0}))
    before = sorted(tmp_path.rglob("*"))
    words = [
        "ablate",
        str(experiment),
        "--runs",
        str(tmp_path / "runs"),
        "--results",
        str(tmp_path / "results"),
        "--dry-run",
    ]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in told.output.splitlines()}
    assert rows["default"] == "0 finished 8"
    assert rows["no_pool"] == "0 resume at step 4 8 2:00"
    assert rows["wide"].startswith("0 new 8 ")
    assert "3 of 4 cells to do" in told.output
    assert "new, to be timed" in CliRunner().invoke(main, [*words, "--minutes", "3"]).output
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["--only", "no_poll"],
            "--only: there is no variant 'no_poll'; there are: default, no_pool, plain, wide",
        ),
        (["--minutes", "5", "--steps", "5"], "two budgets"),
    ],
)
def test_mistakes_exit_with_2(experiment, words, expected):
    told = CliRunner().invoke(main, ["ablate", str(experiment), *words])
    assert told.exit_code == 2
    assert expected in told.stderr


def test_a_name_stands_for_the_ablation_and_the_sweep_that_have_it(experiment):
    (experiment / "sweeps").mkdir()
    (experiment / "sweeps" / "wide.yaml").write_text(
        "extends: ../config.yaml\nsweep: {over: {method.pool_size: [0, 9]}}\n"
    )
    assert variants(str(experiment), ("wide",)) == ["wide", "wide=pool_size-0", "wide=pool_size-9"]
    (experiment / "ablations" / "default.yaml").write_text("extends: ../config.yaml\n")
    with pytest.raises(UserError, match=r"ablations/default.yaml: 'default' is the recipe itself"):
        variants(str(experiment))


def test_an_ablation_is_no_experiment(experiment):
    told = CliRunner().invoke(main, ["ablate", str(experiment / "ablations" / "wide.yaml")])
    assert told.exit_code == 2
    assert "--only wide" in told.stderr


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_real_trainings_killed_and_gone_on_with_end_in_the_same_weights(tmp_path, pictures):
    """The whole way with real timing and training, at a size of seconds; only the evaluation is faked."""
    folder = make_experiment(tmp_path / "tiny", pictures("photos"), pictures("paintings"))
    words = [str(folder), str(tmp_path / "runs"), str(tmp_path / "results"), "1", "real"]
    command = [sys.executable, "-m", "tests.ablation.tables", *words]
    parent = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    wait_until(lambda: any((tmp_path / "runs").glob("tiny/no_pool+*/seed0/checkpoints/step-*")), parent, 240)
    parent.kill()
    parent.wait()
    frozen = (tmp_path / "results" / "budget-0.01min.json").read_text()
    told = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "is reused for 2 of 2 variants" in told.stdout
    assert (tmp_path / "results" / "budget-0.01min.json").read_text() == frozen
    steps = json.loads(frozen)["variants"]["no_pool"]["steps"]
    (killed,) = (tmp_path / "runs" / "tiny").glob("no_pool+*/seed0")
    recipe = read_recipe(str(folder), "no_pool", (f"train.steps={steps}",))
    straight = subprocess.run(
        [
            sys.executable,
            "-m",
            "gan_style",
            "train",
            str(folder),
            "--ablation",
            "no_pool",
            *recipe.overrides,
            "--runs",
            str(tmp_path / "other"),
        ],
        check=True,
    )
    assert straight.returncode == 0
    (other,) = (tmp_path / "other" / "tiny").glob("no_pool+*/seed0")
    assert Run(killed).summary()["weights_sha256"] == Run(other).summary()["weights_sha256"]


def test_a_step_is_timed_without_identity_phases(tmp_path, pictures, monkeypatch):
    """Of a recipe that is nearly all warm-up the main steps are timed, and none of the first few."""
    folder = make_experiment(tmp_path / "tiny", pictures("photos"), pictures("paintings"))
    seen = []
    real = training.steps

    def watched(session, state, end):
        seen.append(session.method.step_at(0).__name__)
        for number, metrics in enumerate(real(session, state, end)):
            state.seconds += 100.0 if number < timing.WARM_UP else 0.0  # as if compiling took so long
            yield metrics

    monkeypatch.setattr(training, "steps", watched)
    seconds, threads = timing.step_seconds(str(folder), "no_pool")
    assert seen == ["step"]
    assert 0.0005 < seconds < 20
    assert threads == 2
