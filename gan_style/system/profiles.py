"""Colours of 16 bits from one ICC profile to another: ImageCms knows only those of 8."""

import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from PIL import Image, ImageCms
from scipy import ndimage

LEVELS = 65536
STRIP_VALUES = 2**20
STEP = 3  # of 255 levels, between the nodes of a table
PARAMETERS = {0: "g", 1: "gab", 2: "gabc", 3: "gabcd", 4: "gabcdef"}  # of a curve's formula, by its number
Convert = Callable[[np.ndarray], np.ndarray]  # (..., 3) uint16


@dataclass(frozen=True)
class Space:
    """Curves into linear light, and from there a matrix to XYZ; printers and scanners have tables instead."""

    curves: np.ndarray  # (3, LEVELS), rising from 0 to 1
    matrix: np.ndarray  # (3, 3)


def to_srgb(profile: bytes | None, space: Literal["RGB", "GRAY"]) -> tuple[Convert | None, bytes | None]:
    """From the profile's colours, and the profile if pictures can be taken back to it (an RGB one)."""
    if profile is None or profile[16:20].strip() != space.encode():
        return None, None
    try:
        return between(profile, srgb()), profile if space == "RGB" else None
    except BROKEN:
        return None, None


def from_srgb(profile: bytes | None) -> tuple[Convert | None, bytes | None]:
    """Into the file's own colours; scanners' profiles lead only into sRGB, and then it stays that."""
    if profile is None:
        return None, None
    try:
        return between(srgb(), profile), profile
    except BROKEN:
        return None, None


# Whatever a profile lacks: it then says nothing about the colours.
BROKEN = (
    ImageCms.PyCMSError,
    OSError,
    ValueError,
    KeyError,
    struct.error,
    ArithmeticError,
    np.linalg.LinAlgError,
)


@cache
def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def between(source: bytes, target: bytes) -> Convert:
    given, wanted = space_of(source), space_of(target)
    if given is None or wanted is None:
        return by_table(source, target)
    mixed = np.linalg.inv(wanted.matrix) @ given.matrix

    def convert(values: np.ndarray) -> np.ndarray:
        light = np.stack([curve[values[..., c]] for c, curve in enumerate(given.curves)], -1) @ mixed.T
        levels = [np.interp(light[..., c], curve, np.arange(LEVELS)) for c, curve in enumerate(wanted.curves)]
        return np.stack(levels, -1).round().astype(np.uint16)

    return convert


def by_table(source: bytes, target: bytes) -> Convert:
    """A coarse table of what ImageCms says; between its nodes colours are interpolated, so that none band."""
    steps = np.arange(0, 256, STEP)
    nodes = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).astype(np.uint8)
    one, other = (ImageCms.ImageCmsProfile(io.BytesIO(profile)) for profile in (source, target))
    line = Image.fromarray(nodes.reshape(len(steps), -1, 3))
    converted = ImageCms.profileToProfile(line, one, other, outputMode="RGB")
    table = np.asarray(converted).reshape(nodes.shape) * np.float32(257)

    def convert(values: np.ndarray) -> np.ndarray:
        places = np.moveaxis(values, -1, 0) / np.float32(257 * STEP)
        found = [ndimage.map_coordinates(table[..., c], places, order=1, mode="nearest") for c in range(3)]
        return np.stack(found, -1).round().astype(np.uint16)

    return convert


def space_of(profile: bytes) -> Space | None:
    """None of a profile with tables, which count for more than its curves."""
    tags = primaries = tags_of(profile)
    names = [b"rTRC", b"gTRC", b"bTRC"]
    if profile[16:20] == b"GRAY":  # which is grey whatever the primaries
        names, primaries = [b"kTRC"] * 3, tags_of(srgb())
    elif b"A2B0" in tags:
        return None
    columns = [struct.unpack_from(">3i", primaries[name], 8) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    return Space(np.stack([curve_of(tags[name]) for name in names]), np.array(columns).T / 65536)


def tags_of(profile: bytes) -> dict[bytes, memoryview]:
    content = memoryview(profile)  # as hostile ones name the same bytes again and again
    (count,) = struct.unpack_from(">I", content, 128)
    entries = struct.iter_unpack(">4sII", content[132 : 132 + 12 * count])
    return {name: content[start : start + size] for name, start, size in entries}


def curve_of(tag: memoryview) -> np.ndarray:
    """Linear light of every level: a table, a power, or a formula with a straight foot."""
    levels = np.linspace(0, 1, LEVELS)
    kind, count = struct.unpack_from(">4s4xI", tag)
    if kind == b"para":
        light = formula(levels, count >> 16, tag)
    elif kind != b"curv":
        raise ValueError("no curve")
    elif count <= 1:
        light = levels ** (struct.unpack_from(">H", tag, 12)[0] / 256 if count else 1)
    else:
        table = np.frombuffer(tag, ">u2", count, 12) / 65535
        light = np.interp(levels, np.linspace(0, 1, count), table)
    return np.maximum.accumulate(np.clip(light, 0, 1))


def formula(levels: np.ndarray, number: int, tag: memoryview) -> np.ndarray:
    """Y = (aX + b)^g + e from X = d on, and cX + f below."""
    names = PARAMETERS[number]
    told = dict(zip(names, struct.unpack_from(f">{len(names)}i", tag, 12), strict=True))
    g, a, b, c, d, e, f = (told.get(name, 0) / 65536 for name in "gabcdef")
    if number == 0:
        a = 1.0
    if number in (1, 2):
        c, d, e, f = 0.0, -b / a, c, c
    return np.where(levels >= d, np.maximum(a * levels + b, 0) ** g + e, c * levels + f)


def strips(pixels: np.ndarray) -> Iterator[slice]:
    """Rows of a picture, of which few are worked on at once."""
    rows = max(1, STRIP_VALUES // pixels[0].size)
    for top in range(0, len(pixels), rows):
        yield slice(top, top + rows)
