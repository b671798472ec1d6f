"""The doctor for data: which pictures, and which differences between domains, would spoil a training."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from gan_style.data.doctor.findings import Domain, findings
from gan_style.data.doctor.picture import examined
from gan_style.data.kept import into_cache, listing
from gan_style.data.manifest import cache_folder
from gan_style.system.errors import UserError
from gan_style.system.folders import files_below
from gan_style.system.locks import exclusive
from gan_style.system.progress import say, track, warn

SPLITS = ("train", "val", "test")
# Of a published layout, what each folder holds.
LAYOUT = {f"{split}{letter}": (f"domain {letter}", split) for split in SPLITS for letter in "AB"}


def domains(paths: Sequence[Path]) -> list[Domain]:
    """Of a folder with trainA, trainB and the like; or of photographs, and after them of paintings."""
    if len(paths) == 1 and (inside := published(paths[0])):
        return inside
    # With several styles each is called as its folder.
    roles = ["photographs", *(["paintings"] if len(paths) == 2 else [path.name for path in paths[1:]])]
    return [examine(path, role) for path, role in zip(paths, roles, strict=True)]


def published(root: Path) -> list[Domain]:
    return [examine(root / name, *told) for name, told in LAYOUT.items() if (root / name).is_dir()]


def examine(folder: Path, role: str, split: str = "train") -> Domain:
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder")
    names = [path.relative_to(folder).as_posix() for path in files_below(folder)]
    if not names:
        raise UserError(f"{folder}: the folder holds no files")
    notes = cache_folder() / "doctor"
    busy = partial(say, f"waiting for another run that is looking at {folder}")
    with into_cache(notes), exclusive(notes / ".lock", busy):
        tracked = track(names, len(names), f"looking at {folder}")
        facts = tuple(examined(folder / name, name, notes) for name in tracked)
    return Domain(role, str(folder), facts, split)


def warn_before_training(folders: Mapping[str, Path]) -> None:
    """The doctor's findings in a few lines; whoever trains all the same is not held back."""
    found = findings([examine(path, role) for role, path in folders.items() if path.is_dir()])
    for one in found:
        if one.weight != "note":
            count = f"{len(one.names)} " if one.names else ""
            names = f" ({listing(one.names)})" if one.names else ""
            warn(f"{one.where}: {count}{one.what}{names}; {one.advice}")
    if found:
        say(f"more of this with   gan-style doctor {' '.join(map(str, folders.values()))}")
