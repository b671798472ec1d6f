"""The layout of the published sets: one folder, whose subfolders are the splits."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gan_style.data.manifest import Manifest
from gan_style.data.splits import Part, split
from gan_style.system.errors import UserError


def manifest_of(root: Path, part: Part, domains: Sequence[str], read: Callable[[str], Manifest]) -> Manifest:
    """One side of one split. `domains`: what the folders of each split end in; `read` takes a split's name.

    Only a missing `val` is taken out of `train`.
    """
    has_validation = all((root / f"val{domain}").is_dir() for domain in domains)
    expect(root, [f"{'test' if part == 'test' else 'train'}{domain}" for domain in domains])
    if part == "test" or (part == "val" and has_validation):
        return read(part)
    train = read("train")
    return train if has_validation else split(train, part, by_name=False, held_out=("val",))


def expect(root: Path, folders: Sequence[str]) -> None:
    if not root.is_dir():
        advice = "`gan-style data list` shows the sets that can be fetched"
        raise UserError(f"{root}: there is no such folder; {advice}")
    if missing := [folder for folder in folders if not (root / folder).is_dir()]:
        there = listed(sorted(path.name for path in root.iterdir() if path.is_dir()))
        expected = f"expected the folders {', '.join(folders)}"
        raise UserError(f"{root}: {expected}; {', '.join(missing)} is missing, there is: {there}")


def listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") or "no folders"
