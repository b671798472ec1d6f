"""How a film moves from one frame to the next: optical flow, what it hides, and where a new scene begins."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gan_style.metrics.warping import Flow, opencv, warped

# Of 255: a pixel that moved keeps its brightness so far, but for noise and compression.
BRIGHTNESS = 24.0
CUT = 0.6  # of the pixels that are nowhere in the frame before: another scene
HOME = 1.0  # pixels squared that there and back may lead astray, beside 1 % of the way


@dataclass(frozen=True)
class Motion:
    flow: Flow  # from each pixel to its place in the frame before, right and down
    seen: np.ndarray  # (H, W) 0..1: how surely that pixel was visible there

    @property
    def is_cut(self) -> bool:
        return float(np.mean(self.seen < 0.5)) > CUT


def motion(before: np.ndarray, now: np.ndarray) -> Motion:
    """Between frames (H, W, 3) of uint8."""
    cv2 = opencv()
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (before, now)]
    flow, back = estimated(greys[1], greys[0]), estimated(greys[0], greys[1])
    returned = warped(back, flow)
    length = np.square(flow).sum(-1) + np.square(returned).sum(-1)
    home = np.square(flow + returned).sum(-1) <= 0.01 * length + HOME
    smooth = [cv2.GaussianBlur(grey, (0, 0), 1.5).astype(np.float32) for grey in greys]
    alike = np.abs(smooth[1] - warped(smooth[0], flow)) < BRIGHTNESS
    seen = cv2.GaussianBlur((home & alike & inside(flow)).astype(np.float32), (0, 0), 1.0)
    return Motion(flow, seen)


def inside(flow: Flow) -> np.ndarray:
    """Where the flow does not lead out of the picture, but for less than a pixel."""
    height, width = flow.shape[:2]
    x, y = np.arange(width) + flow[..., 0], np.arange(height)[:, None] + flow[..., 1]
    result: np.ndarray = (x > -1) & (x < width) & (y > -1) & (y < height)
    return result


def estimated(now: np.ndarray, before: np.ndarray) -> Flow:
    """Dense inverse search (Kroeger et al. 2016); tiny pictures are enlarged, as it needs room."""
    cv2 = opencv()
    height, width = now.shape
    if min(height, width) < SMALLEST:
        scale = SMALLEST / min(height, width)
        size = round(width * scale), round(height * scale)
        larger = [cv2.resize(one, size) for one in (now, before)]
        return cv2.resize(estimated(*larger), (width, height)) / np.float32(scale)
    result: Flow = search().calc(now, before, None)
    return result


SMALLEST = 64  # pixels


@cache
def search() -> Any:
    cv2 = opencv()
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
