"""ICC profiles of any primaries and curves, for what Pillow makes none of."""

import struct

import numpy as np
from skimage.color import rgb2lab

PROPHOTO = (0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)
ADOBE = (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)


def fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def power(gamma: float) -> bytes:
    return b"curv" + struct.pack(">IIHxx", 0, 1, round(gamma * 256))


def table(levels: np.ndarray) -> bytes:
    return b"curv" + struct.pack(">II", 0, len(levels)) + levels.astype(">u2").tobytes()


def formula(number: int, *parameters: float) -> bytes:
    return b"para" + struct.pack(">IHxx", 0, number) + fixed(*parameters)


def rgb_profile(primaries, curve: bytes, **more: bytes) -> bytes:
    """Of these colours in XYZ and one curve for all channels."""
    names = zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    tags = {name: b"XYZ " + bytes(4) + fixed(*place) for name, place in names}
    tags |= {b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1, 0.8249)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    space = b"Lab " if "A2B0" in more else b"XYZ "
    return profile(b"RGB ", space, tags | {name.encode(): tag for name, tag in more.items()})


def grey_profile(curve: bytes) -> bytes:
    white = b"XYZ " + bytes(4) + fixed(0.9642, 1, 0.8249)
    return profile(b"GRAY", b"XYZ ", {b"kTRC": curve, b"wtpt": white})


def look_up() -> bytes:
    """The tag A2B0 as scanners have it: 17x17x17 colours in Lab; here with red and blue swapped."""
    nodes = np.stack(np.meshgrid(*[np.linspace(0, 1, 17)] * 3, indexing="ij"), -1)
    lab = rgb2lab(nodes[..., ::-1], illuminant="D50") * [2.55, 1, 1] + [0, 128, 128]
    straight = bytes(range(256)) * 3
    head = b"mft1" + struct.pack(">I4B", 0, 3, 3, 17, 0) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return head + straight + lab.round().clip(0, 255).astype(np.uint8).tobytes() + straight


def profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    places, body, first = b"", b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        places += struct.pack(">4sII", name, first + len(body), len(tag))
        body += tag.ljust(-(-len(tag) // 4) * 4, b"\0")
    head = struct.pack(">I4sI4s4s4s", first + len(body), b"lcms", 0x02400000, b"mntr", space, connection)
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + places + body
