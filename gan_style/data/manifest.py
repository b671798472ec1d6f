"""What a folder of pictures holds: every file with its hash and size, and its pixels ready for training."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache as remembered
from functools import partial
from pathlib import Path

import numpy as np

from gan_style.data.kept import into_cache, listing
from gan_style.data.originals import originals
from gan_style.data.paintbox.prepare import prepare, prepare_photographs, prepare_scenes
from gan_style.data.pixels import Entry, Fit, Half, ingest, rgb_file
from gan_style.system.errors import UserError
from gan_style.system.folders import files_below
from gan_style.system.locks import exclusive
from gan_style.system.progress import say, track, warn

MOSTLY_BAD = 0.5
NAMED_FILES = 10


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
        return np.fromfile(self.pixels[index], np.uint8).reshape(entry.height, entry.width, 3)

    def only(self, indices: Sequence[int]) -> "Manifest":
        return Manifest(
            self.folder,
            tuple(self.entries[i] for i in indices),
            tuple(self.pixels[i] for i in indices),
            tuple(self.originals[i] for i in indices),
        )


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
    names = [path.relative_to(folder) for path in files_below(folder)]
    # By name without suffix, so that pairs of different formats stand in the same order.
    names.sort(key=lambda name: (name.with_suffix("").as_posix(), name.suffix))
    store = cache / "pixels" / fit.key()
    busy = partial(say, f"waiting for another run that is reading {folder}")
    with into_cache(store), exclusive(store / ".lock", busy):
        tracked = track(names, len(names), f"reading {folder}")
        read = [ingest(folder / name, name.as_posix(), store, fit) for name in tracked]
    entries = [entry for entry, _ in read]
    if again := [entry.name for entry, damaged in read if damaged]:
        what = f"{len(again)} of {len(entries)} pictures were damaged in the cache, or kept without a hash"
        warn(f"{folder}: {what}, and were read again: {listing(again)}")
    good = [entry for entry in entries if not entry.reason]
    _report_bad_files(folder, entries, good)
    cut_from = originals(folder, [entry.stem for entry in good], pattern)
    return Manifest(folder, tuple(good), tuple(rgb_file(store, entry.sha256) for entry in good), cut_from)


def cache_folder() -> Path:
    """GAN_STYLE_CACHE, or gan-style in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(os.environ.get("GAN_STYLE_CACHE") or f"{base}/gan-style"))


class PictureStore:
    """What is in the cache folder. Within one store everything is looked at, and mended, once."""

    def __init__(self, cache: Path | None = None) -> None:
        self.cache = cache or cache_folder()
        self.survey: Callable[..., Manifest] = remembered(partial(survey, cache=self.cache))
        self.prepare: Callable[..., Path] = remembered(partial(prepare, cache=self.cache))
        self.prepare_photographs: Callable[[], Path] = remembered(partial(prepare_photographs, self.cache))
        self.prepare_scenes: Callable[..., Path] = remembered(partial(prepare_scenes, cache=self.cache))


def _report_bad_files(folder: Path, entries: Sequence[Entry], good: Sequence[Entry]) -> None:
    bad = [entry for entry in entries if entry.reason]
    listed = [f"  {entry.name}: {entry.reason}" for entry in bad[:NAMED_FILES]]
    if len(bad) > NAMED_FILES:
        listed.append(f"  and {len(bad) - NAMED_FILES} more")
    if not entries:
        raise UserError(f"{folder}: the folder holds no files")
    if len(bad) > MOSTLY_BAD * len(entries):
        raise UserError("\n".join([f"{folder}: {len(bad)} of {len(entries)} files are unusable", *listed]))
    if bad:
        warn("\n".join([f"{folder}: {len(bad)} of {len(entries)} files are left out", *listed]))
