"""Ends commands with SIGKILL at random moments, goes on, and compares with what was never disturbed.

    python -m benchmarks.kills [--kills 200] [--work DIR] [--log benchmarks/kills.jsonl]

In every trial a command is killed three times, each time at another moment, and then left to end. Nothing
that was complete before may be lost, and at the end every file must be as without the kills. Each trial is
one line of the log; what is logged is not done again, so that the same command goes on where it was stopped.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from benchmarks.killed import ACTIVITIES, Activity, Result

KILLS = 3  # of one trial
# Of all kills; those that take seconds are many, an ablation takes minutes.
SHARES = {"train": 0.3, "sample": 0.2, "prepare": 0.15, "fetch": 0.15, "evaluate": 0.1, "ablate": 0.1}
PATIENCE = 900.0  # seconds, for one command without kills


@dataclass(frozen=True)
class Trial:
    """One command that was killed again and again, and what became of it."""

    activity: str
    number: int
    kills: list[float]  # seconds after its start
    exit_code: int  # when it was let alone at last
    lost: int  # kills after which there was less than before
    wrong: list[str]  # files that are not as without the kills

    def went_well(self) -> bool:
        return not (self.exit_code or self.lost or self.wrong)


@dataclass
class Undisturbed:
    """A command that was never killed."""

    base: Path  # what it was given
    seconds: float
    result: Result


def start(activity: Activity, folder: Path) -> subprocess.Popen[bytes]:
    """The command in a folder, with a cache and in a process group of its own."""
    own = {"GAN_STYLE_CACHE": str(folder / "cache"), "GAN_STYLE_RUNS": "runs", "GAN_STYLE_DATA": "data"}
    settings = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": os.getcwd()}
    with (folder / "told.txt").open("ab") as told:
        return subprocess.Popen(
            [sys.executable, *activity.words(folder)],
            cwd=folder,
            env=os.environ | own | settings,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )


def killed(activity: Activity, folder: Path, after: float) -> int | None:
    """The exit code, or none if the command was still at work when its end came."""
    process = start(activity, folder)
    try:
        return process.wait(after)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):  # and all that it started, as when a machine loses its power
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def undisturbed(activity: Activity, work: Path) -> Undisturbed:
    base, folder = work / f"{activity.name}-base", work / f"{activity.name}-undisturbed"
    for old in (base, folder):
        shutil.rmtree(old, ignore_errors=True)
    base.mkdir(parents=True)
    activity.set_up(base)
    shutil.copytree(base, folder)
    started = time.monotonic()
    if killed(activity, folder, PATIENCE) != 0:
        raise click.ClickException(f"{activity.name} fails without any kill: {folder / 'told.txt'}")
    return Undisturbed(base, time.monotonic() - started, activity.result(folder))


def trial(activity: Activity, number: int, folder: Path, calm: Undisturbed) -> Trial:
    moments = random.Random(f"{activity.name} {number}")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(calm.base, folder)
    kills, lost = [], 0
    for turn in range(KILLS):
        before = activity.progress(folder)
        after = moments.uniform(0.2, 1.0) * calm.seconds
        started = time.monotonic()
        if killed(activity, folder, after) is None:
            kills.append(round(after, 2))
        elif turn == 0:  # it takes less time than it did, on a machine with other work
            calm.seconds = time.monotonic() - started
        lost += activity.progress(folder) < before
    code = killed(activity, folder, PATIENCE)
    found = activity.result(folder)
    wrong = sorted(
        name for name in found.keys() | calm.result.keys() if found.get(name) != calm.result.get(name)
    )
    return Trial(activity.name, number, kills, -1 if code is None else code, lost, wrong)


def logged(log: Path) -> list[Trial]:
    return [Trial(**json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []


def trials(kills: int, work: Path, log: Path) -> Iterator[Trial]:
    """Those that are not logged yet, one activity after the other."""
    done = logged(log)
    for activity in ACTIVITIES:
        of_this = [one for one in done if one.activity == activity.name]
        missing = round(SHARES[activity.name] * kills) - sum(len(one.kills) for one in of_this)
        calm, number = undisturbed(activity, work) if missing > 0 else None, len(of_this)
        while calm and missing > 0:
            folder = work / f"{activity.name}-{number}"
            one = trial(activity, number, folder, calm)
            if one.went_well():
                shutil.rmtree(folder)  # others are kept to be looked at
            with log.open("a") as file:
                file.write(json.dumps(asdict(one)) + "\n")
            missing, number = missing - len(one.kills), number + 1
            yield one


@click.command()
@click.option("--kills", default=200, show_default=True)
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/kills"), show_default=True)
@click.option(
    "--log", type=click.Path(path_type=Path), default=Path("benchmarks/kills.jsonl"), show_default=True
)
def main(kills: int, work: Path, log: Path) -> None:
    """Kill commands, and say what became of them."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # no command is left behind
    for one in trials(kills, work.absolute(), log):
        click.echo(one)
    every = logged(log)
    count, bad = sum(len(one.kills) for one in every), sum(not one.went_well() for one in every)
    click.echo(f"{count} kills in {len(every)} trials; trials that lost or changed anything: {bad}")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
