"""Sets as they are published: one folder, whose subfolders are the splits, in two domains or in pairs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gan_style.config.places import Place
from gan_style.data.batches import Stream
from gan_style.data.gather import of_sides
from gan_style.data.held_out import HeldOut
from gan_style.data.kind import Batching, DataKind, Loading
from gan_style.data.manifest import Manifest, PictureStore
from gan_style.data.pixels import Half
from gan_style.data.splits import Part, Split, split
from gan_style.system.errors import UserError

FETCHED = "; `gan-style data list` shows the sets that can be fetched"


class Published(Batching, Loading):
    """Without a folder of their own, the validation pictures are a tenth of the training pictures."""

    folders: ClassVar[tuple[str, ...]]  # what the folders of each split end in

    pairing: Literal["unpaired", "paired", "single"]
    folder: Annotated[
        str, Field(description="where the set is, such as data/horse2zebra"), Place("folder", advice=FETCHED)
    ]
    direction: Annotated[
        Literal["AtoB", "BtoA"], Field(description="which side is the source and which the target")
    ]

    def train(self, seed: int, store: PictureStore) -> Stream:
        return self.batches(self.sides("train", store), self.pairing, seed)

    def held_out(self, part: Split, store: PictureStore) -> list[HeldOut]:
        tested, trained = self.sides(part, store), self.sides("train", store)
        return of_sides(tested, trained, self.pairing == "paired")

    def describe(self) -> str:
        return f"pictures of {self.folder}, {self.direction}, {self.pairing}"

    def sides(self, part: Part, store: PictureStore) -> list[Manifest]:
        """Source and target of one split."""
        root = Path(self.folder).expanduser()

        def of(domain: str) -> Callable[[str], Manifest]:
            return lambda split: self.read_side(store, root, split, domain)

        return [side(root, part, self.folders, of(domain)) for domain in self.direction.split("to")]

    def read_side(self, store: PictureStore, root: Path, split: str, domain: str) -> Manifest:
        return self.read(store, root / f"{split}{domain}", self.crop)


class Domains(Published, DataKind):
    """Two domains as CycleGAN's sets have them: trainA, trainB, testA and testB, perhaps valA and valB."""

    folders: ClassVar[tuple[str, ...]] = ("A", "B")

    kind: Literal["domains"]
    pairing: Literal["unpaired", "single"] = "unpaired"

    def looked_over(self) -> dict[str, Path]:
        return {f"domain {end}": Path(self.folder).expanduser() / f"train{end}" for end in self.folders}


class Aligned(Published, DataKind):
    """Pairs as pix2pix's sets have them: A and B side by side in each file of train, val and test."""

    folders: ClassVar[tuple[str, ...]] = ("",)

    kind: Literal["aligned"]
    pairing: Literal["paired"] = "paired"

    def read_side(self, store: PictureStore, root: Path, split: str, domain: str) -> Manifest:
        half: Half = "left" if domain == "A" else "right"
        return self.read(store, root / split, self.crop, half)


def side(root: Path, part: Part, endings: Sequence[str], read: Callable[[str], Manifest]) -> Manifest:
    """One side of one split. Only a missing `val` is taken out of `train`."""
    has_validation = all((root / f"val{ending}").is_dir() for ending in endings)
    expect(root, [f"{'test' if part == 'test' else 'train'}{ending}" for ending in endings])
    if part == "test" or (part == "val" and has_validation):
        return read(part)
    train = read("train")
    return train if has_validation else split(train, part, by_name=False, held_out=("val",))


def expect(root: Path, folders: Sequence[str]) -> None:
    if not root.is_dir():
        raise UserError(f"{root}: there is no such folder{FETCHED}")
    if missing := [folder for folder in folders if not (root / folder).is_dir()]:
        there = listed(sorted(path.name for path in root.iterdir() if path.is_dir()))
        expected = f"expected the folders {', '.join(folders)}"
        raise UserError(f"{root}: {expected}; {', '.join(missing)} is missing, there is: {there}")


def listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") or "no folders"
