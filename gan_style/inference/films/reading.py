"""A film file as upright frames with their times, within limits; what is wrong with it in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from gan_style.metrics.warping import opencv
from gan_style.system import images
from gan_style.system.errors import UserError

LEAST, MOST = 16, 8192  # pixels of a side
MOST_PIXELS = 8192 * 4320
# What names other files or addresses, or makes pictures by itself, is no film.
REFUSED = ("hls", "dash", "concat", "lavfi", "image2", "sdp", "rtsp", "rtp", "tty")
QUARTER = 90  # degrees
UNTOLD = 2  # of a colour matrix: then large pictures have that of BT.709, small ones that of BT.601
EXACT = (
    4 | 0x2000 | 0x4000 | 0x40000
)  # of swscale: bicubic, all of the colours, rounded; else 1 of 255 is lost


class BadFilm(UserError):
    """A film that cannot be read, or from some time on not any more."""


@dataclass(frozen=True)
class Frame:
    pixels: np.ndarray  # (H, W, 3) uint8, upright
    time: int  # when it is shown, in the film's time base
    lasts: int  # as the file says, or 0


@dataclass
class Film:
    """An open film: its pictures, and what else has to be kept."""

    path: Path
    container: Any
    stream: Any

    def __post_init__(self) -> None:
        self.time_base = Fraction(self.stream.time_base)  # seconds
        rate = self.stream.average_rate or self.stream.guessed_rate or 25
        self.rate = Fraction(rate).limit_denominator(60000)  # frames a second, on average
        shape = Fraction(self.stream.sample_aspect_ratio or 1)  # of a pixel, its width by its height
        self.pixel = shape if shape > 0 else Fraction(1)

    def expected(self) -> int:
        """How many frames the file says that it has; 0 where it does not."""
        if self.stream.frames:
            return int(self.stream.frames)
        return round(self.container.duration / 1e6 * self.rate) if self.container.duration else 0

    def seconds(self, time: int) -> str:
        """A time for people."""
        whole = float(time * self.time_base)
        return f"{int(whole // 60)}:{whole % 60:05.2f}"

    def frames(self, skip: int = 0) -> Iterator[Frame]:
        """In the order of their times, all of the first one's size; without the first ones.

        Those are decoded, too: going to a place in a film leads in many containers to another one.
        """
        last, size = None, None
        step = max(1, round(1 / (self.rate * self.time_base)))
        for count, picture in enumerate(self.decoded()):
            time = picture.pts if picture.pts is not None else step * count
            # Two frames of one time, or a clock that was set back, are what containers refuse.
            time = time if last is None or time > last else last + (1 if time == last else step)
            last = time
            if count >= skip or size is None:
                pixels = upright(picture)
                size = size or pixels.shape[:2]
            if count >= skip:
                yield Frame(images.resize(pixels, *size), time, picture.duration or 0)
        if last is None:
            raise BadFilm(f"{self.path}: holds no frames")

    def decoded(self) -> Iterator[Any]:
        import av

        time = 0
        try:
            for picture in self.container.decode(self.stream):
                if picture.is_corrupt:
                    raise BadFilm(f"{self.path}: is damaged after {self.seconds(time)}")
                time = picture.pts or time
                yield picture
        except av.error.FFmpegError as problem:
            reason = problem.strerror or type(problem).__name__
            raise BadFilm(f"{self.path}: is damaged after {self.seconds(time)} ({reason})") from None


@contextmanager
def opened(path: Path) -> Iterator[Film]:
    """A film of which the header is read. Only plain files: no address, no list of others."""
    av = pyav()
    if not path.is_file():
        raise BadFilm(f"{path}: there is no such film file")
    try:
        container = av.open(str(path), options={"protocol_whitelist": "file"})
    except (av.error.FFmpegError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise BadFilm(f"{path}: is no film that can be read ({reason})") from None
    with container:
        names = container.format.name.split(",")
        if any(name in REFUSED or name.endswith("_pipe") for name in names):
            raise BadFilm(f"{path}: is no film, but {container.format.long_name or names[0]}")
        streams = [one for one in container.streams.video if not is_cover(one)]
        if not streams:
            raise BadFilm(f"{path}: holds no moving pictures")
        check_size(path, streams[0])
        streams[0].thread_type = "AUTO"
        yield Film(path, container, streams[0])


def is_cover(stream: Any) -> bool:
    """A picture that comes with music, and is no film."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def check_size(path: Path, stream: Any) -> None:
    width, height = stream.width, stream.height
    if min(width, height) < LEAST or max(width, height) > MOST or width * height > MOST_PIXELS:
        raise BadFilm(f"{path}: {width}x{height} pixels; a film's sides may have {LEAST} to {MOST:,}")


def upright(picture: Any) -> np.ndarray:
    """Pixels as they are to be seen: sRGB of the film's own matrix, turned as the file asks for."""
    matrix = {"src_colorspace": "ITU709"} if picture.colorspace == UNTOLD and picture.height >= 720 else {}
    pixels = picture.to_ndarray(format="rgb24", interpolation=EXACT, **matrix)
    turns = round((picture.rotation or 0) / QUARTER) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def pyav() -> Any:
    """PyAV, of the extra `video`."""
    opencv()  # both are needed, and are missing together
    try:
        import av
    except ImportError:
        raise UserError("films need OpenCV and PyAV: pip install 'gan-style[video]'") from None
    return av
