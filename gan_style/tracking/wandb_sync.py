"""Bring runs that were logged offline to the W&B server, with W&B's own command."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from gan_style.system.errors import RunError, UserError
from gan_style.system.progress import say, warn
from gan_style.tracking.wandb_server import why_not_online


def sync(runs: Mapping[Path, bool], *, dry_run: bool) -> None:
    """Upload what is not uploaded yet of these run folders; the value says whether a run is training now."""
    waiting = {folder: files for folder in runs if (files := offline_files(folder))}
    # What W&B has once read to the end it takes for uploaded.
    for folder in [folder for folder in waiting if runs[folder]]:
        warn(f"{folder}: it is training now; upload it when it has ended")
        del waiting[folder]
    if not waiting:
        say("nothing waits to be uploaded")
        return
    for folder, files in waiting.items():
        size = sum(file.stat().st_size for file in files) / 1e6
        say(f"{folder}: {len(files)} part{'s' if len(files) > 1 else ''}, {size:.1f} MB")
    if dry_run:
        return
    if obstacle := why_not_online():
        raise UserError(f"W&B: {obstacle}")
    if failed := [folder for folder, files in waiting.items() if not _upload(files)]:
        names = ", ".join(map(str, failed))
        raise RunError(f"W&B: {len(failed)} of {len(waiting)} runs were not uploaded: {names}")
    say(f"{len(waiting)} runs uploaded")


def offline_files(folder: Path) -> list[Path]:
    """The files of a run that was logged offline, one for each start, but for those uploaded already."""
    files = sorted((folder / "wandb").glob("offline-run-*/*.wandb"))
    return [file for file in files if not file.with_name(f"{file.name}.synced").exists()]


def _upload(files: list[Path]) -> bool:
    """All parts of one run in one command, which puts them in their order."""
    command = [sys.executable, "-m", "wandb", "sync", "--yes", *(str(file.parent) for file in files)]
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0
