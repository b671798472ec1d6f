"""`gan-style film`: a film in, a painted one out, with its sound and its times."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gan_style.experiment.recipe import Experiment
from gan_style.inference.films.parts import LOCK, PREVIEW, Done, Parts
from gan_style.inference.films.reading import BadFilm, Film, Frame, opened
from gan_style.inference.films.steady import Steady
from gan_style.inference.films.writing import Part, check_sound, encoder_for, put_together
from gan_style.inference.painting import checked, paint
from gan_style.inference.threads import RenewedThread
from gan_style.methods import Method, Request
from gan_style.methods.base.tiling import WholePicture
from gan_style.system import images
from gan_style.system.disk import file_sha256
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.progress import say, warn
from gan_style.system.signals import Stopper

FRAMES = 24  # of a part: so many are lost at most when the process is killed
PREVIEW_SECONDS = 2.0
SAID_SECONDS = 10.0
ALMOST = 0.95  # of the time that a file says it lasts


@dataclass(frozen=True)
class Wish:
    """What the command line says of a film."""

    source: Path
    output: Path
    overwrite: bool
    settings: str  # a hash of all that decides what the painting is


class FramePainter:
    """Paints a frame by all requests, one after the other."""

    def __init__(
        self, method: Method, config: Experiment, size: int | None, requests: Sequence[Request], memory: int
    ) -> None:
        if config.data.one_picture:
            raise UserError("this method searches for one picture at a time; for a film, choose a network")
        self.method, self.memory, self.work = method, memory, RenewedThread()
        self.size, self.pad = size or config.sample.size, config.sample.reflect_pad
        self.requests = checked(method, requests, self.size)
        self.passes = len(self.requests)

    def __call__(
        self, frame: np.ndarray, moved: np.ndarray, wholes: list[WholePicture], size: int | None = None
    ) -> np.ndarray:
        picture = images.Picture(frame)
        how: dict[str, Any] = {"memory": self.memory, "work": self.work}
        for request, whole in zip(self.requests, wholes, strict=True):
            asked = replace(request, moved=moved)
            picture = paint(self.method, picture, size or self.size, asked, self.pad, film=whole, **how)
        return picture.pixels


def paint_film(wish: Wish, load: Callable[[], Steady]) -> int:
    """`load` reads the networks, once it is sure that the film can be read and written.

    Returns an exit code: 0, or 128 and a signal that stopped it.
    """
    parts = Parts(wish.output)
    if wish.output.is_dir() or (wish.output.exists() and not wish.overwrite):
        raise UserError(f"{wish.output}: is there already (--overwrite replaces it)")
    if wish.output.exists() and wish.output.samefile(wish.source):
        raise UserError(f"{wish.output}: is the film to be painted, and is never written over")
    encoder = encoder_for(wish.output)
    with opened(wish.source) as film, exclusive(parts.folder / LOCK, lambda: busy(parts)):
        parts.settle({"film": file_sha256(wish.source), "painter or option": wish.settings})
        done = parts.done(suffix_of(wish.output))
        try:
            check_sound(film, wish.output, encoder, parts.folder / f"sound{wish.output.suffix}")
        except UserError:
            if not done.parts:
                parts.remove()
            raise
        if done.frames:
            say(f"{done.frames} frames were painted before; going on after {film.seconds(done.last or 0)}")
        steady = load()
        if done.state:
            steady.restore(done.state)
        with Stopper() as stopper:
            problem = paint_parts(film, parts, done, steady, encoder, stopper)
        if stopper.signal:
            say(f"stopped; the same command goes on from {parts.folder}")
            return 128 + stopper.signal
        return finish(film, parts, problem)


def busy(parts: Parts) -> None:
    raise UserError(f"{parts.output}: another process is painting this film")


def suffix_of(output: Path) -> str:
    return ".webm" if output.suffix.lower() == ".webm" else ".mp4"


def paint_parts(
    film: Film, parts: Parts, done: Done, steady: Steady, encoder: str, stopper: Stopper
) -> BadFilm | None:
    """Part after part, until the film or what can be read of it is over. Returns what was wrong with it."""
    number, count, problem = len(done.parts), done.frames, None
    progress = Progress(film, parts, done.frames)
    frames = film.frames(done.frames)
    while not stopper.signal and problem is None:
        file = parts.file(number, suffix_of(parts.output))
        part, shown = Part(file, encoder, film.rate, film.time_base, film.pixel), []
        try:
            for frame in limited(frames, stopper):
                painted = steady(frame.pixels)
                part.add(replace(frame, pixels=painted))
                shown.append(frame.time)
                progress(frame.pixels, painted)
        except BadFilm as found:
            problem = found
        part.close()
        if not shown:
            file.unlink(missing_ok=True)
            break
        count += len(shown)
        parts.close(number, shown[0], shown[-1], count, steady.state())
        number += 1
    return problem


def limited(frames: Iterator[Frame], stopper: Stopper) -> Iterator[Frame]:
    """Those of one part, and none any more once a signal came."""
    for _ in range(FRAMES):
        if stopper.signal or (frame := next(frames, None)) is None:
            return
        yield frame


def finish(film: Film, parts: Parts, problem: BadFilm | None) -> int:
    """The film, or the beginning of it if the rest could not be read."""
    done = parts.done(suffix_of(parts.output))
    if not done.parts:
        raise problem or BadFilm(f"{film.path}: holds no frames")
    problem = problem or cut_short(film, done)
    partial = parts.folder / f"whole{parts.output.suffix}"
    put_together(done.parts, film, partial, done.last if problem else None)
    partial.replace(parts.output)
    if problem:
        say(f"painted {done.frames} frames into {parts.output}; its parts stay in {parts.folder}")
        raise problem
    parts.remove()
    say(f"painted {done.frames} frames into {parts.output}")
    return 0


def cut_short(film: Film, done: Done) -> BadFilm | None:
    """Where pictures end clearly before the time that the file says."""
    ends = float((done.last or 0) * film.time_base)
    if film.stream.duration:  # of the pictures alone: without what an edit list leaves out
        lasts = float((film.stream.start_time or 0) + film.stream.duration) * float(film.stream.time_base)
        if ends < ALMOST * lasts - 1:
            where = film.seconds(done.last or 0)
            return BadFilm(f"{film.path}: is cut off after {where}, of {lasts:.2f} s")
    elif film.container.duration and ends < ALMOST * film.container.duration / 1e6 - 1:
        lasts = film.container.duration / 1e6  # of all that is in it
        warn(f"{film.path}: its pictures end after {film.seconds(done.last or 0)}, of {lasts:.1f} s")
    return None


class Progress:
    """How many frames are done, how fast, how long it will take; and the newest one as a picture."""

    def __init__(self, film: Film, parts: Parts, done: int) -> None:
        self.film, self.preview = film, parts.folder / PREVIEW
        self.before, self.count, self.total = done, done, film.expected()
        self.started = time.monotonic()
        self.said = self.showed = 0.0

    def __call__(self, frame: np.ndarray, painted: np.ndarray) -> None:
        now = time.monotonic()
        self.count += 1
        if self.count == self.before + 1:  # with which networks are prepared
            self.started = self.said = now
            say(f"the newest frame is shown in {self.preview}")
        elif now - self.said > SAID_SECONDS:
            self.said = now
            say(self.told(now))
        if now - self.showed > PREVIEW_SECONDS:
            self.showed = now
            beside = np.concatenate([frame, painted], axis=int(frame.shape[1] < 2 * frame.shape[0]))
            images.write(self.preview, images.Picture(beside, format="JPEG"))

    def told(self, now: float) -> str:
        rate = (self.count - self.before - 1) / (now - self.started)
        text = f"painting: frame {self.count}" + (f"/{self.total}" if self.total else "")
        left = f", about {max(0, self.total - self.count) / rate:.0f} s left" if self.total else ""
        return f"{text}, {rate:.2f} a second{left}"
