"""TIFFs of any tags, for what no writer writes."""

import struct
from pathlib import Path

import numpy as np

KINDS = {"u": 1, "i": 2, "f": 3}


def write_tiff(path: Path, values: np.ndarray, tags: dict[int, tuple[str, float]] | None = None) -> Path:
    """Uncompressed and little-endian, of (H, W) or (H, W, channels) values; `tags` by struct's letters."""
    height, width, channels = (*values.shape, 1)[:3]
    raw = values.astype(values.dtype.newbyteorder("<")).tobytes()
    bits, photometric = values.dtype.itemsize * 8, 1 if channels == 1 else 2
    numbers = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 277: channels, 278: height}
    numbers |= {279: len(raw), 339: KINDS[values.dtype.kind]}
    entries: dict[int, tuple[str, float]] = {tag: ("I", number) for tag, number in numbers.items()}
    entries |= tags or {}
    first = 8 + 2 + 12 * (len(entries) + 1) + 4
    entries[273] = "I", first
    codes = {"H": 3, "I": 4, "i": 9, "f": 11}
    directory = b"".join(
        struct.pack("<HHI", tag, codes[letter], 1) + struct.pack(f"<{letter}", value).ljust(4, b"\0")
        for tag, (letter, value) in sorted(entries.items())
    )
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + raw)
    return path
