"""What every kind of data answers; the kinds themselves are in kinds/, one a file."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from gan_style.config.bounds import AtMost
from gan_style.config.model import Config
from gan_style.data.augment import Augment
from gan_style.data.batches import Batches, Pairing, Stream
from gan_style.data.held_out import HeldOut, Validation, validation_of
from gan_style.data.manifest import Manifest, PictureStore
from gan_style.data.originals import checked
from gan_style.data.pixels import Half
from gan_style.data.splits import Split
from gan_style.data.subject import Subject

LARGEST = AtMost(8192, "pixels: every picture is kept at this size in the cache")


class DataKind(Config):
    """Where pictures come from: the keys in the YAML, the training pictures, and those held out."""

    one_picture: ClassVar[bool] = False  # that is worked on, instead of many that a network learns from

    kind: str
    pairing: Pairing

    @abstractmethod
    def side(self) -> int:
        """Of the pictures in a training step, in pixels."""

    @abstractmethod
    def batch_size(self) -> int:
        """Pictures of each domain in a training step."""

    @abstractmethod
    def train(self, seed: int, store: PictureStore) -> Stream:
        """The endless stream of training batches."""

    @abstractmethod
    def held_out(self, part: Split, store: PictureStore) -> list[HeldOut]:
        """What is tested with, one for each style."""

    @abstractmethod
    def describe(self) -> str:
        """One line for `gan-style check`."""

    def drawn(self, part: Split, store: PictureStore) -> list[HeldOut]:
        """Drawn scenes that are never trained on, and their true paintings, one for each style; if any."""
        return []

    def validation(self, store: PictureStore) -> Validation:
        """The few squares that a training is watched by."""
        return validation_of(self.held_out("val", store), self.drawn("val", store))

    def photographs(self, store: PictureStore) -> list[Path]:
        """What `gan-style sample` paints where no pictures are named: the embedded test photographs."""
        return sorted(store.prepare_photographs().glob("*.png"))

    def looked_over(self) -> dict[str, Path]:
        """The folders of one's own that the doctor looks over before a training, by what they hold."""
        return {}

    def style_names(self) -> tuple[str, ...]:
        """The styles that the pictures have by name; a single one needs none."""
        return ()

    def subject(self, store: PictureStore) -> Subject | None:
        """The picture that is worked on, where there is only one."""
        return None


class Batching(Config):
    """How batches are cut from the training pictures."""

    crop: Annotated[
        int,
        Field(ge=16, multiple_of=4, description="side of training pictures in pixels"),
        AtMost(2048, "pixels: a step keeps every layer's features at this size"),
    ]
    batch: Annotated[
        int, Field(ge=1), AtMost(4096, "pictures in a step: it would take minutes, and all of the memory")
    ] = 1
    augment: Annotated[Augment, Field(description="of source pictures, or of both if paired")] = Augment()
    target_augment: Annotated[Augment, Field(description="of target pictures, unless paired")] = Augment()

    def side(self) -> int:
        return self.crop

    def batch_size(self) -> int:
        return self.batch

    def batches(self, manifests: Sequence[Manifest], pairing: Pairing, seed: int) -> Batches:
        return Batches(
            manifests,
            pairing,
            crop=self.crop,
            batch=self.batch,
            augment=self.augment,
            target_augment=self.target_augment,
            seed=seed,
        )


class Originals(Config):
    """What the files in one's own folders were cut from."""

    originals: Annotated[
        str | None,
        Field(
            description="pattern for names of files: group 1 is what a file was cut from, as (.+?)__; "
            "default: guessed",
            # Where nobody says anything, a recipe is what it was before there was this key.
            exclude_if=lambda pattern: pattern is None,
        ),
    ] = None

    @field_validator("originals")
    @classmethod
    def is_a_pattern(cls, pattern: str | None) -> str | None:
        return pattern if pattern is None else checked(pattern)


class Loading(Originals):
    """The size that pictures in folders are brought to when they are first read."""

    short_side: Annotated[
        int | None, Field(ge=16, description="scale pictures to this shorter side first"), LARGEST
    ] = None
    load_size: Annotated[
        int | None,
        Field(ge=16, description="squash pictures to squares of this side first, as published"),
        LARGEST,
    ] = None

    @model_validator(mode="after")
    def one_size(self) -> Self:
        if self.load_size is not None and self.short_side is not None:
            raise ValueError("short_side keeps the proportions and load_size does not; give one of them")
        crop = getattr(self, "crop", 0)
        if self.load_size is not None and self.load_size < crop:
            raise ValueError(
                f"load_size {self.load_size} is smaller than crop {crop}; "
                "crops are cut from pictures of load_size"
            )
        return self

    def read(self, store: PictureStore, folder: Path, crop: int, half: Half | None = None) -> Manifest:
        sizes = {"minimum": crop, "short_side": self.short_side, "load_size": self.load_size}
        return store.survey(folder, **sizes, half=half, pattern=self.originals)
