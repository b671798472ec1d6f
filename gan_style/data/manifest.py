"""What a folder of pictures holds: every file with its hash, size and verdict, and its pixels made ready for training."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gan_style import images
from gan_style.errors import UserError
from gan_style.locks import exclusive
from gan_style.progress import say, track, warn

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


@dataclass(frozen=True)
class Manifest:
    """The usable pictures of one folder, in the order of their names, as raw RGB files in the cache."""

    folder: Path
    entries: tuple[Entry, ...]
    pixels: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def fingerprint(self) -> str:
        """A hash of the pictures' content and order."""
        return hashlib.sha256("".join(entry.sha256 for entry in self.entries).encode()).hexdigest()[:16]

    def array(self, index: int) -> np.ndarray:
        entry = self.entries[index]
        return np.fromfile(self.pixels[index], np.uint8).reshape(entry.height, entry.width, 3)


def survey(folder: Path, cache: Path, *, minimum: int, short_side: int | None = None) -> Manifest:
    """Decode every picture below a folder once; bad files are named and left out.

    `minimum`: pictures whose shorter side is below it are enlarged. `short_side`: scale to it.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder")
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    # By name without suffix, so that pairs of different formats stand in the same order.
    files.sort(key=lambda path: (path.relative_to(folder).with_suffix("").as_posix(), path.suffix))
    store = cache / "pixels" / f"{short_side or 'native'}-{minimum}"
    store.mkdir(parents=True, exist_ok=True)
    with exclusive(store / ".lock", lambda: say(f"waiting for another run that is reading {folder}")):
        entries = [_ingest(path, folder, store, minimum, short_side) for path in track(files, len(files), f"reading {folder}")]
    good = [entry for entry in entries if not entry.reason]
    _judge(folder, entries, good)
    return Manifest(folder, tuple(good), tuple(store / f"{entry.sha256}.rgb" for entry in good))


def _judge(folder: Path, entries: Sequence[Entry], good: Sequence[Entry]) -> None:
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


def _ingest(path: Path, folder: Path, store: Path, minimum: int, short_side: int | None) -> Entry:
    """Hash and normalise one file; the cache remembers by content, so a second survey decodes nothing."""
    name = path.relative_to(folder).as_posix()
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        return Entry(name, "", reason=f"cannot be read: {problem.strerror}")
    note = store / f"{digest}.json"
    if note.exists():
        entry = Entry(**{**json.loads(note.read_text()), "name": name})
        pixels_file = store / f"{digest}.rgb"
        if entry.reason or (pixels_file.exists() and pixels_file.stat().st_size == entry.height * entry.width * 3):
            return entry
    try:
        pixels = _fit(images.read(path).pixels, minimum, short_side)
        entry = Entry(name, digest, *pixels.shape[:2])
        _write(store / f"{digest}.rgb", np.ascontiguousarray(pixels).tobytes())
    except images.BadImage as problem:
        entry = Entry(name, digest, reason=str(problem).removeprefix(f"{path}: "))
    _write(note, json.dumps(asdict(entry)).encode())
    return entry


def _fit(pixels: np.ndarray, minimum: int, short_side: int | None) -> np.ndarray:
    height, width, _ = pixels.shape
    short = min(height, width)
    scale = max(short_side or short, minimum) / short
    return images.resize(pixels, max(minimum, round(height * scale)), max(minimum, round(width * scale)))


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
