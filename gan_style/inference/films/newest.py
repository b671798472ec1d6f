"""The newest frame of a camera, or of a film that runs: those that nobody had time for are left out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import numpy as np

from gan_style.inference.films.reading import BadFilm, opened, pyav, upright

CAMERA = "/dev/video"
WAITING, LEAVING = 0.2, 5.0  # seconds: for a frame; for the thread that reads, before its film is closed
Shot = tuple[np.ndarray, float]  # a frame, and the moment it was taken, of `time.monotonic`


class Newest:
    """Filled by a thread of its own."""

    def __init__(self, frames: Iterator[np.ndarray]) -> None:
        self.changed = Condition()
        self.shot: Shot | None = None
        self.over, self.count = False, 0
        self.problem: Exception | None = None
        self.thread = Thread(target=self.fill, args=(frames,), daemon=True)
        self.thread.start()

    def fill(self, frames: Iterator[np.ndarray]) -> None:
        try:
            for frame in frames:
                with self.changed:
                    if self.over:
                        return
                    self.shot, self.count = (frame, time.monotonic()), self.count + 1
                    self.changed.notify()
        except Exception as problem:
            self.problem = problem
        finally:
            self.end()

    def end(self) -> None:
        with self.changed:
            self.over = True
            self.changed.notify()

    def close(self) -> None:
        """A film must not be closed while it is read."""
        self.end()
        self.thread.join(LEAVING)

    def __iter__(self) -> Iterator[Shot | None]:
        """Each time the newest one; now and then nothing, where none comes."""
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.shot is not None or self.over, WAITING)
                shot, self.shot = self.shot, None
                if shot is None and self.over:
                    break
            yield shot
        if self.problem:
            raise self.problem


@contextmanager
def running(source: str) -> Iterator[Newest]:
    """A camera by its device, or a film at its own speed."""
    if source.startswith(CAMERA):
        with camera(source) as container:
            newest = Newest(upright(picture) for picture in container.decode(video=0))
            try:
                yield newest
            finally:
                newest.close()
        return
    with opened(Path(source)) as film:
        newest = Newest(at_its_speed(film))
        try:
            yield newest
        finally:
            newest.close()


def at_its_speed(film: Any) -> Iterator[np.ndarray]:
    started: float | None = None
    for frame in film.frames():
        when = float(frame.time * film.time_base)
        started = time.monotonic() - when if started is None else started
        time.sleep(max(0.0, started + when - time.monotonic()))
        yield frame.pixels


def camera(device: str) -> Any:
    av = pyav()
    try:
        return av.open(device, format="v4l2")
    except (av.error.FFmpegError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise BadFilm(f"{device}: this camera cannot be read ({reason})") from None
