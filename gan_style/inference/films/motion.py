"""How a film moves from one frame to the next: optical flow, what it hides, and where a new scene begins."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gan_style.metrics.warping import Flow, inside, opencv, warped

# Of 255: a pixel that moved keeps its brightness so far, but for noise and compression.
BRIGHTNESS = 24.0
# Another scene: so many pixels are nowhere in the frame before, or so much of its contrast differs.
CUT, OTHER = 0.6, 0.7
FLAT = 4.0  # of 255: a frame of less contrast counts as one of so much
HOME = 1.0  # pixels squared that there and back may lead astray, beside 1 % of the way


@dataclass(frozen=True)
class Motion:
    flow: Flow  # from each pixel to its place in the frame before, right and down
    seen: np.ndarray  # (H, W) 0..1: how surely that pixel was visible there
    differs: float = 0.0  # what the flow does not explain, in parts of the frame's contrast

    def enlarged(self, height: int, width: int) -> "Motion":
        """That of the same frames at another size."""
        cv2, (rows, columns) = opencv(), self.seen.shape
        if (rows, columns) == (height, width):
            return self
        flow = cv2.resize(self.flow, (width, height)) * np.array([width / columns, height / rows], np.float32)
        return Motion(flow, cv2.resize(self.seen, (width, height)))

    @property
    def is_cut(self) -> bool:
        return self.differs > OTHER or float(np.mean(self.seen < 0.5)) > CUT


def motion(before: np.ndarray, now: np.ndarray) -> Motion:
    """Between frames (H, W, 3) of uint8."""
    cv2 = opencv()
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (before, now)]
    flow, back = estimated(greys[1], greys[0]), estimated(greys[0], greys[1])
    returned = warped(back, flow)
    length = np.square(flow).sum(-1) + np.square(returned).sum(-1)
    home = np.square(flow + returned).sum(-1) <= 0.01 * length + HOME
    smooth = [cv2.GaussianBlur(grey, (0, 0), 1.5).astype(np.float32) for grey in greys]
    change = np.abs(smooth[1] - warped(smooth[0], flow))
    contrast = max(FLAT, float(np.abs(smooth[1] - smooth[1].mean()).mean()))
    seen = home & (change < BRIGHTNESS) & inside(flow, 1.0)
    soft = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), 1.0)
    return Motion(flow, soft, float(change.mean()) / contrast)


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
SMOOTHNESS, ITERATIONS = 500.0, 25  # a pan's mean error is 0.06 pixels so, with OpenCV's own numbers 0.16


@cache
def search() -> Any:
    """Smoother than OpenCV has it: in flat places its flow is off by pixels, and strokes would wander."""
    cv2 = opencv()
    found = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found.setVariationalRefinementAlpha(SMOOTHNESS)
    found.setVariationalRefinementIterations(ITERATIONS)
    return found
