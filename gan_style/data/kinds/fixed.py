"""One picture that is worked on, and the pictures whose style it is to have; there are no batches."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, cast

import numpy as np
from pydantic import Field, model_validator

from gan_style.config.places import Place
from gan_style.data.batches import Stream
from gan_style.data.held_out import MAX_SIDE, HeldOut, Pictures, Validation, square
from gan_style.data.kept import clear, into_cache
from gan_style.data.kind import DataKind
from gan_style.data.kinds.paintbox import embedded, scenes
from gan_style.data.manifest import PictureStore
from gan_style.data.paintbox.painters import EMBEDDED, PAINTERS, Painter, check_painters
from gan_style.data.paintbox.photographs import PHOTOGRAPHS, Photograph
from gan_style.data.paintbox.prepare import PaintboxSettings
from gan_style.data.splits import Split
from gan_style.data.subject import Subject
from gan_style.system import images
from gan_style.system.errors import UserError

# Of the training photographs, on which nothing is measured, the one in which painted strokes show best.
PAINTED = next(photograph for photograph in PHOTOGRAPHS if photograph.name == "immunohistochemistry")
BUNDLED = ", ".join(photograph.name for photograph in PHOTOGRAPHS)
Named = dict[str, np.ndarray]


class Fixed(DataKind):
    one_picture: ClassVar[bool] = True

    kind: Literal["fixed"]
    content: Annotated[
        str,
        Field(description=f"a picture's file; or a bundled photograph: {BUNDLED}"),
        Place("file", tuple(photograph.name for photograph in PHOTOGRAPHS)),
    ]
    size: Annotated[
        int, Field(ge=32, le=4096, description="longer side in pixels at which the picture is worked on")
    ] = 256
    styles: Annotated[
        dict[str, str],
        Field(description="name: a picture's file; or name: paintbox, where the name is a painter's"),
        Place("file", (EMBEDDED,)),
    ] = Field(default={})
    style_masks: Annotated[
        dict[str, str],
        Field(description="name: a file of the style picture's size, white where its style counts"),
        Place("file"),
    ] = Field(default={})
    pairing: Literal["single"] = "single"

    @model_validator(mode="after")
    def painters_and_masked_styles_exist(self) -> Self:
        check_painters(self.styles)
        for name in self.style_masks:
            if name not in self.styles:
                known = ", ".join(self.styles) or "none"
                raise ValueError(f"style_masks.{name}: there is no style of this name; there are: {known}")
        return self

    def side(self) -> int:
        return self.size

    def batch_size(self) -> int:
        return 1

    def style_names(self) -> tuple[str, ...]:
        return tuple(self.styles)

    def train(self, seed: int, store: PictureStore) -> Stream:
        return Always(self.subject(store), (self.content, *self.styles.values()))

    def held_out(self, part: Split, store: PictureStore) -> list[HeldOut]:
        """The embedded photographs, and their paintings in each style; without styles these do not count."""
        return [self.shown(embedded(*style, part, store)) for style in self.painters()]

    def drawn(self, part: Split, store: PictureStore) -> list[HeldOut]:
        return [self.shown(scenes(*style, part, store)) for style in self.painters()]

    def shown(self, held_out: HeldOut) -> HeldOut:
        """A style's example is the picture that the run has of it."""
        if held_out.style not in self.styles:
            return held_out
        example = painted(cast(Painter, held_out.style), self.size)
        return replace(held_out, examples=Pictures((PAINTED.name,), (example,), (PAINTED.name,)))

    def painters(self) -> list[tuple[Painter, PaintboxSettings]]:
        """Of the styles; where there are none, any one does."""
        if files := [place for place in self.styles.values() if place != EMBEDDED]:
            raise UserError(
                "data.styles: only the paintbox's painters have painted the photographs to measure with; "
                f"{files[0]} is one picture"
            )
        names = cast(list[Painter], list(self.styles)) or ["oil"]
        return [(name, PaintboxSettings(name)) for name in names]

    def validation(self, store: PictureStore) -> Validation:
        """The very picture that is worked on."""
        content, styles, _ = self.pictures()
        shown = np.stack([square(picture, MAX_SIDE) for picture in styles.values() or [content]])
        return Validation(content[None], shown, paired=False, examples=shown[:1])

    def describe(self) -> str:
        styles = ", ".join(f"{name} from {place}" for name, place in self.styles.items())
        return f"one picture, {self.content}{f'; styles: {styles}' if styles else ''}"

    def photographs(self, store: PictureStore) -> list[Path]:
        return [content_file(self.content, store.cache)]

    def subject(self, store: PictureStore) -> Subject:
        content, styles, masks = self.pictures()
        signed = {name: images.to_signed(pixels) for name, pixels in styles.items()}
        return Subject(images.to_signed(content), signed, masks)

    def pictures(self) -> tuple[np.ndarray, Named, Named]:
        """The content at its working size and the styles, (H, W, 3) uint8, and masks (H, W) in 0..1."""
        content = images.reduced(content_pixels(self.content), self.size)
        styles = {name: style_picture(name, place, self.size) for name, place in self.styles.items()}
        places = self.style_masks.items()
        masks = {name: style_mask(name, Path(place), styles[name]) for name, place in places}
        return content, styles, masks


class Always:
    """Step -> nothing: the method has its pictures already, and only asks for one step after the other."""

    def __init__(self, subject: Subject, files: tuple[str, ...]) -> None:
        self.subject, self.names = subject, files

    def stream(self, first_step: int) -> Iterator[None]:
        return repeat(None)

    def files(self, step: int) -> list[str]:
        return list(self.names)

    def fingerprint(self) -> str:
        digest, subject = hashlib.sha256(), self.subject
        for pixels in (subject.content, *subject.styles.values(), *subject.style_masks.values()):
            digest.update(str(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes())
        return digest.hexdigest()[:16]


def content_pixels(content: str) -> np.ndarray:
    photograph = bundled(content)
    return photograph.load() if photograph else pixels_of("content", Path(content).expanduser())


def content_file(content: str, cache: Path) -> Path:
    """A picture's file; a bundled photograph is written to the cache first, unless it is there."""
    photograph = bundled(content)
    if photograph is None:
        return Path(content).expanduser()
    path, pixels = cache / "photographs" / f"{content}.png", photograph.load()
    with suppress(images.BadImage):
        if np.array_equal(images.read(path).pixels, pixels):
            return path
    with into_cache(cache):
        clear(path)
        return images.write(path, images.Picture(pixels))


def bundled(content: str) -> Photograph | None:
    return next((one for one in PHOTOGRAPHS if one.name == content), None)


def style_picture(name: str, place: str, size: int) -> np.ndarray:
    """A file at its own size, or a training photograph at the working size by the painter of this name."""
    if place != EMBEDDED:
        return pixels_of(f"styles.{name}", Path(place).expanduser())
    return painted(cast(Painter, name), size)


@cache
def painted(painter: Painter, size: int) -> np.ndarray:
    """Painted once: the data and the method both ask for it."""
    return PAINTERS[painter](images.reduced(PAINTED.load(), size), 0)


def style_mask(name: str, path: Path, style: np.ndarray) -> np.ndarray:
    mask = pixels_of(f"style_masks.{name}", path.expanduser()).astype(np.float32).mean(-1) / 255
    if mask.shape != style.shape[:2]:
        (height, width), (tall, wide) = mask.shape, style.shape[:2]
        sizes = f"{path} has {width}x{height} pixels, the style picture {wide}x{tall}"
        raise UserError(f"data.style_masks.{name}: {sizes}")
    if not mask.any():
        reason = f"{path} is black everywhere, so nothing of the style picture counts"
        raise UserError(f"data.style_masks.{name}: {reason}")
    return mask


def pixels_of(key: str, path: Path) -> np.ndarray:
    try:
        return images.read(path).pixels
    except images.BadImage as problem:
        raise UserError(f"data.{key}: {problem}") from None
