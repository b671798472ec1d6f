"""Painted frames as a film again: encoded in parts, put together with the sound as it was."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from gan_style.inference.films.reading import EXACT, Film, Frame, opened, pyav
from gan_style.system.errors import UserError

SQUARE = Fraction(1)  # of a pixel, its width by its height
BT709 = 1
# By container: encoders, of which the first that this PyAV has is used.
ENCODERS = {
    ".mp4": ("libx264", "mpeg4"),
    ".mov": ("libx264", "mpeg4"),
    ".mkv": ("libx264", "mpeg4"),
    ".webm": ("libvpx-vp9", "libvpx"),
}
OPTIONS = {
    # Without B-frames parts follow each other; `grain` keeps fine strokes.
    "libx264": {"crf": "15", "preset": "medium", "tune": "grain", "bf": "0"},
    "mpeg4": {"q:v": "2", "bf": "0"},
    "libvpx-vp9": {"crf": "24", "b:v": "0", "cpu-used": "4", "lag-in-frames": "0", "auto-alt-ref": "0"},
    "libvpx": {"crf": "8", "b:v": "4M", "lag-in-frames": "0", "auto-alt-ref": "0"},
}


def encoder_for(path: Path) -> str:
    """By the name of what is to be written."""
    if path.suffix.lower() not in ENCODERS:
        raise UserError(f"{path}: films are written as {', '.join(ENCODERS)}")
    known = pyav().codecs_available
    found = next((name for name in ENCODERS[path.suffix.lower()] if name in known), None)
    if found is None:
        raise UserError(f"{path}: this PyAV has no encoder for {path.suffix}")
    return found


class Part:
    """A piece of the film: frames whose times are counted from its first one."""

    def __init__(
        self, path: Path, encoder: str, rate: Fraction, time_base: Fraction, pixel: Fraction = SQUARE
    ) -> None:
        self.av, self.path = pyav(), path
        self.encoder, self.rate, self.time_base, self.pixel = encoder, rate, time_base, pixel
        self.container = self.av.open(str(path), "w", format="matroska" if path.suffix == ".webm" else "mp4")
        self.stream: Any = None
        self.first: int | None = None

    def add(self, frame: Frame) -> None:
        if self.stream is None or self.first is None:
            self.first, self.stream = frame.time, self.begun(frame.pixels)
        picture = self.av.VideoFrame.from_ndarray(even(frame.pixels), format="rgb24")
        picture = picture.reformat(
            format="yuv420p",
            interpolation=EXACT,
            dst_colorspace="ITU709",
            src_color_range="JPEG",
            dst_color_range="MPEG",
        )
        picture.pts, picture.time_base = frame.time - self.first, self.time_base
        picture.duration = frame.lasts
        with encoding(self.path):
            self.container.mux(self.stream.encode(picture))

    def begun(self, pixels: np.ndarray) -> Any:
        stream = self.container.add_stream(self.encoder, rate=self.rate, options=OPTIONS[self.encoder])
        stream.height, stream.width = (side + side % 2 for side in pixels.shape[:2])
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = self.time_base
        stream.codec_context.sample_aspect_ratio = self.pixel
        stream.codec_context.colorspace = stream.codec_context.color_primaries = BT709
        stream.codec_context.color_trc = BT709
        stream.codec_context.color_range = 1  # as television has it
        return stream

    def close(self) -> None:
        if self.stream is not None:
            self.container.mux(self.stream.encode(None))
        self.container.close()


def even(pixels: np.ndarray) -> np.ndarray:
    """These encoders halve colours: sides are even, the last row or column comes twice."""
    height, width = pixels.shape[:2]
    return np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def put_together(parts: Sequence[tuple[Path, int]], film: Film, output: Path, until: int | None) -> None:
    """The parts (each with the time of its first frame), and the film's sound `until` a time of it."""
    av = pyav()
    with encoding(output), av.open(str(output), "w", format=kind_of(output)) as container:
        sounds = {stream.index: copied(container, stream, output) for stream in film.container.streams.audio}
        with av.open(str(parts[0][0])) as first:
            pictures = container.add_stream_from_template(first.streams.video[0])
        pictures.time_base = film.time_base
        waiting = sound_packets(film, sounds, until)
        sound = next(waiting, None)
        for packet, time in picture_packets(parts, film.time_base):
            while sound is not None and sound[0].dts * sound[0].time_base <= time * film.time_base:
                mux(container, *sound)
                sound = next(waiting, None)
            mux(container, packet, pictures)
        while sound is not None:
            mux(container, *sound)
            sound = next(waiting, None)


def check_sound(film: Film, output: Path, encoder: str, scratch: Path) -> None:
    """Before anything is painted: the film's sound goes into the file that is to be written."""
    try:
        with encoding(output), pyav().open(str(scratch), "w", format=kind_of(output)) as container:
            container.add_stream(encoder, rate=film.rate)
            for stream in film.container.streams.audio:
                copied(container, stream, output)
            try:
                container.start_encoding()
            except Exception:
                raise UserError(f"{output}: the film's sound does not go into it; choose .mkv") from None
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def encoding(path: Path) -> Iterator[None]:
    """What PyAV refuses becomes one sentence that names the file."""
    try:
        yield
    except pyav().error.FFmpegError as problem:
        if isinstance(problem, OSError) and problem.errno and not isinstance(problem, ValueError):
            raise
        reason = problem.strerror or type(problem).__name__
        raise UserError(f"{path}: cannot be written as a film ({reason})") from None


def kind_of(output: Path) -> str:
    return {".mkv": "matroska", ".webm": "webm", ".mov": "mov"}.get(output.suffix.lower(), "mp4")


def copied(container: Any, stream: Any, output: Path) -> Any:
    """A stream for sound that is not encoded anew, or an error that says where it would fit."""
    try:
        return container.add_stream_from_template(stream)
    except Exception:
        codec = stream.codec_context.name if stream.codec_context else "its kind"
        raise UserError(f"{output}: sound of the kind {codec} does not go into it; choose .mkv") from None


def picture_packets(parts: Sequence[tuple[Path, int]], time_base: Fraction) -> Any:
    """Each with its time in the whole film."""
    av = pyav()
    for path, start in parts:
        with av.open(str(path)) as part:
            for packet in part.demux(part.streams.video[0]):
                if packet.dts is None:
                    continue
                scale = packet.time_base / time_base
                time = start + round(packet.pts * scale)
                packet.duration = round((packet.duration or 0) * scale)
                packet.pts = packet.dts = time
                packet.time_base = time_base
                yield packet, time


def sound_packets(film: Film, sounds: dict[int, Any], until: int | None) -> Any:
    """In the order of their times, from the film's beginning."""
    if not sounds:
        return
    end, last = None if until is None else until * film.time_base, dict[int, int]()
    with opened(film.path) as again:  # as going back would not lead to the very first packet
        for packet in again.container.demux(*again.container.streams.audio):
            index = packet.stream.index
            if packet.dts is None or (end is not None and packet.dts * packet.time_base > end):
                continue
            if packet.dts <= last.get(index, packet.dts - 1):  # a clock that was set back
                continue
            last[index] = packet.dts
            yield packet, sounds[index]


def mux(container: Any, packet: Any, stream: Any) -> None:
    packet.stream = stream
    container.mux_one(packet)
