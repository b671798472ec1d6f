"""Pairs as pix2pix's sets have them: the halves A and B side by side in each file of train, val and test."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gan_style.data.batches import Batches, check_pairs
from gan_style.data.held_out import MOST_OTHERS, HeldOut, from_manifest, original_by
from gan_style.data.kind import Batching, DataKind, Loading
from gan_style.data.manifest import Half, Manifest, PictureStore
from gan_style.data.published import manifest_of
from gan_style.data.splits import Part, Split

HALVES: dict[str, Half] = {"A": "left", "B": "right"}


class Aligned(Batching, Loading, DataKind):
    """Without val, a tenth of train validates."""

    kind: Literal["aligned"]
    folder: Annotated[str, Field(description="where the set is, such as data/facades")]
    direction: Annotated[
        Literal["AtoB", "BtoA"], Field(description="which side is the source and which the target")
    ]
    pairing: Literal["paired"] = "paired"

    def train(self, seed: int, store: PictureStore) -> Batches:
        return self.batches(self.sides("train", store), self.pairing, seed)

    def held_out(self, part: Split, store: PictureStore, originals: str | None = None) -> list[HeldOut]:
        original, sides = original_by(originals), self.sides(part, store)
        check_pairs(*sides)
        source, target = (from_manifest(manifest, original) for manifest in sides)
        others = from_manifest(self.sides("train", store)[1], original, MOST_OTHERS)
        return [HeldOut("", source, target, others, paired=True)]

    def sides(self, part: Part, store: PictureStore) -> list[Manifest]:
        """Source and target of one split."""
        root = Path(self.folder).expanduser()

        def side(half: Half) -> Manifest:
            return manifest_of(root, part, ("",), lambda name: self.read(store, root / name, self.crop, half))

        return [side(HALVES[domain]) for domain in self.direction.split("to")]

    def describe(self) -> str:
        return f"pictures of {self.folder}, {self.direction}, {self.pairing}"
