"""Photographs on one side, and paintings in several styles on the other."""

from pathlib import Path
from typing import Annotated, Literal, Self, cast

from pydantic import Field, model_validator

from gan_style.data.batches import Batches
from gan_style.data.held_out import MOST_OTHERS, HeldOut, from_manifest, original_by
from gan_style.data.kind import Batching, DataKind
from gan_style.data.kinds.paintbox import CUT, embedded
from gan_style.data.manifest import Manifest, PictureStore
from gan_style.data.paintbox.painters import EMBEDDED, Painter, check_painters
from gan_style.data.paintbox.prepare import PaintboxSettings, prepare
from gan_style.data.splits import Part, Split, split


class Gallery(Batching, DataKind):
    """Each style is a painter of the paintbox or a folder of one's own."""

    kind: Literal["gallery"]
    styles: Annotated[
        dict[str, str],
        Field(min_length=2, description="name: folder; or name: paintbox, where the name is a painter's"),
    ]
    source: Annotated[str, Field(description="folder of photographs, or paintbox")] = EMBEDDED
    scenes: Annotated[int, Field(ge=1, le=9999, description="as for kind: paintbox")] = 96
    photo_crops: Annotated[int, Field(ge=1, le=999, description="as for kind: paintbox")] = 8
    pairing: Literal["unpaired"] = "unpaired"

    @model_validator(mode="after")
    def painters_exist(self) -> Self:
        check_painters(self.styles)
        return self

    def style_names(self) -> tuple[str, ...]:
        return tuple(self.styles)

    def train(self, seed: int, store: PictureStore) -> Batches:
        return self.batches(self.manifests("train", store), self.pairing, seed)

    def held_out(self, part: Split, store: PictureStore, originals: str | None = None) -> list[HeldOut]:
        """Counterparts count only where every style has them: figures with and without have no mean."""
        if {self.source, *self.styles.values()} == {EMBEDDED}:
            return [embedded(name, self.settings(name), part, store) for name in self.styles]
        places = (self.source, *self.styles.values())
        by = [original_by(CUT if place == EMBEDDED else originals) for place in places]
        pictures = map(from_manifest, self.manifests(part, store), by)
        source, *targets = pictures
        train = self.manifests("train", store)[1:]
        others = (from_manifest(*two, MOST_OTHERS) for two in zip(train, by[1:], strict=True))
        rows = zip(self.styles, targets, others, strict=True)
        return [HeldOut(style, source, target, other, paired=False) for style, target, other in rows]

    def manifests(self, part: Part, store: PictureStore) -> list[Manifest]:
        """The photographs, then the paintings of each style."""
        # Whoever paints them, the embedded photographs are the same.
        host = next((name for name, place in self.styles.items() if place == EMBEDDED), "oil")
        sides = [(host, self.source, "source"), *((*style, "target") for style in self.styles.items())]
        found = []
        for name, place, side in sides:
            if place == EMBEDDED:
                folder = prepare(self.settings(name), store.cache) / part / side
                found.append(store.survey(folder, minimum=self.crop))
            else:
                whole = store.survey(Path(place).expanduser(), minimum=self.crop)
                found.append(split(whole, part, by_name=False))
        return found

    def settings(self, painter: str) -> PaintboxSettings:
        return PaintboxSettings(cast(Painter, painter), self.scenes, self.photo_crops)

    def describe(self) -> str:
        styles = ", ".join(f"{name} from {place}" for name, place in self.styles.items())
        return f"photographs from {self.source}; styles: {styles}"
