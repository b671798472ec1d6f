"""Run folders: where they are, whose they are, and what became of them. Needs no TensorFlow."""

import difflib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gan_style.config.located import read_yaml
from gan_style.config.model import digest, first_complaint
from gan_style.experiment import saved
from gan_style.system import disk, included
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive, is_locked
from gan_style.system.progress import say, warn

SUMMARY = "summary.json"
# The parts of a config that decide what a run learns. The rest may change when it is resumed.
OWN_FOLDERS = ("checkpoints", "samples", "painted", "evaluation", "wandb")
LEARNED = ("data", "method", "train")
UNLEARNED = ("stop_on", "strategy", "accumulate", "recompute")  # keys of `train` that change nothing of it


def runs_root(named: Path | None = None) -> Path:
    """--runs, or GAN_STYLE_RUNS, or ./runs."""
    return Path(named or os.environ.get("GAN_STYLE_RUNS") or "runs").expanduser()


class NoRun(UserError):
    """Nothing of an experiment was trained yet."""


@dataclass(frozen=True)
class Run:
    """One folder: runs/EXPERIMENT/VARIANT/seedN."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def products(self) -> Path:
        """Where paintings and evaluations of it go: beside it, and not into the package."""
        folder = self.folder
        return runs_root() / "included" / folder.name if included.is_included(folder) else folder

    @property
    def samples(self) -> Path:
        return self.folder / "samples"

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def lock(self) -> Path:
        # Beside the folder, which --fresh moves away.
        return self.folder.with_name(f".{self.folder.name}.lock")

    def check_links(self) -> None:
        """Nothing is written through a link in a run folder, which may be somebody else's."""
        for name in OWN_FOLDERS:
            if (link := self.folder / name).is_symlink():
                advice = "nothing is written through it; a link may stand for the whole run folder"
                raise UserError(f"{link}: this is a link, and {advice}")

    def check_vocabulary(self) -> None:
        """Runs of version 0.1 have other names for keys, networks and optimizers."""
        if self.config.is_file() and "objective" in read_yaml(self.config).value:
            raise UserError(
                f"{self.folder}: this run was made by gan-style 0.1, whose keys had other names "
                "(CHANGELOG.md); paint with that version, or move the run aside with --fresh and train anew"
            )

    def summary(self) -> dict[str, Any]:
        """Where the file is damaged or lacks a key, as the newest checkpoint has it; that knows no status."""
        try:
            written = saved.read_facts(self.folder / SUMMARY)
        except (OSError, ValueError):
            written = {}
        return saved.recorded(self.checkpoints) | written

    def told(self) -> dict[str, Any]:
        """What decides how the run goes on: the checkpoints' word before that of summary.json."""
        try:
            saved.read_facts(self.folder / SUMMARY)
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as problem:
            damage = f"damaged ({first_complaint(problem)}); it is made anew from the checkpoints"
            warn(f"{self.folder / SUMMARY}: {damage}")
        return self.summary() | saved.recorded(self.checkpoints)

    def write_summary(self, summary: dict[str, Any]) -> None:
        disk.write(self.folder / SUMMARY, json.dumps(summary, indent=2) + "\n")

    def status(self) -> str:
        """As the summary has it; a run that says `running` while nobody holds its lock was killed."""
        status = str(self.summary().get("status", "unknown"))
        return "killed" if status == "running" and not self.is_held() else status

    def is_held(self) -> bool:
        return self.lock().is_file() and is_locked(self.lock())

    def is_finished(self, steps: int) -> bool:
        """As the summary says and an intact checkpoint shows."""
        if self.summary().get("status") != "finished":
            return False
        last = saved.newest(self.checkpoints)
        return last is not None and last.step == steps

    def has_checkpoint(self) -> bool:
        return bool(saved.in_order(self.checkpoints))

    def age(self) -> float:
        """Seconds since the run last wrote its summary or checkpoint."""
        written = [
            path.stat().st_mtime for path in (self.folder / SUMMARY, self.checkpoints) if path.exists()
        ]
        return time.time() - max(written, default=0)


@contextmanager
def claimed(run: Run, *, fresh: bool) -> Iterator[None]:
    """Hold a run folder for this process alone; `fresh` moves what is there aside first."""

    def refuse() -> None:
        raise UserError(f"{run.folder}: another process is working in this run folder")

    with exclusive(run.lock(), refuse):
        if fresh and run.folder.exists():
            aside = run.folder.with_name(f"{run.folder.name}.old-{time.strftime('%Y%m%d-%H%M%S')}")
            run.folder.rename(aside)
            say(f"moved the old run to {aside}")
        run.folder.mkdir(parents=True, exist_ok=True)
        run.check_links()
        yield


def settle_config(run: Run, config: dict[str, Any]) -> None:
    """Write the resolved config; where a run has begun, stop unless what is learned is the same."""
    if lines := difference(run, config):
        raise UserError(
            "\n".join([f"{run.folder}: this run was started with another configuration", *lines])
            + "\nuse --fresh to move it aside, or --name for a folder of its own"
        )
    if run.config.exists() and run.has_checkpoint() and written(run) != learned_part(config):
        warn(f"{run.config}: damaged; it is written anew, as the checkpoints know what was learned")
    disk.write(run.config, _yaml(config))


def difference(run: Run, config: dict[str, Any]) -> list[str]:
    """Between what a run that has begun learns and what this config says, line by line."""
    # Without a checkpoint nothing was learned yet that another config could contradict.
    if not run.has_checkpoint():
        run.check_vocabulary()
        return []
    known, new = saved.recorded(run.checkpoints).get("config_sha256"), learned_part(config)
    if known == digest(new):
        return []
    run.check_vocabulary()
    old = written(run)
    if old is None or (known and old == new):
        # Checkpoints of before they knew their config belong to whatever config.yaml says.
        return ["its checkpoints are of a recipe that config.yaml does not hold any more"] if known else []
    return list(
        difflib.unified_diff(
            _yaml(old).splitlines(), _yaml(new).splitlines(), str(run.config), "now", lineterm="", n=1
        )
    )


def written(run: Run) -> dict[str, Any] | None:
    """What config.yaml says is learned, or nothing where it cannot be read."""
    try:
        return learned_part(read_yaml(run.config).plain())
    except UserError:
        return None


def learned_part(config: dict[str, Any]) -> dict[str, Any]:
    """What ends a run, and how its batches are shared and kept, changes nothing of what it learned."""
    part = {key: config.get(key) for key in LEARNED}
    if isinstance(train := part["train"], dict):
        part["train"] = {key: value for key, value in train.items() if key not in UNLEARNED}
    return part


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)


def all_runs(root: Path) -> list[Run]:
    """Every run folder, newest first."""
    found = [Run(config.parent) for config in root.glob("*/*/seed*/config.yaml")]
    return sorted(found, key=Run.age)


def newest_run(root: Path, experiment: str, variant: str, seed: int | None) -> Run:
    """The newest run of a variant, overridden and named ones included, that has a checkpoint."""
    for run in all_runs(root):
        summary = run.summary()
        wanted = summary.get("experiment") == experiment and summary.get("variant") == variant
        if (
            wanted
            and ".old-" not in run.folder.name
            and seed in (None, summary.get("seed"))
            and run.has_checkpoint()
        ):
            return run
    raise NoRun(
        f"{root} holds no run of '{experiment}' ({variant}) with a checkpoint; "
        f"train one: make train EXP={experiment}"
    )
