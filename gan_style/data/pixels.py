"""The cache of decoded pictures: raw RGB by the hash of the file it came from, under a hash of its own."""

import hashlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from gan_style.data.kept import read_note, write_note, write_whole
from gan_style.data.look import look
from gan_style.system import images
from gan_style.system.disk import file_sha256
from gan_style.system.errors import UserError


@dataclass(frozen=True)
class Entry:
    """A file; `reason` says why it is left out, and is empty for a good one."""

    name: str
    sha256: str
    height: int = 0
    width: int = 0
    reason: str = ""
    look: str = ""  # its perceptual hash
    rgb: str = ""  # the sha256 of its decoded pixels

    @property
    def stem(self) -> str:
        return self.name.rsplit(".", 1)[0]


Half = Literal["left", "right"]


@dataclass(frozen=True)
class Fit:
    """How a file's pixels are made ready: which half of them, at which size."""

    minimum: int
    short_side: int | None = None
    load_size: int | None = None
    half: Half | None = None

    def key(self) -> str:
        """The name of the cache folder whose pixels were made this way."""
        squashed = f"{self.load_size}x{self.load_size}-bicubic"
        size = squashed if self.load_size else self.short_side or "native"
        return f"{size}-{self.minimum}" + (f"-{self.half}" if self.half else "")

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        height, width, _ = pixels.shape
        if self.half:
            if width % 2:
                raise OddWidth(f"{width} pixels across cannot be two halves side by side")
            width //= 2
            pixels = pixels[:, :width] if self.half == "left" else pixels[:, width:]
        if self.load_size:
            height = width = self.load_size
        short = min(height, width)
        scale = max(self.short_side or short, self.minimum) / short
        height, width = (max(self.minimum, round(side * scale)) for side in (height, width))
        if self.load_size:
            # As published, in pytorch-CycleGAN-and-pix2pix.
            return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))
        return images.resize(pixels, height, width)


class OddWidth(ValueError):
    """A picture that was to hold two halves and cannot."""


def rgb_file(store: Path, digest: str) -> Path:
    return store / f"{digest}.rgb"


def ingest(path: Path, name: str, store: Path, fit: Fit) -> tuple[Entry, bool]:
    """Hash and normalise one file, and whether the cache had of it what could not be used.

    The cache remembers by content, so a second survey decodes nothing; but it looks at every byte again.
    """
    try:
        digest = file_sha256(path)
    except OSError as problem:
        return Entry(name, "", reason=f"cannot be read: {problem.strerror}"), False
    note, kept = store / f"{digest}.json", rgb_file(store, digest)
    entry = _remembered(note, kept)
    if entry is not None and entry.sha256 == digest:
        return replace(entry, name=name), False
    damaged = note.exists() or kept.exists()
    try:
        pixels = fit(images.read(path).pixels)
    except images.BadImage as problem:
        # Not remembered: another version of this program, or a machine with more memory, may read it.
        return Entry(name, digest, reason=str(problem).removeprefix(f"{path}: ")), False
    except OddWidth as problem:
        # Not left out like a damaged file: more likely the whole folder is of another layout.
        advice = "for plain pictures use 'kind: folders' or 'kind: domains'"
        raise UserError(f"{path}: {problem}; {advice}") from None
    (height, width, _), content = pixels.shape, pixels.tobytes()
    write_whole(kept, content)
    entry = Entry(name, digest, height, width, look=look(pixels), rgb=hashlib.sha256(content).hexdigest())
    write_note(note, asdict(entry))
    return entry, damaged


def _remembered(note: Path, kept: Path) -> Entry | None:
    """What the note says, if the pixels are still those that it was written for."""
    try:
        entry = Entry(**read_note(note))
        return entry if file_sha256(kept) == entry.rgb else None
    except (OSError, TypeError):
        return None
