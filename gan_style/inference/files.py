"""Which pictures are meant by the files and folders of a command line."""

from collections.abc import Iterable
from pathlib import Path

from gan_style.inference.outputs import unpainted
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.folders import files_below
from gan_style.system.progress import say, warn


def find_pictures(inputs: Iterable[Path], *, own_paintings: bool = True) -> list[Path]:
    """Files as they are, folders searched for pictures, perhaps without those that `sample` painted."""
    found: dict[Path, None] = {}  # each once, in order
    for path in inputs:
        if path.is_dir():
            found |= dict.fromkeys(_searched(path, own_paintings))
        elif path.is_file():
            found[path] = None
        else:
            raise UserError(f"{path}: there is no such file or folder")
    return list(found)


def _searched(folder: Path, own_paintings: bool) -> list[Path]:
    files = files_below(folder)
    found = [file for file in files if file.suffix.lower() in images.SUFFIXES]
    if others := [file.name for file in files if file.suffix.lower() not in images.SUFFIXES]:
        left = f"left out {len(others)} files that are no pictures by their name"
        warn(f"{folder}: {left}, such as {others[0]}")
    if not found:
        raise UserError(f"{folder}: the folder holds no pictures")
    kept = found if own_paintings else unpainted(found)
    if not kept:
        raise UserError(
            f"{folder}: all pictures in it were painted by gan-style; to paint one again, name its file"
        )
    if len(kept) < len(found):
        say(f"{folder}: left out {len(found) - len(kept)} pictures that gan-style painted there")
    return kept
