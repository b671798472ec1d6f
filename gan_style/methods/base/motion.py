"""Synthetic films of two frames: single photographs, and what a camera that moves a little sees next.

It pans, zooms and turns, and something comes before what it looks at. So steadiness is learned without films.
"""

import math

from keras import ops

from gan_style.losses.temporal import frame_difference
from gan_style.optim.player import Terms
from gan_style.system.random import Random, Repeated, uniform
from gan_style.system.tensor import Tensor

# From frame to frame, to either side, at most: pixels, a share of the size, radians.
PAN, ZOOM, TURN = 3.0, 0.03, math.radians(2)
OCCLUDER = 0.1, 0.4  # height and width of what comes before it, in those of the picture: least, most


class Frames:
    """What is painted of a step's photographs: they, and if there is motion, then the next frame of each.

    Both frames have the same random numbers at the same places. With fresh ones the loss would punish dabs
    and noise themselves, until no strokes were left. With some that move along it would punish strokes for
    moving, as it compares what is painted onto the same pixel. So it teaches what a network can learn: to
    answer a little motion with little. Films carry strokes along while they are painted (system/places.py).
    """

    def __init__(self, source: Tensor, random: Random, *, moving: bool) -> None:
        self.source, self.pictures, self.random, self.moving = source, source, random, moving
        if moving:
            self.next = next_frame(source, random)
            self.pictures = ops.concatenate([source, self.next])
            self.random = Repeated(random, source.shape[0])

    def apart(self, fakes: Tensor) -> tuple[Tensor, Tensor]:
        """Of all that was painted, photographs before anything else: without the next frames, and those."""
        if not self.moving:
            return fakes, None
        count = self.source.shape[0]
        return ops.concatenate([fakes[:count], fakes[2 * count :]]), fakes[count : 2 * count]

    def terms(self, fakes: Tensor, next_fake: Tensor) -> Terms:
        if not self.moving:
            return {}
        fake = fakes[: self.source.shape[0]]
        return {"temporal": frame_difference(fake, next_fake, self.source, self.next)}


def next_frame(pictures: Tensor, random: Random) -> Tensor:
    """(N, H, W, 3) a moment later, each with a motion of its own."""
    count = pictures.shape[0]
    pan, zoom, turn, middle, size = ops.split(uniform((count, 8), random), [2, 3, 4, 6], axis=1)
    least, most = OCCLUDER
    seen = moved(
        pictures,
        PAN * (2.0 * pan - 1.0),
        1.0 + ZOOM * (2.0 * zoom[:, 0] - 1.0),
        TURN * (2.0 * turn[:, 0] - 1.0),
    )
    return occluded(seen, middle, least + (most - least) * size)


def moved(pictures: Tensor, pan: Tensor, zoom: Tensor, turn: Tensor) -> Tensor:
    """Shifted by `pan` (N, 2) pixels down and right, `zoom` (N,) times as large, turned `turn` (N,) radians.

    About the middle, by bilinear resampling; what comes in over the border is mirrored.
    """
    height, width = ops.shape(pictures)[1:3]
    y, x = (ops.cast(height, "float32") - 1.0) / 2.0, (ops.cast(width, "float32") - 1.0) / 2.0
    # Where in the picture a pixel comes from: the way back.
    cosine, sine, nothing = ops.cos(turn) / zoom, ops.sin(turn) / zoom, ops.zeros_like(turn)
    down, right = y + pan[:, 0], x + pan[:, 1]
    across = [cosine, sine, x - cosine * right - sine * down]
    along = [-sine, cosine, y + sine * right - cosine * down]
    back = ops.stack([*across, *along, nothing, nothing], axis=1)
    # Eight bits of bfloat16 would round places to whole pixels.
    seen = ops.image.affine_transform(ops.cast(pictures, "float32"), back, fill_mode="reflect")
    return ops.cast(seen, pictures.dtype)


def occluded(pictures: Tensor, middle: Tensor, size: Tensor) -> Tensor:
    """With a rectangle before each: `middle` and `size` (N, 2), down and right, in heights and widths.

    It shows the picture itself upside down, as the others of the batch may be on other devices.
    """
    hidden: Tensor = True
    for axis in (0, 1):
        side = ops.shape(pictures)[1 + axis]
        places = (ops.arange(side, dtype="float32")[None] + 0.5) / ops.cast(side, "float32")
        near = ops.abs(places - middle[:, axis : axis + 1]) < size[:, axis : axis + 1] / 2
        hidden = ops.logical_and(hidden, ops.expand_dims(near, (2 - axis, 3)))
    return ops.where(hidden, ops.flip(pictures, axis=(1, 2)), pictures)
