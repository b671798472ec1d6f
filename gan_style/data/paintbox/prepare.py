"""The embedded data set, made once: photographs and scenes on one side, paintings of other ones on the other.

KEY/train/source  KEY/train/target        different pictures, unless asked for pairs
KEY/val/source    KEY/val/target    KEY/val/second       paired by name: photo, its painting,
KEY/test/source   KEY/test/target   KEY/test/second      a painting of it from another seed

Drawn scenes to validate and test with have a folder of their own, made when they are first asked for:
SCENES/source     SCENES/target     SCENES/second     and so have the test photographs without paintings.

Beside them the note `done` names all pictures with their hashes, and nothing is used that differs from it.
"""

import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from scipy import ndimage

from gan_style.config.model import digest
from gan_style.data.kept import clear, into_cache, listing, read_note, set_aside, write_note
from gan_style.data.paintbox.painters import PAINTERS, Painter
from gan_style.data.paintbox.photographs import corners, of_split
from gan_style.data.paintbox.scenes import draw_scene
from gan_style.system.disk import file_sha256
from gan_style.system.errors import RunError
from gan_style.system.folders import files_below
from gan_style.system.hardware import cores
from gan_style.system.images import Picture, write
from gan_style.system.locks import exclusive
from gan_style.system.progress import say, track, warn
from gan_style.system.signals import ignore

DONE = "done"
VERSION = 1  # raise it when a painter or the scenes change what they draw
SIDES_APART = 500_000  # between the scene seeds of the two training sides
# Their first seed, and how many they are; a training side has at most 9,999 and does not reach them.
HELD_OUT_SCENES: dict[Literal["val", "test"], tuple[int, int]] = {"val": (250_000, 8), "test": (260_000, 32)}


@dataclass(frozen=True)
class PaintboxSettings:
    painter: Painter
    scenes: int = 96  # on each side of the training set
    # `photo_crops` in recipes; the name here is part of the key under which prepared pictures are kept.
    cuts: int = 8  # of each training photograph, on each side
    side: int = 256  # pixels
    seed: int = 0
    paired: bool = False  # the training paintings are of the training photographs

    def key(self) -> str:
        return f"{self.painter}-{digest({**asdict(self), 'version': VERSION})}"


@dataclass(frozen=True)
class Job:
    """One picture to make: drawn from a scene seed or given; painted with a seed or left as it is."""

    name: str  # below the data set's folder, without suffix
    picture: int | np.ndarray
    paint_seed: int | None

    @property
    def file(self) -> str:
        return f"{self.name}.png"


def prepare(settings: PaintboxSettings, cache: Path) -> Path:
    """The folder of the finished data set."""
    what = f"preparing the {settings.painter} paintbox (once)"
    return _made_once(cache / "paintbox" / settings.key(), settings, plan(settings), what)


def prepare_photographs(cache: Path) -> Path:
    """The folder of the test photographs alone: to be painted, they need no painter."""
    settings = PaintboxSettings("oil")
    jobs = [
        Job(f"{photograph.name}{index}", crop, None)
        for photograph in of_split("test")
        for index, crop in enumerate(corners(photograph.load(), settings.side))
    ]
    folder = cache / "paintbox" / f"photographs-{digest([settings.side, VERSION])}"
    return _made_once(folder, settings, jobs, "cutting out the test photographs (once)")


def prepare_scenes(painter: Painter, part: Literal["val", "test"], cache: Path) -> Path:
    """The folder of drawn scenes that are never trained on, with two paintings of each."""
    settings = PaintboxSettings(painter)
    first, count = HELD_OUT_SCENES[part]
    key = digest([settings.side, VERSION, first, count])
    what = f"drawing and painting {count} {part} scenes, {painter} (once)"
    folder = cache / "paintbox" / f"{painter}-{part}-scenes-{key}"
    return _made_once(folder, settings, held_out_scenes(part), what)


def _made_once(folder: Path, settings: PaintboxSettings, jobs: Iterable[Job], what: str) -> Path:
    """Made or mended now if need be, by one process while others wait."""
    busy = partial(say, "waiting for another run that is preparing the paintbox")
    with into_cache(folder):
        if read_note(folder / DONE) != hashes(folder):
            with exclusive(folder.with_name(f"{folder.name}.lock"), busy):
                _mend(folder, settings, list(jobs), what)
    return folder


def hashes(folder: Path) -> dict[str, str]:
    """Of all that is there, by name; of what cannot be read, none."""
    found = {}
    for path in files_below(folder) if folder.is_dir() else ():
        try:
            found[path.relative_to(folder).as_posix()] = file_sha256(path)
        except OSError:
            found[path.relative_to(folder).as_posix()] = ""
    found.pop(DONE, None)
    return found


def _mend(folder: Path, settings: PaintboxSettings, jobs: list[Job], what: str) -> None:
    """Make what is missing or not as it was made, and set aside what nobody made; each is said once."""
    made, there = read_note(folder / DONE), hashes(folder)
    if strays := sorted(there.keys() - {job.file for job in jobs}):
        for stray in strays:
            set_aside(folder / stray)
        warn(f"{folder}: set aside, hidden as .NAME.stray, for it was not made here: {listing(strays)}")
    known = made or {}
    wrong = [job for job in jobs if there.get(job.file, "") != known.get(job.file)]
    names = [job.file for job in wrong]
    if made is None and (folder / DONE).exists():
        warn(f"{folder}: kept without hashes, or the list of these is damaged; all of it is made again")
    elif made is not None and wrong:
        what_of = f"{len(wrong)} of {len(jobs)} pictures were damaged or missing"
        warn(f"{folder}: {what_of} and are made again: {listing(names)}")
    if wrong:
        _make(settings, folder, wrong, what)
    now = known | {name: file_sha256(folder / name) for name in names}
    if others := [name for name in known if now[name] != known[name]]:
        reason = "as other versions of the libraries paint; runs that were trained on them cannot go on"
        warn(f"{folder}: came out otherwise than at first, {reason}: {listing(others)}")
    write_note(folder / DONE, now)


def _make(settings: PaintboxSettings, folder: Path, jobs: list[Job], what: str) -> None:
    for job in jobs:
        clear(folder / job.file)
    # Spawned, not forked: this process may already run TensorFlow's threads.
    # What the terminal sends is this process's business; workers would only show tracebacks.
    deaf = (ignore, (signal.SIGINT, signal.SIGHUP))
    with ProcessPoolExecutor(min(cores(), 8, len(jobs)), get_context("spawn"), *deaf) as pool:
        try:
            done = pool.map(partial(make_picture, settings, folder), jobs)
            for _ in track(done, len(jobs), what):
                pass
        except BrokenProcessPool:
            reason = "a process that painted was killed, as where memory runs out"
            raise RunError(f"{folder}: {reason}; the same command begins again") from None
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def plan(settings: PaintboxSettings) -> Iterator[Job]:
    """Everything the data set holds, in a fixed order."""
    rng = np.random.default_rng([settings.seed, 30])
    sources = list(training_pictures(settings, "source", rng))
    targets = sources if settings.paired else list(training_pictures(settings, "target", rng))
    yield from (Job(f"train/source/{name}", picture, None) for name, picture, _ in sources)
    yield from (Job(f"train/target/{name}", picture, index) for name, picture, index in targets)
    for split in ("val", "test"):
        for photograph in of_split(split):
            for index, crop in enumerate(corners(photograph.load(), settings.side)):
                for role, seed in (("source", None), ("target", 1), ("second", 2)):
                    yield Job(f"{split}/{role}/{photograph.name}{index}", crop, seed)


def held_out_scenes(part: Literal["val", "test"]) -> Iterator[Job]:
    """As they are, and two paintings of each, no two with the same random numbers."""
    first, count = HELD_OUT_SCENES[part]
    for scene in range(first, first + count):
        for role, seed in (("source", None), ("target", 2 * scene), ("second", 2 * scene + 1)):
            yield Job(f"{role}/scene{scene - first:03d}", scene, seed)


def training_pictures(
    settings: PaintboxSettings, domain: Literal["source", "target"], rng: np.random.Generator
) -> Iterator[tuple[str, int | np.ndarray, int]]:
    """Name, picture and number of one domain's drawn scenes, and of cuts from its half of each photograph."""
    side = ("source", "target").index(domain)
    first = settings.seed * 1_000_000 + side * SIDES_APART
    for index in range(settings.scenes):
        yield f"scene{index:03d}", first + index, index
    for photograph in of_split("train"):
        photo = photograph.load()
        half = np.split(photo, [photo.shape[1] // 2], axis=1)[side]
        for index in range(settings.cuts):
            yield f"{photograph.name}{index}", cut(half, settings.side, rng), index


def make_picture(settings: PaintboxSettings, folder: Path, job: Job) -> None:
    pixels = draw_scene(job.picture, settings.side) if isinstance(job.picture, int) else job.picture
    if job.paint_seed is not None:
        pixels = PAINTERS[settings.painter](pixels, job.paint_seed)
    write(folder / f"{job.name}.png", Picture(pixels))


def cut(photo: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A piece (side, side, 3) of a photograph: scaled, mirrored, rotated a little and recoloured."""
    scale = max(side * 1.1 / min(photo.shape[:2]), rng.uniform(0.6, 1.4))
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    scaled = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))
    if rng.random() < 0.5:
        scaled = scaled[:, ::-1]
    turned = ndimage.rotate(scaled, rng.uniform(-6, 6), reshape=False, order=1, mode="reflect")
    y, x = rng.integers(0, turned.shape[0] - side + 1), rng.integers(0, turned.shape[1] - side + 1)
    piece = turned[y : y + side, x : x + side].astype(np.float32) / 255
    recoloured = piece[..., rng.permutation(3)] if rng.random() < 0.5 else piece
    recoloured = recoloured ** rng.uniform(0.7, 1.3) * rng.uniform(0.85, 1.1, 3)
    return (np.clip(recoloured, 0, 1) * 255).astype(np.uint8)
