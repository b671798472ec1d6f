"""How steady a film is painted, and how much of the style stays: `film` beside its frames one by one.

    python -m benchmarks.films included/oil photographs/
    python -m benchmarks.films included/oil clip.mp4

Of a folder, a slow pan and zoom over its first three photographs (of 1,000 pixels or more), the exact flow
instead of an estimated one. Scores are of every eighth frame, at the size at which it is painted, between the
frame itself, 0, and a second painting by the paintbox's own painter, 1. A score of nan
means that so few frames cannot be told apart. Nothing but the last line is encoded.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

Frames = list[np.ndarray]  # (H, W, 3) uint8 each

SPEED = 1.6, 0.7  # of the pan: pixels a frame, right and down, of a frame 1280 pixels wide
ZOOM = 1.0015  # a frame
SCENES, SHARE = 3, 0.6  # photographs, and how much of their shorter side is seen at first
PART, LOOKED_AT = 24, 8  # frames that are encoded together; every such one has its style measured


@dataclass
class Pan:
    """Frames of scenes of one length, each of a photograph, and the flow between them."""

    photographs: Frames
    count: int
    width: int

    def __post_init__(self) -> None:
        self.height, self.each = self.width * 9 // 16 // 2 * 2, -(-self.count // len(self.photographs))
        self.frames = [self.frame(number) for number in range(self.count)]
        self.numbers = {id(frame): number for number, frame in enumerate(self.frames)}

    def view(self, number: int) -> np.ndarray:
        """(3, 3): from a frame's pixels to its photograph's."""
        scene, since = divmod(number, self.each)
        rows, columns = self.photographs[scene].shape[:2]
        scale = SHARE * min(rows / self.height, columns / self.width) / ZOOM**since
        way = np.array(SPEED) * (self.width / 1280) * scale * (since - self.each / 2)
        left, top = np.array([columns, rows]) / 2 + way - scale * np.array([self.width, self.height]) / 2
        return np.array([[scale, 0, left], [0, scale, top], [0, 0, 1]])

    def frame(self, number: int) -> np.ndarray:
        import cv2

        photograph, size = self.photographs[number // self.each], (self.width, self.height)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        view = self.view(number)[:2]
        return cv2.warpAffine(photograph, view, size, flags=flags, borderMode=cv2.BORDER_REFLECT)

    def flow(self, now: np.ndarray, before: np.ndarray) -> np.ndarray:
        """As `metrics.warping` asks for it; across a cut it leads out of the picture."""
        one, other = self.numbers[id(now)], self.numbers[id(before)]
        if one // self.each != other // self.each:
            return np.full((self.height, self.width, 2), 1e5, np.float32)
        there = np.linalg.inv(self.view(other)) @ self.view(one)
        places = np.stack(np.meshgrid(np.arange(self.width), np.arange(self.height)), -1)
        return (places @ there[:2, :2].T + there[:2, 2] - places).astype(np.float32)


def encoded(frames: Frames) -> Frames:
    """As `film` stores them."""
    from gan_style.inference.films.reading import Frame, opened
    from gan_style.inference.films.writing import Part

    shown: Frames = []
    with TemporaryDirectory() as folder:
        path, rate = Path(folder) / "part.mp4", Fraction(25)
        for first in range(0, len(frames), PART):
            part = Part(path, "libx264", rate, 1 / rate)
            for number, frame in enumerate(frames[first : first + PART]):
                part.add(Frame(frame, number, 1))
            part.close()
            with opened(path) as film:
                shown += [frame.pixels for frame in film.frames()]
    return shown


def scores(painter: str, size: int, frames: Frames, *films: Frames) -> list[list[float]]:
    """Gram and KID score of each film, at the size at which it was painted."""
    from gan_style.data.held_out import HeldOut, Pictures
    from gan_style.data.paintbox.painters import PAINTERS
    from gan_style.evaluation.measure import style_distances
    from gan_style.evaluation.rows import Rows
    from gan_style.evaluation.whole_sets import kids
    from gan_style.features.backbones import Wavelets
    from gan_style.system import images

    def pictures(shown: Frames) -> Pictures:
        names = tuple(map(str, range(len(shown))))
        return Pictures(names, shown, names)

    def small(film: Frames) -> Frames:
        return [images.reduced(frame, size) for frame in film]

    source, paint = small(frames), PAINTERS[painter]  # type: ignore[index]
    target, second = (
        pictures([paint(frame, seed + number) for number, frame in enumerate(source)])
        for seed in (1000, 2000)
    )
    held_out = HeldOut("", pictures(source), target, second, paired=True, second=second)
    found = []
    for film in films:
        rows = Rows.of(held_out, small(film), Wavelets())
        measured = dict([*style_distances(rows), *kids(rows)])
        figures = [measured[name].figure().score for name in ("gram", "kid")]
        found.append([figure.value if figure else float("nan") for figure in figures])
    return found


def timed(paint: Callable[[np.ndarray], np.ndarray], frames: Frames) -> tuple[Frames, float]:
    """Paintings, and frames a second but for the first, before which networks are prepared."""
    painted = [paint(frames[0])]
    started = time.monotonic()
    painted += [paint(frame) for frame in frames[1:]]
    return painted, (len(frames) - 1) / (time.monotonic() - started)


def given(path: Path, count: int, longest: int) -> tuple[Frames, Any]:
    """Frames, and their flow where it is known."""
    from gan_style.inference.files import find_pictures
    from gan_style.inference.films.reading import opened
    from gan_style.system import images

    if path.is_dir():
        files = find_pictures([path])[:SCENES]
        pan = Pan([images.read(file).pixels for file in files], count, longest)
        return pan.frames, pan.flow
    with opened(path) as film:
        return [images.reduced(one.pixels, longest) for one in islice(film.frames(), count)], None


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--count", default=250, show_default=True, help="Frames.")
@click.option("--longest", default=1280, show_default=True, help="Pixels of a frame's longer side.")
def main(run: Path, source: Path, count: int, longest: int) -> None:
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    from gan_style.experiment.runs import Run
    from gan_style.inference.films.paint import FramePainter
    from gan_style.inference.films.steady import Steady
    from gan_style.inference.painting import MEMORY, paint
    from gan_style.metrics.warping import warping_error
    from gan_style.system import images, included
    from gan_style.training.load import load_method

    frames, flow = given(source, count, longest)
    method, config, _ = load_method(Run(included.place(run)))
    request, how = method.default_request(0), config.sample

    def alone(frame: np.ndarray) -> np.ndarray:
        return paint(method, images.Picture(frame), how.size, request, how.reflect_pad).pixels

    painter = FramePainter(method, config, None, [request], MEMORY)
    single, rate = timed(alone, frames)
    steady, film_rate = timed(Steady(painter, size=painter.size), frames)
    films = {"one by one": single, "film": steady, "film, encoded": encoded(steady)}
    own, *errors = warping_error(zip(frames, *films.values(), strict=True), flow)
    print(
        f"{rate:.2f} frames a second one by one, {film_rate:.2f} as a film; the film's own E_warp {own:.5f}"
    )
    looked_at = (film[LOOKED_AT // 2 :: LOOKED_AT] for film in (frames, *films.values()))
    styles = scores(config.data.painter, painter.size, *looked_at)
    for name, error, (gram, kid) in zip(films, errors, styles, strict=True):
        share = error / errors[0]
        print(f"{name}: E_warp {error:.5f}, {share:.2f} of one by one; Gram {gram:.3f}, KID {kid:.3f}")


if __name__ == "__main__":
    main()
