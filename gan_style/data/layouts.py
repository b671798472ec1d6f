"""Where the pictures of each split lie on disk: own folders, the published sets' trainA/trainB, or pairs side by side."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache as remembered
from functools import partial
from pathlib import Path
from typing import Literal

from gan_style.data.config import Aligned, Domains, Folders, OnDisk
from gan_style.data.manifest import Entry, Half, Manifest, survey
from gan_style.errors import UserError

Part = Literal["train", "val", "test"]
HELD_OUT = 10  # of about 10 files, one validates and, where no test pictures are published, one tests
HALVES: dict[str, Half] = {"A": "left", "B": "right"}


def read(config: OnDisk, parts: Sequence[Part], cache: Path) -> list[list[Manifest]]:
    """Source and target of each part asked for; every folder is read once."""
    look = remembered(partial(survey, cache=cache, minimum=config.crop, short_side=config.short_side, load_size=config.load_size))
    if isinstance(config, Folders):
        whole = [look(Path(side).expanduser()) for side in (config.source, config.target)]
        by_name = config.pairing == "paired"
        if config.folds is not None and config.fold is not None:
            return [[fold(manifest, part, by_name, config.folds, config.fold) for manifest in whole] for part in parts]
        return [[split(manifest, part, by_name) for manifest in whole] for part in parts]
    return [[_published(config, part, side, look) for side in config.direction.split("to")] for part in parts]


def _published(config: Domains | Aligned, part: Part, side: str, look: Callable[..., Manifest]) -> Manifest:
    """One side of one split of a set that has a folder for each split; only a missing `val` is taken out of `train`."""
    root = Path(config.folder).expanduser()
    suffixes, half = (("",), HALVES[side]) if isinstance(config, Aligned) else (("A", "B"), None)
    own = side if half is None else ""
    has_validation = all((root / f"val{suffix}").is_dir() for suffix in suffixes)
    _expect(root, [f"{'test' if part == 'test' else 'train'}{suffix}" for suffix in suffixes])
    if part == "test" or (part == "val" and has_validation):
        return look(root / f"{part}{own}", half=half)
    train = look(root / f"train{own}", half=half)
    return train if has_validation else split(train, part, by_name=False, held_out=("val",))


def _expect(root: Path, folders: Sequence[str]) -> None:
    if not root.is_dir():
        raise UserError(f"{root}: there is no such folder; `gan-style data list` shows the sets that can be fetched")
    missing = [folder for folder in folders if not (root / folder).is_dir()]
    if missing:
        there = _listed(sorted(path.name for path in root.iterdir() if path.is_dir()))
        raise UserError(f"{root}: expected the folders {', '.join(folders)}; {', '.join(missing)} is missing, there is: {there}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") or "no folders"


def split(manifest: Manifest, part: Part, by_name: bool, held_out: Sequence[Part] = ("val", "test")) -> Manifest:
    """The files of one split: by content, so that adding or renaming files moves none; pairs by name, to stay together."""
    if len(manifest) <= len(held_out):
        purpose = "train, validate and test" if "test" in held_out else "train and validate"
        raise UserError(f"{manifest.folder}: {len(manifest)} usable pictures are too few to {purpose} on")
    draws = [draw(entry, by_name) for entry in manifest.entries]
    lots = dict(enumerate(held_out))
    parts = [lots.get(number % HELD_OUT, "train") for number in draws]
    if len(set(parts)) <= len(held_out):  # a small folder, where chance left a split empty
        ranked = sorted(range(len(draws)), key=lambda index: draws[index])
        parts = ["train"] * len(draws)
        for index, held in zip(ranked, held_out, strict=False):
            parts[index] = held
    return chosen(manifest, [index for index, other in enumerate(parts) if other == part])


def fold(manifest: Manifest, part: Part, by_name: bool, folds: int, number: int) -> Manifest:
    """The files of one split of a cross-validation: fold `number` tests, the next one validates, the others train."""
    if len(manifest) < folds:
        raise UserError(f"{manifest.folder}: {len(manifest)} usable pictures are too few for {folds} folds")
    draws = [draw(entry, by_name) for entry in manifest.entries]
    places = [lot % folds for lot in draws]
    if len(set(places)) < folds:  # a small folder, where chance left a fold empty
        ranked = sorted(range(len(draws)), key=lambda index: draws[index])
        for rank, index in enumerate(ranked):
            places[index] = rank % folds
    held_out: dict[int, Part] = {number: "test", (number + 1) % folds: "val"}
    return chosen(manifest, [index for index, place in enumerate(places) if held_out.get(place, "train") == part])


def draw(entry: Entry, by_name: bool) -> int:
    """A file's lot: the same whatever other files there are."""
    key = hashlib.sha256(entry.name.rsplit(".", 1)[0].encode()).hexdigest() if by_name else entry.sha256
    return int(key[:12], 16)


def chosen(manifest: Manifest, indices: Sequence[int]) -> Manifest:
    return Manifest(manifest.folder, tuple(manifest.entries[i] for i in indices), tuple(manifest.pixels[i] for i in indices))
