"""Which pictures a run learns from, and how its batches are cut from them."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.data.augment import Augment
from gan_style.data.batches import Pairing
from gan_style.paintbox.painters import Painter
from gan_style.paintbox.photographs import PHOTOGRAPHS
from gan_style.paintbox.prepare import PaintboxSettings


class _Batching(Config):
    crop: Annotated[int, Field(ge=16, le=2048, multiple_of=4, description="side of the training pictures in pixels")]
    batch: Annotated[int, Field(ge=1)] = 1
    augment: Annotated[Augment, Field(description="of source pictures; of both where they are paired")] = Augment()
    target_augment: Annotated[Augment, Field(description="of target pictures, unless they are paired")] = Augment()


class Paintbox(_Batching):
    """The embedded pictures; nothing is downloaded."""

    kind: Literal["paintbox"]
    painter: Painter
    scenes: Annotated[int, Field(ge=1, le=9999, description="drawn scenes in each domain, beside the real photographs")] = 96
    cuts: Annotated[int, Field(ge=1, le=999, description="of each training photograph, in each domain")] = 8
    pairing: Annotated[Pairing, Field(description="paired: each painting is of a source picture; for oracles")] = "unpaired"

    def settings(self) -> PaintboxSettings:
        return PaintboxSettings(self.painter, self.scenes, self.cuts, paired=self.pairing == "paired")


EMBEDDED = "paintbox"


class Gallery(_Batching):
    """Several styles at once, each a painter of the paintbox or a folder of one's own."""

    kind: Literal["gallery"]
    styles: Annotated[dict[str, str], Field(min_length=2, description="name: folder; or name: paintbox, where the name is a painter's")]
    source: Annotated[str, Field(description="folder of photographs, or paintbox")] = EMBEDDED
    scenes: Annotated[int, Field(ge=1, le=9999, description="as for kind: paintbox")] = 96
    cuts: Annotated[int, Field(ge=1, le=999, description="as for kind: paintbox")] = 8
    pairing: Literal["unpaired"] = "unpaired"

    @model_validator(mode="after")
    def painters_exist(self) -> Self:
        check_painters(self.styles)
        return self

    def all_embedded(self) -> bool:
        return {self.source, *self.styles.values()} == {EMBEDDED}


def _is_none(value: object) -> bool:
    return value is None


class _OnDisk(_Batching):
    """Pictures in folders, and the size they are brought to when they are first read."""

    short_side: Annotated[int | None, Field(ge=16, description="scale pictures to this shorter side first")] = None
    load_size: Annotated[int | None, Field(ge=16, description="squash pictures to squares of this side first, as published")] = None

    @model_validator(mode="after")
    def one_size(self) -> Self:
        if self.load_size is not None and self.short_side is not None:
            raise ValueError("short_side keeps the proportions and load_size does not; give one of them")
        if self.load_size is not None and self.load_size < self.crop:
            raise ValueError(f"load_size {self.load_size} is smaller than crop {self.crop}; crops are cut from pictures of load_size")
        return self


class Folders(_OnDisk):
    """One's own pictures. A tenth each is kept for validation and test, chosen by the files' content."""

    kind: Literal["folders"]
    source: Annotated[str, Field(description="folder of photographs")]
    target: Annotated[str, Field(description="folder of pictures in the style to learn")]
    pairing: Pairing = "unpaired"
    # Left out where they are not used, so that runs from before they existed still know their config.
    folds: Annotated[int | None, Field(ge=3, le=100, exclude_if=_is_none, description="cross-validation: so many parts of each folder")] = (
        None
    )
    fold: Annotated[int | None, Field(ge=0, exclude_if=_is_none, description="the part that tests, from 0; the next one validates")] = None

    @model_validator(mode="after")
    def one_of_the_folds(self) -> Self:
        if (self.folds is None) != (self.fold is None):
            raise ValueError("folds and fold belong together; give both or neither")
        if self.folds is not None and self.fold is not None and self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} is none of the {self.folds} folds, which are counted from 0")
        return self


class _Classic(_OnDisk):
    """A set as it was published: one folder, whose subfolders are its splits."""

    folder: Annotated[str, Field(description="where the set is, such as data/horse2zebra")]
    direction: Annotated[Literal["AtoB", "BtoA"], Field(description="which side is the source and which the target")]


class Domains(_Classic):
    """Two domains in trainA, trainB, testA and testB; without valA and valB, a tenth of the training pictures validates."""

    kind: Literal["domains"]
    pairing: Literal["unpaired", "single"] = "unpaired"


class Aligned(_Classic):
    """Pairs, the halves A and B side by side in each file of train, val and test; without val, a tenth of train validates."""

    kind: Literal["aligned"]
    pairing: Literal["paired"] = "paired"


class Fixed(Config):
    """One picture that is worked on, and the pictures whose style it is to have."""

    kind: Literal["fixed"]
    content: Annotated[str, Field(description=f"a picture's file; or a bundled photograph: {', '.join(one.name for one in PHOTOGRAPHS)}")]
    size: Annotated[int, Field(ge=32, le=4096, description="longer side in pixels at which the picture is worked on")] = 256
    styles: dict[str, str] = Field({}, description="name: a picture's file; or name: paintbox, where the name is a painter's")
    style_masks: dict[str, str] = Field({}, description="name: a file of the style picture's size, white where its style counts")
    pairing: Literal["single"] = "single"

    @model_validator(mode="after")
    def painters_and_masked_styles_exist(self) -> Self:
        check_painters(self.styles)
        for name in self.style_masks:
            if name not in self.styles:
                raise ValueError(f"style_masks.{name}: there is no style of this name; there are: {', '.join(self.styles) or 'none'}")
        return self

    @property
    def crop(self) -> int:
        return self.size

    @property
    def batch(self) -> int:
        return 1


def check_painters(styles: Mapping[str, str]) -> None:
    for name, place in styles.items():
        if place == EMBEDDED and name not in get_args(Painter):
            raise ValueError(f"styles.{name}: the paintbox has no painter of this name, only {', '.join(get_args(Painter))}")


OnDisk = Folders | Domains | Aligned
DataConfig = Annotated[Paintbox | Gallery | OnDisk | Fixed, Field(discriminator="kind")]
