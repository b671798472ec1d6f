"""Run folders: where they are, whose they are, and what became of them. Needs no TensorFlow."""

import difflib
import fcntl
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gan_style.config.located import read_yaml
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.progress import say

# The parts of a config that decide what a run learns. The rest may change when it is resumed.
LEARNED = ("data", "method", "train")


def runs_root(named: str | None = None) -> Path:
    """--runs, or GAN_STYLE_RUNS, or ./runs."""
    return Path(named or os.environ.get("GAN_STYLE_RUNS") or "runs").expanduser()


@dataclass(frozen=True)
class Run:
    """One folder: runs/EXPERIMENT/VARIANT/seedN."""

    folder: Path

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def samples(self) -> Path:
        return self.folder / "samples"

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def lock(self) -> Path:
        # Beside the folder, which --fresh moves away.
        return self.folder.with_name(f".{self.folder.name}.lock")

    def check_vocabulary(self) -> None:
        """Runs of version 0.1 have other names for keys, networks and optimizers."""
        if self.config.is_file() and "objective" in read_yaml(self.config).value:
            raise UserError(
                f"{self.folder}: this run was made by gan-style 0.1, whose keys had other names "
                "(CHANGELOG.md); paint with that version, or move the run aside with --fresh and train anew"
            )

    def summary(self) -> dict[str, Any]:
        path = self.folder / "summary.json"
        try:
            summary: dict[str, Any] = json.loads(path.read_text())
            return summary
        except (OSError, ValueError):
            return {}

    def write_summary(self, summary: dict[str, Any]) -> None:
        partial = self.folder / ".summary.partial"
        partial.write_text(json.dumps(summary, indent=2) + "\n")
        partial.replace(self.folder / "summary.json")

    def status(self) -> str:
        """As the summary has it; a run that says `running` while nobody holds its lock was killed."""
        status = str(self.summary().get("status", "unknown"))
        return "killed" if status == "running" and not self.is_held() else status

    def is_held(self) -> bool:
        if not self.lock().exists():
            return False
        with self.lock().open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def has_checkpoint(self) -> bool:
        return any(self.checkpoints.glob("step-*"))

    def age(self) -> float:
        """Seconds since the run last wrote its summary or checkpoint."""
        written = [
            path.stat().st_mtime for path in (self.folder / "summary.json", self.checkpoints) if path.exists()
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
        yield


def settle_config(run: Run, config: dict[str, Any]) -> None:
    """Write the resolved config; where a run has begun, stop unless what is learned is the same."""
    if lines := difference(run, config):
        raise UserError(
            "\n".join([f"{run.folder}: this run was started with another configuration", *lines])
            + "\nuse --fresh to move it aside, or --name for a folder of its own"
        )
    partial = run.folder / ".config.partial"
    partial.write_text(_yaml(config))
    partial.replace(run.config)


def difference(run: Run, config: dict[str, Any]) -> list[str]:
    """Between what a run that has begun learns and what this config says, line by line."""
    run.check_vocabulary()
    # Without a checkpoint nothing was learned yet that another config could contradict.
    if not (run.config.exists() and run.has_checkpoint()):
        return []
    old, new = ({key: some.get(key) for key in LEARNED} for some in (read_yaml(run.config).plain(), config))
    if old == new:
        return []
    return list(
        difflib.unified_diff(
            _yaml(old).splitlines(), _yaml(new).splitlines(), str(run.config), "now", lineterm="", n=1
        )
    )


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
    raise UserError(
        f"{root} holds no run of '{experiment}' ({variant}) with a checkpoint; "
        f"train one: make train EXP={experiment}"
    )


def git_commit() -> str | None:
    """The commit of the code, marked where the working tree differs from it."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=here, capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.SubprocessError):
        return None
