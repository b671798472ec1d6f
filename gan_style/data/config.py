"""Which pictures a run learns from, and how its batches are cut from them."""

from typing import Annotated, Literal

from pydantic import Field

from gan_style.config import Config
from gan_style.data.augment import Augment
from gan_style.data.batches import Pairing
from gan_style.paintbox.painters import Painter
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


class Folders(_Batching):
    """One's own pictures. A tenth each is kept for validation and test, chosen by the files' content."""

    kind: Literal["folders"]
    source: Annotated[str, Field(description="folder of photographs")]
    target: Annotated[str, Field(description="folder of pictures in the style to learn")]
    pairing: Pairing = "unpaired"
    short_side: Annotated[int | None, Field(ge=16, description="scale pictures to this shorter side first")] = None


DataConfig = Annotated[Paintbox | Folders, Field(discriminator="kind")]
