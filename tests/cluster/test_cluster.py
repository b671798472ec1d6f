"""Files of clusters/, jobs, and the queue on Slurm, without a Slurm."""

import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.cluster import slurm, slurm_queue
from gan_style.cluster.job import Job, JobFailed
from gan_style.cluster.kinds import Local, Slurm, chosen_cluster, read_cluster
from gan_style.cluster.ledger import entries, record
from gan_style.cluster.progress import TableProgress
from gan_style.cluster.queue import Task
from gan_style.cluster.slurm_queue import SlurmQueue
from gan_style.system.errors import UserError
from gan_style.system.signals import Stopper

ROOT = Path(__file__).parents[2]
MINIMAL = "kind: slurm\nminutes: 60\ncpus: 2\nmemory: 4\n"
SLEEPER = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(143)); "
    "print('begins', flush=True); time.sleep(60)"
)


def test_the_files_of_the_repository_are_valid():
    found = {path.stem: read_cluster(path) for path in (ROOT / "clusters").glob("*.yaml")}
    assert isinstance(found["local"], Local)
    assert isinstance(found["slurm"], Slurm)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: slum\n", "one.yaml:1:1: kind: expected local or slurm, found"),
        ("jobs: 2\n", "kind: expected local or slurm, found nothing"),
        (MINIMAL + "partitoin: gpu\n", "one.yaml:5:1: partitoin: unknown key, did you mean 'partition'?"),
        (MINIMAL.replace("60", "1"), "one.yaml:2:1: minutes"),
        (MINIMAL + "options: {time: 4}\n", "time is not chosen here"),
        ("kind: local\njobs: 0\n", "one.yaml:2:1: jobs"),
    ],
)
def test_a_wrong_file_is_one_error_with_its_line(text, told, tmp_path):
    path = tmp_path / "one.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_cluster(path)
    assert told in str(caught.value)


def test_clusters_are_found_by_name_and_jobs_of_the_command_line_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clusters").mkdir()
    (tmp_path / "clusters" / "lab.yaml").write_text(MINIMAL)
    assert chosen_cluster("lab", 3) == chosen_cluster("clusters/lab.yaml", 3)
    assert chosen_cluster("lab", 3).jobs == 3
    assert chosen_cluster(None, None) == Local(kind="local")
    with pytest.raises(UserError, match=r"--on moon: there is no file clusters/moon.yaml; there is lab"):
        chosen_cluster("moon", None)


def job(tmp_path: Path, *codes: str) -> Job:
    stages = [(f"stage {number}", [sys.executable, "-c", code]) for number, code in enumerate(codes)]
    return Job("a job", stages, tmp_path / "job.log", tmp_path / "finished")


def test_a_job_runs_its_commands_one_after_the_other_with_wandb_offline(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "online")
    job(tmp_path, "print('one')", "import os; print(os.environ['WANDB_MODE'])")()
    assert [
        line for line in (tmp_path / "job.log").read_text().splitlines() if line[:1] not in ("$", "")
    ] == [
        "one",
        "offline",
    ]
    with pytest.raises(JobFailed, match=r"stage 0 failed \(exit code 3\)\nwhy"):
        job(tmp_path, "import sys; print('why', flush=True); sys.exit(3)", "print('never')")()
    assert "never" not in (tmp_path / "job.log").read_text().split("\n$")[-1].partition("\n")[2]


def test_out_of_time_it_stops_its_training_gently_and_is_queued_as_it_was(tmp_path):
    whole, again = job(tmp_path, SLEEPER), []

    def give_way(*_: object) -> None:  # as submitit's handler does
        again.append(whole.checkpoint())
        sys.exit(1)

    def send() -> None:
        while not (tmp_path / "job.log").is_file() or "\nbegins" not in (tmp_path / "job.log").read_text():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGUSR2)

    before = signal.signal(signal.SIGUSR2, give_way)
    threading.Thread(target=send).start()
    with pytest.raises(SystemExit):
        whole()
    signal.signal(signal.SIGUSR2, before)
    assert whole.child.process.poll() == 143
    assert pickle.loads(pickle.dumps(again[0].function)) == job(tmp_path, SLEEPER)


@dataclass
class FakeWork:
    name: str
    folder: Path

    def __str__(self) -> str:
        return self.name

    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def result_file(self) -> Path:
        return self.folder / f"{self.name}.json"

    def is_finished(self) -> bool:
        return self.result_file().is_file()

    def is_held(self) -> bool:
        return False


@pytest.fixture
def cluster(monkeypatch):
    """What is asked of Slurm: the jobs that it knows, and those that it was given."""
    known, given = {}, []

    def submit(jobs, *_):
        numbers = [f"{len(given) + 1}_{index}" for index in range(len(jobs))]
        given.append([one.name for one in jobs])
        known.update(dict.fromkeys(numbers, "running"))
        return numbers

    monkeypatch.setattr(slurm, "states", lambda: dict(known))
    monkeypatch.setattr(slurm, "submit", submit)
    monkeypatch.setattr(slurm_queue, "POLL_SECONDS", 0.01)
    return known, given


def queue_of(tmp_path: Path, *, wait: bool) -> SlurmQueue:
    settings = Slurm(kind="slurm", minutes=60, cpus=1, memory=1)
    progress = TableProgress(2, 0, lambda: None)
    return SlurmQueue(settings, tmp_path, "oil", Stopper(), progress, wait=wait)


def test_only_what_neither_waits_nor_runs_is_submitted_again(tmp_path, cluster):
    known, given = cluster
    tasks = [Task(FakeWork(name, tmp_path), [("training", ["true"])]) for name in "ab"]
    first = queue_of(tmp_path, wait=False)
    first.run(tasks)
    assert given == [["oil a", "oil b"]]
    assert first.is_over
    del known["1_0"]  # cancelled, or killed
    second = queue_of(tmp_path, wait=False)
    second.run(tasks)
    assert given[1:] == [["oil a"]]
    assert (second.submitted, second.under_way) == (1, 1)
    assert [(entry.name, entry.number) for entry in entries(tmp_path)] == [("oil b", "1_1"), ("oil a", "2_0")]


def test_waiting_ends_when_all_are_over_and_tells_what_failed(tmp_path, cluster):
    known, _ = cluster
    works = [FakeWork(name, tmp_path) for name in "ab"]
    queue = queue_of(tmp_path, wait=True)

    def end() -> None:
        time.sleep(0.1)
        works[0].result_file().write_text("{}")
        works[1].log().write_text("step 1\nrun failed: step 2: style is nan\n")
        known.clear()

    thread = threading.Thread(target=end)
    thread.start()
    queue.run([Task(work, [("training", ["true"])]) for work in works])
    thread.join()
    assert list(queue.failures) == ["b"]
    assert "run failed: step 2: style is nan" in queue.failures["b"]
    assert not queue.is_over


def test_a_signal_ends_the_watch_and_not_the_jobs(tmp_path, cluster):
    known, _ = cluster
    queue = queue_of(tmp_path, wait=True)
    with queue.stopper:
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
        queue.run([Task(FakeWork("a", tmp_path), [("training", ["true"])])])
    assert queue.is_over
    assert known
    assert not queue.failures


def test_jobs_are_listed_by_what_files_say_and_slurm_knows(tmp_path, monkeypatch):
    jobs = [Job(f"oil {name}", [], tmp_path / f"{name}.log", tmp_path / f"{name}.json") for name in "abc"]
    record(tmp_path, jobs, ["7_0", "7_1", "7_2"])
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "c.log").write_text("step 12 of 100\n\n")
    with (tmp_path / ".jobs" / "ledger.jsonl").open("a") as file:
        file.write("half a li")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "squeue").write_text("#!/bin/sh\necho '7_1|PENDING|Resources'\n")
    (tools / "scancel").write_text(f"#!/bin/sh\necho $@ > {tmp_path}/cancelled\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")

    def asked(*words: str) -> str:
        ended = CliRunner().invoke(main, ["jobs", *words, "--runs", str(tmp_path)])
        return f"{ended.exit_code} {ended.output}"

    told = asked("list")
    assert "1 finished, 1 pending, 1 not running" in told
    assert "pending (Resources)" in told
    assert "step 12 of 100" in told
    assert "step 12 of 100" in asked("log", "oil c")
    assert asked("log", "oil d").startswith("2 error: oil d: there is no such job")
    assert asked("cancel").startswith("2 error: name the jobs to cancel, or give --all")
    assert "none of these waits or runs" in asked("cancel", "oil a")
    assert "cancelled 1 jobs: oil b" in asked("cancel", "7")
    assert (tmp_path / "cancelled").read_text() == "7_1\n"
    (tools / "squeue").write_text("#!/bin/sh\necho 'no controller' >&2; exit 1\n")
    assert asked("list").startswith("1 run failed: squeue: no controller")


def test_without_slurm_it_is_said_where_the_command_belongs(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for act in (
        slurm.states,
        lambda: slurm.submit([], Slurm(kind="slurm", minutes=60, cpus=1, memory=1), tmp_path, "x"),
    ):
        with pytest.raises(UserError, match="give this command where jobs are submitted from"):
            act()
