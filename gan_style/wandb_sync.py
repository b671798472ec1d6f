"""Bring runs that were logged offline to the W&B server, with W&B's own command."""

import subprocess
import sys
from pathlib import Path

from gan_style.errors import RunError, UserError
from gan_style.experiment import find
from gan_style.progress import say, warn
from gan_style.runs import Run, all_runs
from gan_style.tracking import why_not_online


def sync(root: Path, experiment: str | None, *, dry_run: bool) -> None:
    """Upload what is not uploaded yet; of one experiment, or of all."""
    name = find(experiment)[0] if experiment else None
    mine = [run for run in reversed(all_runs(root)) if name in (None, run.folder.relative_to(root).parts[0])]
    waiting = {run: files for run in mine if (files := offline_files(run))}
    # What W&B has once read to the end it takes for uploaded.
    for run in [run for run in waiting if run.is_held()]:
        warn(f"{run.folder}: it is training now; upload it when it has ended")
        del waiting[run]
    if not waiting:
        say(f"{root}: nothing of {name or 'any experiment'} waits to be uploaded")
        return
    for run, files in waiting.items():
        size = sum(file.stat().st_size for file in files) / 1e6
        say(f"{run.folder}: {len(files)} part{'s' if len(files) > 1 else ''}, {size:.1f} MB")
    if dry_run:
        return
    if obstacle := why_not_online():
        raise UserError(f"W&B: {obstacle}")
    failed = [run for run, files in waiting.items() if not _upload(files)]
    if failed:
        raise RunError(f"W&B: {len(failed)} of {len(waiting)} runs were not uploaded: {', '.join(str(run.folder) for run in failed)}")
    say(f"{len(waiting)} runs uploaded")


def offline_files(run: Run) -> list[Path]:
    """The files of a run that was logged offline, one for each time that it was started, but for those uploaded already."""
    files = sorted((run.folder / "wandb").glob("offline-run-*/*.wandb"))
    return [file for file in files if not file.with_name(f"{file.name}.synced").exists()]


def _upload(files: list[Path]) -> bool:
    """All parts of one run in one command, which puts them in their order."""
    command = [sys.executable, "-m", "wandb", "sync", "--yes", *(str(file.parent) for file in files)]
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0
