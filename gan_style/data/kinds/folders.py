"""One's own pictures: a folder of photographs and a folder of paintings."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gan_style.config.places import Place
from gan_style.data.batches import Batches, Pairing
from gan_style.data.gather import of_sides
from gan_style.data.held_out import HeldOut
from gan_style.data.kind import Batching, DataKind, Loading
from gan_style.data.manifest import Manifest, PictureStore
from gan_style.data.splits import Part, Split, fold, split


class Folders(Batching, Loading, DataKind):
    """A tenth of the originals each is kept for validation and test, chosen by the files' content."""

    kind: Literal["folders"]
    source: Annotated[str, Field(description="folder of photographs"), Place("folder")]
    target: Annotated[str, Field(description="folder of pictures in the style to learn"), Place("folder")]
    pairing: Pairing = "unpaired"
    hold_out_targets: Annotated[
        bool, Field(description="false: all paintings train, for a handful of them, and are compared with")
    ] = True
    folds: Annotated[
        int | None, Field(ge=3, le=100, description="cross-validation: parts of each folder")
    ] = None
    fold: Annotated[
        int | None, Field(ge=0, description="the part that tests, from 0; the next one validates")
    ] = None

    @model_validator(mode="after")
    def one_of_the_folds(self) -> Self:
        if (self.folds is None) != (self.fold is None):
            raise ValueError("folds and fold belong together; give both or neither")
        if self.folds is not None and self.fold is not None and self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} is none of the {self.folds} folds, which are counted from 0")
        return self

    @model_validator(mode="after")
    def some_targets_left_over(self) -> Self:
        if not self.hold_out_targets and (self.pairing == "paired" or self.folds is not None):
            raise ValueError("hold_out_targets: pairs and folds are split on both sides; leave it out")
        return self

    def train(self, seed: int, store: PictureStore) -> Batches:
        return self.batches(self.sides("train", store), self.pairing, seed)

    def held_out(self, part: Split, store: PictureStore) -> list[HeldOut]:
        tested, trained = self.sides(part, store), self.sides("train", store)
        return of_sides(tested, trained, self.pairing == "paired")

    def sides(self, part: Part, store: PictureStore) -> list[Manifest]:
        """Photographs and paintings of one split."""
        by_name = self.pairing == "paired"
        whole = [self.read(store, Path(side).expanduser(), self.crop) for side in (self.source, self.target)]
        if self.folds is not None and self.fold is not None:
            return [fold(manifest, part, by_name, self.folds, self.fold) for manifest in whole]
        source, target = whole
        kept = split(target, part, by_name) if self.hold_out_targets else target
        return [split(source, part, by_name), kept]

    def looked_over(self) -> dict[str, Path]:
        sides = {"photographs": self.source, "paintings": self.target}
        return {role: Path(side).expanduser() for role, side in sides.items()}

    def describe(self) -> str:
        folds = f", fold {self.fold} of {self.folds} tests" if self.folds else ""
        return f"pictures from {self.source} to {self.target}, {self.pairing}{folds}"
