"""Two domains as CycleGAN's sets have them: trainA, trainB, testA and testB, perhaps valA and valB."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gan_style.data.batches import Batches
from gan_style.data.held_out import MOST_OTHERS, HeldOut, from_manifest, original_by
from gan_style.data.kind import Batching, DataKind, Loading
from gan_style.data.manifest import Manifest, PictureStore
from gan_style.data.published import manifest_of
from gan_style.data.splits import Part, Split


class Domains(Batching, Loading, DataKind):
    """Without valA and valB, a tenth of the training pictures validates."""

    kind: Literal["domains"]
    folder: Annotated[str, Field(description="where the set is, such as data/horse2zebra")]
    direction: Annotated[
        Literal["AtoB", "BtoA"], Field(description="which side is the source and which the target")
    ]
    pairing: Literal["unpaired", "single"] = "unpaired"

    def train(self, seed: int, store: PictureStore) -> Batches:
        return self.batches(self.sides("train", store), self.pairing, seed)

    def held_out(self, part: Split, store: PictureStore, originals: str | None = None) -> list[HeldOut]:
        original = original_by(originals)
        source, target = (from_manifest(manifest, original) for manifest in self.sides(part, store))
        others = from_manifest(self.sides("train", store)[1], original, MOST_OTHERS)
        return [HeldOut("", source, target, others, paired=False)]

    def sides(self, part: Part, store: PictureStore) -> list[Manifest]:
        """Source and target of one split."""
        root = Path(self.folder).expanduser()

        def side(domain: str) -> Manifest:
            def read(name: str) -> Manifest:
                return self.read(store, root / f"{name}{domain}", self.crop)

            return manifest_of(root, part, "AB", read)

        return [side(domain) for domain in self.direction.split("to")]

    def describe(self) -> str:
        return f"pictures of {self.folder}, {self.direction}, {self.pairing}"
