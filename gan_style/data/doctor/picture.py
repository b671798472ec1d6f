"""What one picture file has that training should not learn: a mat, a caption, blocks, no colour, nothing."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gan_style.data.kept import read_note, write_note
from gan_style.data.look import look
from gan_style.system import images
from gan_style.system.disk import file_sha256

VERSION = 1  # of what is measured; notes of others are not read
EXAMINED = 512  # pixels of the longer side at most, but for JPEG blocks
PLAIN, SPREAD = 0.9, 10  # share of a line within so many levels of its own middle: a plain one
LETTERED = 0.55  # of a line with letters on it
NARROWEST, WIDEST = 0.015, 0.45  # of the side: a band
SHARP, STRAIGHT = 10.0, 0.9  # levels by which a band ends from one line to the next, along so much of it
FRAME_DEPTH, FRAME_STEP = 0.15, 4.0  # of the side; times the usual step between lines
SEGMENTS = 16  # of a line, most of which a frame's edge must mark
SIDES = ("top", "bottom", "left", "right")


@dataclass(frozen=True)
class Facts:
    name: str
    sha256: str = ""
    reason: str = ""  # why it cannot be used; then nothing else is known
    height: int = 0
    width: int = 0
    look: str = ""
    contrast: float = 0.0  # standard deviation of brightness, in levels
    chroma: float = 0.0  # mean distance of the channels, in levels
    bands: tuple[str, ...] = ()  # sides with a plain band along them
    framed: bool = False
    blocks: float = 1.0  # steps at every eighth pixel beside the others
    detail: float = 1.0  # of the finest octave beside the next but one

    def short_side(self) -> int:
        return min(self.height, self.width)

    def aspect(self) -> float:
        return max(self.height, self.width) / max(1, self.short_side())


def examined(path: Path, name: str, notes: Path) -> Facts:
    """Of a file, from the notes where it was examined before."""
    try:
        digest = file_sha256(path)
    except OSError as problem:
        return Facts(name, reason=f"cannot be read: {problem.strerror}")
    note = notes / f"{digest}-{VERSION}.json"
    if known := read_note(note):
        return Facts(**{**known, "name": name, "bands": tuple(known["bands"])})
    try:
        facts = examine(images.read(path).pixels, name, digest)
    except images.BadImage as problem:
        return Facts(name, digest, reason=str(problem).removeprefix(f"{path}: "))
    write_note(note, asdict(facts))
    return facts


def examine(pixels: np.ndarray, name: str = "", digest: str = "") -> Facts:
    small = images.reduced(pixels, EXAMINED)
    values = small.astype(np.float32)
    grey = values @ np.array([0.299, 0.587, 0.114], np.float32)
    red, green, blue = (values[..., channel] for channel in range(3))
    bands = tuple(side for side, lines in zip(SIDES, turned(values), strict=True) if band(lines))
    return Facts(
        name,
        digest,
        height=pixels.shape[0],
        width=pixels.shape[1],
        look=look(pixels),
        contrast=float(grey.std()),
        chroma=float((np.abs(red - green) + np.abs(green - blue)).mean() / 2),
        bands=bands,
        framed=framed(values),
        blocks=blocks(pixels),
        detail=detail(grey),
    )


def turned(values: np.ndarray) -> list[np.ndarray]:
    """The picture's lines counted from each side."""
    across = values.transpose(1, 0, 2)
    return [values, values[::-1], across, across[::-1]]


def band(lines: np.ndarray) -> int:
    """Lines of a plain colour along an edge, letters allowed, that end suddenly; 0 if it is no band."""
    count = len(lines)
    reach = int(count * WIDEST)
    outer = lines[: reach + 1].mean(axis=2)  # (reach + 1, length)
    ground = np.median(outer[: max(1, count // 50)])
    near = (np.abs(outer - ground) <= SPREAD).mean(axis=1)
    width = int(np.argmax(near < LETTERED)) if (near < LETTERED).any() else 0
    if width < max(2, NARROWEST * count) or np.mean(near[:width] >= PLAIN) < 0.5:
        return 0
    sudden = np.abs(lines[width].mean(axis=1) - ground)
    return width if np.mean(sudden > SHARP) > STRAIGHT else 0


def framed(values: np.ndarray) -> bool:
    """Whether lines all along at least three edges mark a frame within the picture."""
    return sum(edge_of_a_frame(lines) for lines in turned(values)) >= 3


def edge_of_a_frame(lines: np.ndarray) -> bool:
    """A step between two lines that nearly all of their length shares, near the edge and nowhere else."""
    length = lines.shape[1] // SEGMENTS * SEGMENTS
    if length < SEGMENTS * 4 or len(lines) < 64:
        return False
    means = lines[:, :length].mean(axis=2).reshape(len(lines), SEGMENTS, -1).mean(axis=2)
    steps = np.quantile(np.abs(np.diff(means, axis=0)), 0.25, axis=1)
    depth = int(len(lines) * FRAME_DEPTH)
    inside = np.quantile(steps[depth:-depth], 0.98)
    return bool(steps[:depth].max() > max(FRAME_STEP * inside, SHARP))


def blocks(pixels: np.ndarray) -> float:
    """Mean step over the edges of 8x8 blocks beside the mean of all other steps; 1 if there are none."""
    grey = pixels[..., 1].astype(np.float32)
    ratios = []
    for turned_grey in (grey, grey.T):
        steps = np.abs(np.diff(turned_grey, axis=0)).mean(axis=1)
        at_edges = steps[7::8]
        others = np.delete(steps, np.arange(7, len(steps), 8))
        ratios.append(float((at_edges.mean() + 0.1) / (others.mean() + 0.1)) if len(at_edges) else 1.0)
    return min(ratios)


def detail(grey: np.ndarray) -> float:
    """Energy of the finest octave beside that of the third: about 1 where a photograph is sharp."""
    bands = []
    for _ in range(3):
        height, width = (side // 2 * 2 for side in grey.shape)
        if min(height, width) < 4:
            return 1.0
        half = grey[:height, :width].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
        bands.append(float((grey[:height, :width] - half.repeat(2, 0).repeat(2, 1)).std()))
        grey = half
    return bands[0] / max(bands[2], 1e-3)
