"""Which pictures train, validate and test. All cuts of an original go together.

An original of one file is drawn by the file's content, or, to keep pairs together, by its name; one of
several files by its own name.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

from gan_style.data.manifest import Manifest
from gan_style.data.pixels import Entry
from gan_style.data.twins import warn_of_twins
from gan_style.system.errors import UserError

Part = Literal["train", "val", "test"]
Split = Literal["val", "test"]
HELD_OUT = 10  # of about 10 originals, one validates and, where no test pictures are published, one tests


def split(
    manifest: Manifest, part: Part, by_name: bool, held_out: Sequence[Part] = ("val", "test")
) -> Manifest:
    """The files of one split: by content, so that adding or renaming files moves none; pairs by name."""
    lots = draw(manifest, by_name)
    if len(lots) <= len(held_out):
        purpose = "train, validate and test" if "test" in held_out else "train and validate"
        raise UserError(f"{counted(manifest, lots)} too few to {purpose} on")
    places = dict(enumerate(held_out))
    parts: dict[str, Part] = {original: places.get(lot % HELD_OUT, "train") for original, lot in lots.items()}
    if len(set(parts.values())) <= len(held_out):  # a small folder, where chance left a split empty
        parts = {**dict.fromkeys(lots, "train"), **dict(zip(ranked(lots), held_out, strict=False))}
    return chosen(manifest, parts, part)


def fold(manifest: Manifest, part: Part, by_name: bool, folds: int, number: int) -> Manifest:
    """One split of a cross-validation: fold `number` tests, the next one validates, the others train."""
    lots = draw(manifest, by_name)
    if len(lots) < folds:
        raise UserError(f"{counted(manifest, lots)} too few for {folds} folds")
    places = {original: lot % folds for original, lot in lots.items()}
    if len(set(places.values())) < folds:  # a small folder, where chance left a fold empty
        places = {original: rank % folds for rank, original in enumerate(ranked(lots))}
    held_out: dict[int, Part] = {number: "test", (number + 1) % folds: "val"}
    return chosen(manifest, {name: held_out.get(place, "train") for name, place in places.items()}, part)


def draw(manifest: Manifest, by_name: bool) -> dict[str, int]:
    """The lot of each original: the same whatever other originals there are."""
    files: dict[str, list[Entry]] = {}
    for entry, original in zip(manifest.entries, manifest.originals, strict=True):
        files.setdefault(original, []).append(entry)
    return {original: lot(original, entries, by_name) for original, entries in files.items()}


def lot(original: str, entries: Sequence[Entry], by_name: bool) -> int:
    if len(entries) == 1 and not by_name:
        return int(entries[0].sha256[:12], 16)
    name = entries[0].stem if len(entries) == 1 else original
    return int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)


def ranked(lots: Mapping[str, int]) -> list[str]:
    return sorted(lots, key=lambda original: lots[original])


def counted(manifest: Manifest, lots: Mapping[str, int]) -> str:
    count, cut = len(manifest), len(lots) < len(manifest)
    return f"{manifest.folder}: {count} usable pictures{f', cut from {len(lots)},' if cut else ''} are"


def chosen(manifest: Manifest, parts: Mapping[str, Part], part: Part) -> Manifest:
    places = [parts[original] for original in manifest.originals]
    trained, held_out = (
        manifest.only([i for i, place in enumerate(places) if (place == "train") is wanted])
        for wanted in (True, False)
    )
    warn_of_twins(trained, held_out)
    return manifest.only([i for i, place in enumerate(places) if place == part])
