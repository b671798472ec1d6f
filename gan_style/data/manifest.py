"""What a folder of pictures holds: every file with its hash and size, and its pixels ready for training."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache as remembered
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from gan_style.data.look import look
from gan_style.data.originals import originals
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.progress import say, track, warn

MOSTLY_BAD = 0.5
NAMED_BAD_FILES = 10


@dataclass(frozen=True)
class Entry:
    """A file; `reason` says why it is left out, and is empty for a good one."""

    name: str
    sha256: str
    height: int = 0
    width: int = 0
    reason: str = ""
    look: str | None = None  # its perceptual hash; none in the notes of before there were any

    @property
    def stem(self) -> str:
        return self.name.rsplit(".", 1)[0]


@dataclass(frozen=True)
class Manifest:
    """The usable pictures of one folder, in the order of their names, as raw RGB files in the cache."""

    folder: Path
    entries: tuple[Entry, ...]
    pixels: tuple[Path, ...]
    originals: tuple[str, ...]  # what each was cut from

    def __len__(self) -> int:
        return len(self.entries)

    def fingerprint(self) -> str:
        """A hash of the pictures' content and order."""
        return hashlib.sha256("".join(entry.sha256 for entry in self.entries).encode()).hexdigest()[:16]

    def array(self, index: int) -> np.ndarray:
        entry = self.entries[index]
        return stored(self.pixels[index], entry)

    def only(self, indices: Sequence[int]) -> "Manifest":
        return Manifest(
            self.folder,
            tuple(self.entries[i] for i in indices),
            tuple(self.pixels[i] for i in indices),
            tuple(self.originals[i] for i in indices),
        )


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


def survey(
    folder: Path,
    cache: Path,
    *,
    minimum: int,
    short_side: int | None = None,
    load_size: int | None = None,
    half: Half | None = None,
    pattern: str | None = None,
) -> Manifest:
    """Decode every picture below a folder once; bad files are named and left out.

    `minimum`: pictures whose shorter side is below it are enlarged. `short_side`: scale to it. `load_size`:
    squash to a square of it. `half`: each file holds two pictures side by side; take this one. `pattern`: of
    names, for what the files were cut from.
    """
    fit = Fit(minimum, short_side, load_size, half)
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder")
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    # By name without suffix, so that pairs of different formats stand in the same order.
    files.sort(key=lambda path: (path.relative_to(folder).with_suffix("").as_posix(), path.suffix))
    store = cache / "pixels" / fit.key()
    store.mkdir(parents=True, exist_ok=True)
    with exclusive(store / ".lock", lambda: say(f"waiting for another run that is reading {folder}")):
        tracked = track(files, len(files), f"reading {folder}")
        entries = [_ingest(path, folder, store, fit) for path in tracked]
    good = [entry for entry in entries if not entry.reason]
    _report_bad_files(folder, entries, good)
    cut_from = originals(folder, [entry.stem for entry in good], pattern)
    return Manifest(folder, tuple(good), tuple(store / f"{entry.sha256}.rgb" for entry in good), cut_from)


def stored(path: Path, entry: Entry) -> np.ndarray:
    return np.fromfile(path, np.uint8).reshape(entry.height, entry.width, 3)


def cache_folder() -> Path:
    """GAN_STYLE_CACHE, or gan-style in the user's cache folder."""
    named = os.environ.get("GAN_STYLE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(named).expanduser() if named else Path(base).expanduser() / "gan-style"


class PictureStore:
    """The decoded pictures in the cache folder. Within one store every folder is read once."""

    def __init__(self, cache: Path | None = None) -> None:
        self.cache = cache or cache_folder()
        self.survey: Callable[..., Manifest] = remembered(partial(survey, cache=self.cache))


def _report_bad_files(folder: Path, entries: Sequence[Entry], good: Sequence[Entry]) -> None:
    bad = [entry for entry in entries if entry.reason]
    listed = [f"  {entry.name}: {entry.reason}" for entry in bad[:NAMED_BAD_FILES]]
    if len(bad) > NAMED_BAD_FILES:
        listed.append(f"  and {len(bad) - NAMED_BAD_FILES} more")
    if not entries:
        raise UserError(f"{folder}: the folder holds no files")
    if len(bad) > MOSTLY_BAD * len(entries):
        raise UserError("\n".join([f"{folder}: {len(bad)} of {len(entries)} files are unusable", *listed]))
    if bad:
        warn("\n".join([f"{folder}: {len(bad)} of {len(entries)} files are left out", *listed]))


def _ingest(path: Path, folder: Path, store: Path, fit: Fit) -> Entry:
    """Hash and normalise one file; the cache remembers by content, so a second survey decodes nothing."""
    name = path.relative_to(folder).as_posix()
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        return Entry(name, "", reason=f"cannot be read: {problem.strerror}")
    note, kept = store / f"{digest}.json", store / f"{digest}.rgb"
    if note.exists():
        entry = Entry(**{**json.loads(note.read_text()), "name": name})
        size = entry.height * entry.width * 3
        if entry.reason or (kept.exists() and kept.stat().st_size == size):
            return entry if entry.reason or entry.look is not None else _seen(entry, kept, note)
    try:
        pixels = fit(images.read(path).pixels)
        height, width, _ = pixels.shape
        entry = Entry(name, digest, height, width, look=look(pixels))
        _write(kept, np.ascontiguousarray(pixels).tobytes())
    except images.BadImage as problem:
        entry = Entry(name, digest, reason=str(problem).removeprefix(f"{path}: "))
    except OddWidth as problem:
        # Not left out like a damaged file: more likely the whole folder is of another layout.
        advice = "for plain pictures use 'kind: folders' or 'kind: domains'"
        raise UserError(f"{path}: {problem}; {advice}") from None
    _write(note, json.dumps(asdict(entry)).encode())
    return entry


def _seen(entry: Entry, pixels: Path, note: Path) -> Entry:
    """With the perceptual hash that its note does not have yet."""
    entry = replace(entry, look=look(stored(pixels, entry)))
    _write(note, json.dumps(asdict(entry)).encode())
    return entry


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
