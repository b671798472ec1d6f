"""`gan-style live`: a camera or a film, painted as fast as it comes, at whatever size that allows."""

import time
from dataclasses import dataclass

import numpy as np

from gan_style.inference.films.newest import running
from gan_style.inference.films.paint import FramePainter
from gan_style.inference.films.screens import screen
from gan_style.inference.films.steady import Steady
from gan_style.methods.base.tiling import WholePicture
from gan_style.system.progress import say
from gan_style.system.signals import Stopper

LEAST, STEP = 96, 32  # pixels of the longer side: the smallest, and what sizes are multiples of
TOLERANCE = 0.2  # of the time for a frame, before the size changes
SAID_SECONDS = 5.0
LAST = 8  # frames, of which the typical one counts


@dataclass
class Pace:
    """The working size at which frames are painted at a rate, found by painting."""

    rate: float  # frames a second that are wanted
    most: int  # pixels

    def __post_init__(self) -> None:
        self.size = min(self.most, 8 * STEP)
        self.seconds: list[float] = []  # of frames of this size

    def took(self, seconds: float) -> None:
        """What a frame has taken; the first one of a size prepares its operations, and does not count."""
        self.seconds = [*self.seconds[:1], *self.seconds[1:][-LAST:], seconds]
        if len(self.seconds) < 4:
            return
        typical = float(np.median(self.seconds[1:]))
        if abs(typical * self.rate - 1) < TOLERANCE:
            return
        fitting = self.size * (1 / (typical * self.rate)) ** 0.5
        size = int(min(self.most, max(LEAST, fitting // STEP * STEP)))
        if size != self.size:
            self.size, self.seconds = size, []


def live(source: str, output: str, painter: FramePainter, rate: float, steadiness: float) -> int:
    """Until the film is over, the window is closed, or somebody stops it."""
    pace = Pace(rate, painter.size)

    def painted(frame: np.ndarray, moved: np.ndarray, wholes: list[WholePicture]) -> np.ndarray:
        return painter(frame, moved, wholes, min(pace.size, max(frame.shape[:2])))

    steady, told = Steady(painted, painter.passes, painter.size, steadiness), Told()
    shown = screen(output)
    try:
        with running(source) as newest, Stopper() as stopper:
            for shot in newest:
                if stopper.signal or not shown.open:
                    break
                if shot is None:
                    continue
                (frame, taken), begun = shot, time.monotonic()
                shown.show(steady(frame))
                now = time.monotonic()
                pace.took(now - begun)
                told(now, now - taken, pace.size, newest.count)
        told.say(pace.size, newest.count)
    finally:
        shown.close()
    return 0


class Told:
    """How fast it goes, and how late pictures are."""

    def __init__(self) -> None:
        self.count, self.said = 0, time.monotonic()
        self.late: list[float] = []  # seconds, since it was last said

    def __call__(self, now: float, late: float, size: int, came: int) -> None:
        self.count += 1
        self.late.append(late)
        if now - self.said > SAID_SECONDS:
            self.say(size, came)

    def say(self, size: int, came: int) -> None:
        now = time.monotonic()
        if self.late:
            rate = len(self.late) / max(1e-6, now - self.said)
            latency = f"{np.median(self.late):.2f} s behind (at most {max(self.late):.2f})"
            left_out = f"{came - self.count} of {came} frames left out so far"
            say(f"{rate:.1f} frames a second at {size} pixels, {latency}, {left_out}")
        self.said, self.late = now, []
