"""What a run is judged on: photographs it never saw, and real pictures in its style to hold its own against."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from gan_style import images
from gan_style.data.config import EMBEDDED, DataConfig, Fixed, Gallery, OnDisk, Paintbox
from gan_style.data.layouts import read, split
from gan_style.data.manifest import Manifest, survey
from gan_style.errors import UserError
from gan_style.paintbox.painters import Painter
from gan_style.paintbox.prepare import PaintboxSettings, prepare

Split = Literal["val", "test"]
MOST_OTHERS = 400  # of the training targets that stand for the real thing, enough for narrow intervals
CORNER = r"(.+?)\d"  # the paintbox numbers the crops of a photograph


@dataclass(frozen=True)
class Pictures:
    """Named pictures (H, W, 3) uint8, and the photograph or painting that each was cut from."""

    names: tuple[str, ...]
    pixels: tuple[np.ndarray, ...]
    originals: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for name, pixels in zip(self.names, self.pixels, strict=True):
            digest.update(f"{name} {pixels.shape}".encode())
            digest.update(np.ascontiguousarray(pixels).tobytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Exam:
    """One style: photographs to translate, real targets, and other real targets that show how good the real thing scores.

    Where targets are the photographs' true counterparts, `second` are other true ones, if there are any.
    """

    style: str
    source: Pictures
    target: Pictures
    others: Pictures
    paired: bool
    second: Pictures | None = None


def open_exams(config: DataConfig, part: Split, cache: Path, originals: str | None = None) -> list[Exam]:
    """One for each style. `originals`: a pattern whose first group is what a file name says of the picture it was cut from."""
    name_original = original_by(originals)
    if isinstance(config, Paintbox):
        return [embedded(config.painter, config.settings(), part, cache)]
    if isinstance(config, Gallery):
        return [in_gallery(config, style, part, cache, name_original) for style in config.styles]
    if isinstance(config, Fixed):
        return one_picture(config, part, cache)
    return [on_disk(config, part, cache, name_original)]


def original_by(pattern: str | None) -> Callable[[str], str]:
    """From a file's name to the name of its original; without a pattern every file stands alone."""
    try:
        compiled = re.compile(pattern or "(.*)")
    except re.error as problem:
        raise UserError(f"evaluation.originals: '{pattern}' is no regular expression: {problem}") from None
    if not compiled.groups:
        raise UserError(f"evaluation.originals: '{pattern}' needs a group, as in (.+)__")

    def original(name: str) -> str:
        match = compiled.match(name)
        return match.group(1) if match else name

    return original


def embedded(style: str, settings: PaintboxSettings, part: Split, cache: Path) -> Exam:
    folder = prepare(settings, cache) / part
    source, target, second = (from_folder(folder / role, CORNER) for role in ("source", "target", "second"))
    return Exam(style, source, target, second, paired=True, second=second)


def one_picture(config: Fixed, part: Split, cache: Path) -> list[Exam]:
    """The embedded photographs in each style; where there is none, to be given back as they are."""
    if files := [place for place in config.styles.values() if place != EMBEDDED]:
        raise UserError(f"data.styles: only the paintbox's painters have painted the photographs to judge by; {files[0]} is one picture")
    styles: list[Painter] = list(config.styles)  # type: ignore[arg-type]  # the config has checked them
    if styles:
        return [embedded(style, PaintboxSettings(style), part, cache) for style in styles]
    source, others = (embedded("", PaintboxSettings("oil"), which, cache).source for which in (part, "val" if part == "test" else "test"))
    return [Exam("", source, source, others, paired=True)]


def in_gallery(config: Gallery, style: str, part: Split, cache: Path, original: Callable[[str], str]) -> Exam:
    place = config.styles[style]
    if place == EMBEDDED:
        painter: Painter = style  # type: ignore[assignment]  # the config has checked it
        whole = embedded(style, PaintboxSettings(painter, config.scenes, config.cuts), part, cache)
        if config.source == EMBEDDED:
            return whole
        source = own_pictures(config.source, config.crop, part, cache, original)
        return Exam(style, source, whole.target, whole.others, paired=False)
    target, others = (own_pictures(place, config.crop, which, cache, original) for which in (part, "train"))
    host = next((name for name, where in config.styles.items() if where == EMBEDDED), "oil")
    if config.source == EMBEDDED:
        source = embedded(host, PaintboxSettings(host, config.scenes, config.cuts), part, cache).source  # type: ignore[arg-type]
    else:
        source = own_pictures(config.source, config.crop, part, cache, original)
    return Exam(style, source, target, others, paired=False)


def on_disk(config: OnDisk, part: Split, cache: Path, original: Callable[[str], str]) -> Exam:
    held_out, train = read(config, (part, "train"), cache)
    source, target = (from_manifest(manifest, original) for manifest in held_out)
    return Exam("", source, target, from_manifest(train[1], original, MOST_OTHERS), paired=config.pairing == "paired")


def own_pictures(folder: str, crop: int, part: Literal["train", "val", "test"], cache: Path, original: Callable[[str], str]) -> Pictures:
    manifest = split(survey(Path(folder).expanduser(), cache, minimum=crop), part, by_name=False)
    return from_manifest(manifest, original, MOST_OTHERS if part == "train" else None)


def from_folder(folder: Path, pattern: str) -> Pictures:
    files = sorted(folder.glob("*.png"))
    return named([file.stem for file in files], [images.read(file).pixels for file in files], original_by(pattern))


def from_manifest(manifest: Manifest, original: Callable[[str], str], most: int | None = None) -> Pictures:
    """All pictures, or at most so many, spread evenly over the folder."""
    count = len(manifest)
    chosen = np.unique(np.linspace(0, count - 1, min(count, most or count)).round().astype(int))
    stems = [manifest.entries[i].name.rsplit(".", 1)[0] for i in chosen]
    return named(stems, [manifest.array(i) for i in chosen], original)


def named(stems: Sequence[str], pixels: Sequence[np.ndarray], original: Callable[[str], str]) -> Pictures:
    flat = [stem.replace("/", "-") for stem in stems]
    return Pictures(tuple(flat), tuple(pixels), tuple(map(original, flat)))
