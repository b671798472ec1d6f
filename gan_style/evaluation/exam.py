"""What a run is judged on: photographs it never saw, and real pictures in its style to hold its own against."""

import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import numpy as np

from gan_style import images
from gan_style.data import gallery
from gan_style.data.batches import check_pairs
from gan_style.data.config import EMBEDDED, DataConfig, Fixed, Gallery, OnDisk, Paintbox
from gan_style.data.layouts import read
from gan_style.data.manifest import Manifest
from gan_style.errors import UserError
from gan_style.paintbox.painters import Painter
from gan_style.paintbox.prepare import PaintboxSettings, prepare

Split = Literal["val", "test"]
Original = Callable[[str], str]
MOST_OTHERS = 400  # of the training targets that stand for the real thing, enough for narrow intervals
CUT = r"(scene\d+|.+?)\d*$"  # the paintbox numbers the cuts of a photograph, and scenes, which stand alone


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
        return in_gallery(config, part, cache, name_original)
    if isinstance(config, Fixed):
        return one_picture(config, part, cache)
    return [on_disk(config, part, cache, name_original)]


def original_by(pattern: str | None) -> Original:
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
    source, target, second = (from_folder(folder / role, CUT) for role in ("source", "target", "second"))
    return Exam(style, source, target, second, paired=True, second=second)


def one_picture(config: Fixed, part: Split, cache: Path) -> list[Exam]:
    """The embedded photographs in each style; where there is none, in any: a method without one gives photographs back."""
    if files := [place for place in config.styles.values() if place != EMBEDDED]:
        raise UserError(f"data.styles: only the paintbox's painters have painted the photographs to judge by; {files[0]} is one picture")
    return [embedded(style, PaintboxSettings(cast(Painter, style)), part, cache) for style in config.styles or ("oil",)]


def given_back(exam: Exam) -> Exam:
    """Photographs that are to come back as they are: nothing is more real than they are themselves."""
    return replace(exam, style="", target=exam.source, others=exam.source, paired=True, second=None)


def in_gallery(config: Gallery, part: Split, cache: Path, original: Original) -> list[Exam]:
    """One for each style. Counterparts count only where every style has them: figures with and without have no mean."""
    if config.all_embedded():
        painters = cast(list[Painter], list(config.styles))
        return [embedded(name, PaintboxSettings(name, config.scenes, config.cuts), part, cache) for name in painters]
    held_out, train = gallery.read(config, (part, "train"), cache)
    by = [original_by(CUT) if place == EMBEDDED else original for place in (config.source, *config.styles.values())]
    source, *targets = (from_manifest(*two) for two in zip(held_out, by, strict=True))
    others = (from_manifest(*two, MOST_OTHERS) for two in zip(train[1:], by[1:], strict=True))
    return [Exam(style, source, target, other, paired=False) for style, target, other in zip(config.styles, targets, others, strict=True)]


def on_disk(config: OnDisk, part: Split, cache: Path, original: Original) -> Exam:
    held_out, train = read(config, (part, "train"), cache)
    if config.pairing == "paired":
        check_pairs(*held_out)
    source, target = (from_manifest(manifest, original) for manifest in held_out)
    return Exam("", source, target, from_manifest(train[1], original, MOST_OTHERS), paired=config.pairing == "paired")


def from_folder(folder: Path, pattern: str) -> Pictures:
    files = sorted(folder.glob("*.png"))
    return named([file.stem for file in files], [images.read(file).pixels for file in files], original_by(pattern))


def from_manifest(manifest: Manifest, original: Original, most: int | None = None) -> Pictures:
    """All pictures, or at most so many, spread evenly over the folder."""
    count = len(manifest)
    chosen = np.unique(np.linspace(0, count - 1, min(count, most or count)).round().astype(int))
    stems = [manifest.entries[i].name.rsplit(".", 1)[0] for i in chosen]
    return named(stems, [manifest.array(i) for i in chosen], original)


def named(stems: Sequence[str], pixels: Sequence[np.ndarray], original: Original) -> Pictures:
    flat = distinct([stem.replace("/", "-") for stem in stems])
    return Pictures(tuple(flat), tuple(pixels), tuple(map(original, flat)))


def distinct(names: Sequence[str]) -> list[str]:
    """The same names, numbered where one was there before: a.jpg and a.png are two pictures."""
    used: dict[str, None] = {}
    for name in names:
        candidates = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
        used[next(candidate for candidate in candidates if candidate not in used)] = None
    return list(used)
