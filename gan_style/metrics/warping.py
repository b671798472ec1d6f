"""How steady a film is: each frame against the one before, brought to its place by the film's motion.

E_warp as Lai et al. (2018, "Learning Blind Video Temporal Consistency", equation 8), with the mask of what
was hidden of Ruder et al. (2016, "Artistic Style Transfer for Videos", equations 5 and 6).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from gan_style.system.errors import UserError

Flow = np.ndarray  # (H, W, 2) float32: from each pixel of a frame to its place in another, right and down
Estimate = Callable[[np.ndarray, np.ndarray], Flow]
WINDOW, LEVELS = 21, 5  # pixels of Farneback's window, and how often he halves the picture
LANCZOS = 4  # cv2.INTER_LANCZOS4
SHOWN = 0.5  # of a frame, at least: less of it that is visible in the one before, and there was a cut


def opencv() -> Any:
    """OpenCV, of the extra `video`."""
    try:
        import cv2
    except ImportError:
        raise UserError("films need OpenCV and PyAV: pip install 'gan-style[video]'") from None
    return cv2


def warping_error(films: Iterable[tuple[np.ndarray, ...]], estimate: Estimate | None = None) -> list[float]:
    """E_warp of several films of one motion, which is seen in the first: frames (H, W, 3) uint8 of each.

    Squared differences of pixels in [0, 1], summed over channels; their mean over what is visible in both.
    Across a cut, where what little seems to be visible is so by chance, nothing is measured.
    """
    estimate = estimate or farneback
    errors: list[list[float]] = []
    for before, now in pairs(films):
        flow, back = estimate(now[0], before[0]), estimate(before[0], now[0])
        seen = visible(flow, back)
        if seen.mean() < SHOWN:
            continue
        errors.append([squared_difference(*both, flow, seen) for both in zip(before, now, strict=True)])
    if not errors:
        raise UserError("a warping error needs two frames or more of one scene")
    return [float(mean) for mean in np.mean(errors, axis=0)]


def pairs(frames: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    before = None
    for now in frames:
        if before is not None:
            yield before, now
        before = now


def squared_difference(before: np.ndarray, now: np.ndarray, flow: Flow, seen: np.ndarray) -> float:
    difference = (now.astype(np.float32) - warped(before.astype(np.float32), flow)) / 255
    return float((np.square(difference).sum(-1) * seen).sum() / seen.sum())


def farneback(now: np.ndarray, before: np.ndarray) -> Flow:
    """Farneback (2003): another way than the one that frames are painted by, so that it may judge them."""
    cv2 = opencv()
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (now, before)]
    flow: Flow = cv2.calcOpticalFlowFarneback(*greys, None, 0.5, LEVELS, WINDOW, 3, 7, 1.5, 0)
    return flow


def warped(frame: np.ndarray, flow: Flow, interpolation: int = 1) -> np.ndarray:
    """A frame as it is seen from another, from each of whose pixels `flow` leads into it (bilinear is 1)."""
    cv2 = opencv()
    height, width = flow.shape[:2]
    places = flow + np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float32)
    result: np.ndarray = cv2.remap(frame, places, None, interpolation, borderMode=cv2.BORDER_REPLICATE)
    return result


def visible(flow: Flow, back: Flow) -> np.ndarray:
    """Where a pixel of a frame is seen in the other one too (H, W) bool: there and back leads home."""
    returned = warped(back, flow)
    home = np.square(flow + returned).sum(-1)
    seen = home <= 0.01 * (np.square(flow).sum(-1) + np.square(returned).sum(-1)) + 0.5
    slopes = sum(np.square(one).sum(-1) for one in np.gradient(flow, axis=(0, 1)))
    still = slopes <= 0.01 * np.square(flow).sum(-1) + 0.002
    result: np.ndarray = seen & still & inside(flow)
    return result


def inside(flow: Flow, beyond: float = 0.0) -> np.ndarray:
    """Where the flow does not lead out of the picture, by more than so many pixels (H, W) bool."""
    height, width = flow.shape[:2]
    x, y = np.arange(width) + flow[..., 0], np.arange(height)[:, None] + flow[..., 1]
    across = (x >= -beyond) & (x <= width - 1 + beyond)
    result: np.ndarray = across & (y >= -beyond) & (y <= height - 1 + beyond)
    return result
