"""The embedded pictures: photographs, drawn scenes and painters that come with the code."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gan_style.data.batches import Batches, Pairing
from gan_style.data.gather import MOST_EXAMPLES, from_folder
from gan_style.data.held_out import HeldOut
from gan_style.data.kind import Batching, DataKind
from gan_style.data.manifest import PictureStore
from gan_style.data.paintbox.painters import Painter
from gan_style.data.paintbox.prepare import PaintboxSettings
from gan_style.data.splits import Split

CUT = r"(scene\d+|.+?)\d*$"  # the crops of a photograph are numbered; scenes, numbered too, stand alone


class Paintbox(Batching, DataKind):
    kind: Literal["paintbox"]
    painter: Painter
    scenes: Annotated[
        int, Field(ge=1, le=9999, description="drawn scenes in each domain, beside the real photographs")
    ] = 96
    photo_crops: Annotated[int, Field(ge=1, le=999, description="of each training photo, in each domain")] = 8
    pairing: Annotated[Pairing, Field(description="paired: paintings are of source pictures")] = "unpaired"

    def settings(self) -> PaintboxSettings:
        return PaintboxSettings(self.painter, self.scenes, self.photo_crops, paired=self.pairing == "paired")

    def train(self, seed: int, store: PictureStore) -> Batches:
        folder = store.prepare(self.settings()) / "train"
        manifests = [store.survey(folder / side, minimum=self.crop) for side in ("source", "target")]
        return self.batches(manifests, self.pairing, seed)

    def held_out(self, part: Split, store: PictureStore) -> list[HeldOut]:
        return [embedded(self.painter, self.settings(), part, store)]

    def drawn(self, part: Split, store: PictureStore) -> list[HeldOut]:
        return [scenes(self.painter, self.settings(), part, store)]

    def describe(self) -> str:
        return f"the embedded pictures, painter '{self.painter}', {self.pairing}"


def embedded(style: str, settings: PaintboxSettings, part: Split, store: PictureStore) -> HeldOut:
    """Photographs, their paintings, and second paintings of them by the same painter."""
    return counterparts(style, settings, store.prepare(settings) / part, store)


def scenes(style: str, settings: PaintboxSettings, part: Split, store: PictureStore) -> HeldOut:
    """The same of drawn scenes."""
    return counterparts(style, settings, store.prepare_scenes(settings.painter, part), store)


def counterparts(style: str, settings: PaintboxSettings, folder: Path, store: PictureStore) -> HeldOut:
    roles = (from_folder(folder / role, CUT) for role in ("source", "target", "second"))
    source, target, second = roles
    examples = from_folder(store.prepare(settings) / "train" / "target", CUT, MOST_EXAMPLES)
    return HeldOut(style, source, target, second, paired=True, second=second, examples=examples)
