"""Which pictures train, validate and test: by a file's content, or, to keep pairs together, by its name."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from gan_style.data.manifest import Entry, Manifest
from gan_style.system.errors import UserError

Part = Literal["train", "val", "test"]
Split = Literal["val", "test"]
HELD_OUT = 10  # of about 10 files, one validates and, where no test pictures are published, one tests


def split(
    manifest: Manifest, part: Part, by_name: bool, held_out: Sequence[Part] = ("val", "test")
) -> Manifest:
    """The files of one split: by content, so that adding or renaming files moves none; pairs by name."""
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
    """One split of a cross-validation: fold `number` tests, the next one validates, the others train."""
    if len(manifest) < folds:
        raise UserError(f"{manifest.folder}: {len(manifest)} usable pictures are too few for {folds} folds")
    draws = [draw(entry, by_name) for entry in manifest.entries]
    places = [lot % folds for lot in draws]
    if len(set(places)) < folds:  # a small folder, where chance left a fold empty
        ranked = sorted(range(len(draws)), key=lambda index: draws[index])
        for rank, index in enumerate(ranked):
            places[index] = rank % folds
    held_out: dict[int, Part] = {number: "test", (number + 1) % folds: "val"}
    parts = [held_out.get(place, "train") for place in places]
    return chosen(manifest, [index for index, other in enumerate(parts) if other == part])


def draw(entry: Entry, by_name: bool) -> int:
    """A file's lot: the same whatever other files there are."""
    key = hashlib.sha256(entry.name.rsplit(".", 1)[0].encode()).hexdigest() if by_name else entry.sha256
    return int(key[:12], 16)


def chosen(manifest: Manifest, indices: Sequence[int]) -> Manifest:
    return Manifest(
        manifest.folder,
        tuple(manifest.entries[i] for i in indices),
        tuple(manifest.pixels[i] for i in indices),
    )
