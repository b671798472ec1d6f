"""Photographs on one side, and paintings in several styles on the other."""

from pathlib import Path
from typing import Annotated, Literal, Self, cast

from pydantic import Field, model_validator

from gan_style.config.places import Place
from gan_style.data.batches import Batches
from gan_style.data.gather import from_manifest, of_style
from gan_style.data.held_out import HeldOut
from gan_style.data.kind import Batching, DataKind, Originals
from gan_style.data.kinds.paintbox import CUT, embedded, scenes
from gan_style.data.manifest import Manifest, PictureStore
from gan_style.data.paintbox.painters import EMBEDDED, Painter, check_painters
from gan_style.data.paintbox.prepare import PaintboxSettings
from gan_style.data.splits import Part, Split, split


class Gallery(Batching, Originals, DataKind):
    """Each style is a painter of the paintbox or a folder of one's own."""

    kind: Literal["gallery"]
    styles: Annotated[
        dict[str, str],
        Field(
            min_length=2,
            max_length=256,
            description="name: folder; or name: paintbox, where the name is a painter's",
        ),
        Place("folder", (EMBEDDED,)),
    ]
    source: Annotated[
        str, Field(description="folder of photographs, or paintbox"), Place("folder", (EMBEDDED,))
    ] = EMBEDDED
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

    def held_out(self, part: Split, store: PictureStore) -> list[HeldOut]:
        """Counterparts count only where every style has them: figures with and without have no mean."""
        if self.is_embedded():
            return [embedded(name, self.settings(name), part, store) for name in self.styles]
        source, *targets = map(from_manifest, self.manifests(part, store))
        rows = zip(self.styles, targets, self.manifests("train", store)[1:], strict=True)
        return [of_style(style, source, target, trained, False) for style, target, trained in rows]

    def drawn(self, part: Split, store: PictureStore) -> list[HeldOut]:
        names = self.styles if self.is_embedded() else ()
        return [scenes(name, self.settings(name), part, store) for name in names]

    def is_embedded(self) -> bool:
        """Whether nothing is the user's own."""
        return {self.source, *self.styles.values()} == {EMBEDDED}

    def manifests(self, part: Part, store: PictureStore) -> list[Manifest]:
        """The photographs, then the paintings of each style."""
        # Whoever paints them, the embedded photographs are the same.
        host = next((name for name, place in self.styles.items() if place == EMBEDDED), "oil")
        sides = [(host, self.source, "source"), *((*style, "target") for style in self.styles.items())]
        found = []
        for name, place, side in sides:
            if place == EMBEDDED:
                folder = store.prepare(self.settings(name)) / part / side
                found.append(store.survey(folder, minimum=self.crop, pattern=CUT))
            else:
                whole = store.survey(Path(place).expanduser(), minimum=self.crop, pattern=self.originals)
                found.append(split(whole, part, by_name=False))
        return found

    def settings(self, painter: str) -> PaintboxSettings:
        return PaintboxSettings(cast(Painter, painter), self.scenes, self.photo_crops)

    def looked_over(self) -> dict[str, Path]:
        places = {"photographs": self.source, **self.styles}
        return {role: Path(place).expanduser() for role, place in places.items() if place != EMBEDDED}

    def describe(self) -> str:
        styles = ", ".join(f"{name} from {place}" for name, place in self.styles.items())
        return f"photographs from {self.source}; styles: {styles}"
