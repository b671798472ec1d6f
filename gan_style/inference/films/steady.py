"""A film's frames painted one after the other, so that strokes stay on what they were painted on.

- Random numbers, and with them dabs and strokes, are carried along by the film's motion; what was hidden
  before, and what has been stretched, gets new ones.
- Statistics of norms follow the frames slowly.
- What was painted in the frame before is brought to its new place. In some patches, other ones in each frame,
  it is painted anew, as a painter goes over a picture stroke by stroke.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from scipy import ndimage

from gan_style.inference.films.motion import Motion, motion
from gan_style.methods.base.tiling import WholePicture
from gan_style.metrics.warping import LANCZOS, inside, opencv, warped
from gan_style.system import images

LONGEST = 8192
KEPT = 0.92  # of a frame: how much of it is what was painted before
PATCH = 12.0  # pixels of the size at which frames are painted: about a stroke's width and its neighbour's
EDGE = 0.1  # of the deviation of the noise that makes patches: over so much their edges are soft
BROAD = 12.0  # pixels of that size: details that are finer are strokes, the rest is the broad colours
FOLLOWED = 0.3  # of what broad colours have changed: so much of it what was painted before takes over
STALE = (0.5, 0.6)  # of the contrast around: how far the film may be from what a stroke was painted on
NEAR = 3.0  # pixels of that size: standard deviation of the blur with which these are compared
FLAT = 16.0  # of 255: a place of less contrast counts as one of so much
BORDER = 4.0  # pixels: so far Lanczos' filter looks
AHEAD = 8  # frames: what the motion leads out of the picture in so many has just entered it
PASS = "statistics/"
BLOCK = 64  # pixels: where strokes were stretched too far, new ones begin in squares of so many
STRETCHED = (0.45, 2.2)  # areas of what is painted, in that where its random numbers come from
FIELD = 2**16  # pixels: random numbers begin anew within so many, at whole cells of any brush
PaintFrame = Callable[[np.ndarray, np.ndarray, list[WholePicture]], np.ndarray]  # frame, `moved`, statistics


@dataclass
class Steady:
    """Paints the next frame. `state` and `restore` let it go on in another process."""

    paint: PaintFrame
    passes: int = 1  # over each frame, each with statistics of its own
    size: int = LONGEST  # pixels of the longer side: motion is seen at the size at which frames are painted
    kept: float = KEPT
    frames: int = 0
    before: np.ndarray | None = None  # the frame before (h, w, 3) uint8, at that size
    moved: np.ndarray | None = None  # (h, w, 2): see `Request.moved`
    painted: np.ndarray | None = None  # how it was painted (H, W, 3) float32
    shown: np.ndarray | None = None  # as `before`, of when each stroke was painted, and float32
    wholes: list[WholePicture] = field(default_factory=list)

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8, of the same size as the ones before."""
        self.frames += 1
        small = images.reduced(frame, self.size)
        move = motion(self.before, small) if self.before is not None else None
        self.before = small
        painted = self.begun(frame) if move is None or move.is_cut else self.gone_on(frame, move)
        self.painted = painted
        rounded: np.ndarray = np.clip(np.round(painted), 0, 255).astype(np.uint8)
        return rounded

    def begun(self, frame: np.ndarray) -> np.ndarray:
        """The first frame of a scene, painted."""
        self.wholes = [WholePicture() for _ in range(self.passes)]
        assert self.before is not None
        self.shown = self.before.astype(np.float32)
        self.moved = np.zeros((*self.before.shape[:2], 2), np.float32)
        return self.paint(frame, self.moved, self.wholes).astype(np.float32)

    def gone_on(self, frame: np.ndarray, move: Motion) -> np.ndarray:
        assert self.before is not None
        assert self.moved is not None
        assert self.painted is not None
        assert self.shown is not None
        self.moved = reseeded(carried(self.moved, move), self.frames)
        scale = np.float32(frame.shape[1] / move.seen.shape[1])
        fresh = self.paint(frame, scale * self.moved, self.wholes).astype(np.float32)
        if not self.kept:
            return fresh
        now, before = self.before.astype(np.float32), warped(self.shown, move.flow, LANCZOS)
        staying = patches(now.shape[0], now.shape[1], PATCH, self.kept, self.frames)
        # What enters is painted anew: resampled at the border, it would be drawn out. What is still stays.
        inner = inside(move.flow, -BORDER) | inside(AHEAD * move.flow)
        share = move.seen * inner * fitting(now, before) * staying
        self.shown = mixed(now, before, share)
        earlier = warped(self.painted, move.enlarged(*frame.shape[:2]).flow, LANCZOS)
        return mixed(fresh, earlier, share)

    def state(self) -> dict[str, np.ndarray]:
        """Arrays to go on from."""
        assert self.before is not None
        assert self.painted is not None
        assert self.moved is not None
        assert self.shown is not None
        statistics = {
            f"{PASS}{i}/{j}": one for i, whole in enumerate(self.wholes) for j, one in whole.arrays()
        }
        arrays = {"before": self.before, "painted": self.painted, "moved": self.moved, "shown": self.shown}
        return arrays | {"frames": np.array(self.frames)} | statistics

    def restore(self, state: dict[str, np.ndarray]) -> None:
        self.before, self.painted = state["before"], state["painted"]
        self.begun(self.before)  # once more, for what its statistics look like
        self.moved, self.shown = state["moved"], state["shown"]
        self.frames = int(state["frames"])
        for i, whole in enumerate(self.wholes):
            whole.fill([state[f"{PASS}{i}/{j}"] for j, _ in whole.arrays()])


def mixed(now: np.ndarray, earlier: np.ndarray, share: np.ndarray) -> np.ndarray:
    """One of both in each place, as their mean would blur strokes. Broad colours follow those of now."""
    cv2, (height, width) = opencv(), now.shape[:2]
    scale = width / share.shape[1]
    difference = np.clip(earlier, 0, 255) - now
    share = cv2.resize(share, (width, height))[..., None]
    result: np.ndarray = now + share * (difference - FOLLOWED * broad(difference, BROAD * scale))
    return result


def fitting(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Where what strokes were painted on is still shown (H, W): 0 where they would leave a trail."""
    blur = opencv().GaussianBlur
    apart = blur(np.square(before - now).mean(-1), (0, 0), NEAR)
    contrast = blur(np.square(now - blur(now, (0, 0), BROAD)).mean(-1), (0, 0), BROAD)
    far = np.sqrt(apart) / (np.sqrt(contrast) + FLAT)
    result: np.ndarray = np.clip((STALE[1] - far) / (STALE[1] - STALE[0]), 0, 1)
    return result


def broad(picture: np.ndarray, side: float) -> np.ndarray:
    """A picture (H, W, 3) float32 without details finer than so many pixels."""
    cv2, (height, width) = opencv(), picture.shape[:2]
    cells = max(1, round(width / side)), max(1, round(height / side))
    means = cv2.GaussianBlur(cv2.resize(picture, cells, interpolation=cv2.INTER_AREA), (0, 0), 1.0)
    result: np.ndarray = cv2.resize(means, (width, height))
    return result


def patches(height: int, width: int, side: float, share: float, number: int) -> np.ndarray:
    """Soft spots (H, W) in 0..1 about so many pixels wide, other ones in each frame; `share` of them is 1."""
    cv2 = opencv()
    coarse = [max(1, round(2 * pixels / side)) for pixels in (height, width)]
    noise = np.random.default_rng(number).standard_normal(coarse).astype(np.float32)
    field = cv2.GaussianBlur(noise, (0, 0), 2.0)
    field = cv2.resize(field / (field.std() + 1e-6), (width, height), interpolation=cv2.INTER_CUBIC)
    beyond = (field - NormalDist().inv_cdf(1 - share)) / EDGE
    result: np.ndarray = np.clip(0.5 + 0.5 * beyond, 0, 1)
    return result


def carried(moved: np.ndarray, move: Motion) -> np.ndarray:
    """Random numbers of the frame before, brought along; new ones where it does not show this."""
    height, width = moved.shape[:2]
    flow = move.flow[..., ::-1]  # down and to the right
    places = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), -1)
    rows, columns = np.moveaxis(np.round(places + flow).astype(int), -1, 0)
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    along = flow + moved[rows, columns]
    seen = move.seen > 0.5
    if seen.all():
        return along.astype(np.float32)
    # What enters, or was hidden, goes on as its neighbours do: its places are ones that nobody had.
    nearest = ndimage.distance_transform_edt(~seen, return_distances=False, return_indices=True)
    return along[tuple(nearest)].astype(np.float32)


def elsewhere(number: int) -> np.ndarray:
    """So far away that no other pixel has these random numbers, in whole cells of any brush."""
    rows, columns = np.random.default_rng(number).integers(-FIELD, FIELD, 2) // BLOCK * BLOCK
    return np.array([rows, columns], np.float32)


def reseeded(moved: np.ndarray, number: int) -> np.ndarray:
    """New random numbers in blocks where the old ones lie too close together, or too far apart."""
    cv2 = opencv()
    down, right = np.gradient(moved[..., 0], axis=(0, 1)), np.gradient(moved[..., 1], axis=(0, 1))
    area = np.abs((1 + down[0]) * (1 + right[1]) - down[1] * right[0])
    height, width = moved.shape[:2]
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    typical = np.array(
        [
            [np.median(area[y * BLOCK :, x * BLOCK :][:BLOCK, :BLOCK]) for x in range(columns)]
            for y in range(rows)
        ]
    )
    bad = ((typical < STRETCHED[0]) | (typical > STRETCHED[1])).astype(np.uint8)
    if not bad.any():
        return moved
    where = cv2.resize(bad, (columns * BLOCK, rows * BLOCK), interpolation=cv2.INTER_NEAREST)
    return np.where(where[:height, :width, None] > 0, elsewhere(number), moved).astype(np.float32)
