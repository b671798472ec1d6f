"""How steady a painted film is, between the film itself and frames that are painted one by one."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from gan_style.evaluation.jackknife import Jackknifed
from gan_style.evaluation.measured import Measured
from gan_style.evaluation.painted import PAINT_SEED
from gan_style.experiment.recipe import Experiment
from gan_style.inference.films.paint import FramePainter
from gan_style.inference.films.reading import opened
from gan_style.inference.films.steady import Steady
from gan_style.inference.painting import MEMORY, paint
from gan_style.methods import Method
from gan_style.metrics.warping import warping_error
from gan_style.system import images
from gan_style.system.progress import track

FRAMES = 48  # of a film: its first ones
WHY_NOT = "a film is as steady as itself; compare the other one"


def warping(method: Method, config: Experiment, film: Path) -> dict[str, Measured]:
    """E_warp of the film painted as `film` does it, and frame by frame as `sample` does."""
    request, how = method.default_request(PAINT_SEED), config.sample
    painter = FramePainter(method, config, None, [request], MEMORY)
    steady = Steady(painter, size=painter.size)

    def painted(frames: Iterator[np.ndarray]) -> Iterator[tuple[np.ndarray, ...]]:
        for frame in track(islice(frames, FRAMES), FRAMES, "painting a film twice"):
            alone = paint(method, images.Picture(frame), how.size, request, how.reflect_pad)
            yield frame, steady(frame), alone.pixels

    with opened(film) as found:
        frames = (frame.pixels for frame in found.frames())
        source, moving, single = (Jackknifed(error) for error in warping_error(painted(frames)))
    names = {"warping_error": moving, "warping_error_of_single_frames": single}
    return {name: Measured("lower", [error, source, None], WHY_NOT) for name, error in names.items()}
