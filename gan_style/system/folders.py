"""What lies below a folder."""

import os
from collections.abc import Iterator
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """Every file at any depth, in the order of paths; hidden files and folders are left out.

    Links are followed, also to folders, but into no folder twice: a link may lead back up.
    """
    return sorted(_files(folder, set()))


def _files(folder: Path, visited: set[tuple[int, int]]) -> Iterator[Path]:
    status = folder.stat()
    if (status.st_dev, status.st_ino) in visited:
        return
    visited.add((status.st_dev, status.st_ino))
    for entry in os.scandir(folder):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files(Path(entry.path), visited)
        elif entry.is_file():
            yield Path(entry.path)
