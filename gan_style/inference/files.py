"""Which pictures are painted, and where the paintings go."""

from collections.abc import Iterable
from pathlib import Path

from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import warn


def find_pictures(inputs: Iterable[Path]) -> Iterable[Path]:
    """Files as they are, folders searched for pictures."""
    for path in inputs:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file() and file.name[0] != ".")
            found = [file for file in files if file.suffix.lower() in images.SUFFIXES]
            if others := [file.name for file in files if file.suffix.lower() not in images.SUFFIXES]:
                left = f"left out {len(others)} files that are no pictures by their name"
                warn(f"{path}: {left}, such as {others[0]}")
            if not found:
                raise UserError(f"{path}: the folder holds no pictures")
            yield from found
        elif path.is_file():
            yield path
        else:
            raise UserError(f"{path}: there is no such file or folder")


def destinations(files: list[Path], output: Path) -> list[tuple[Path, Path]]:
    """Where each picture goes: by its name, numbered where two pictures share one."""
    pairs, used = [], {"sheet"}
    for file in files:
        stem, number = file.stem, 2
        while stem in used:
            stem, number = f"{file.stem}-{number}", number + 1
        used.add(stem)
        pairs.append((file, output / f"{stem}{file.suffix}"))
    return pairs
