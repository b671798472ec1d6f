"""Line and scatter plots as PNG, drawn with Pillow at three times their size and scaled down."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from gan_style.report.curves import Curve
from gan_style.system import disk
from gan_style.system.colours import HUES, INK, LINE, SOFT

SCALE = 3
WIDTH, HEIGHT = 640, 400  # pixels of one panel, as written
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 36, 46

Point = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A method in the scatter: its cost, its quality, and the interval of that."""

    label: str
    cost: float
    value: float
    low: float
    high: float


def colours(labels: Sequence[str]) -> dict[str, str]:
    """Ink for the default, hues for the others; as in the page."""
    others = [label for label in labels if label != "default"]
    return {"default": INK} | {label: HUES[index % len(HUES)] for index, label in enumerate(others)}


def write_curves(path: Path, panels: Sequence[tuple[str, Sequence[Curve]]], labels: Sequence[str]) -> None:
    """One panel a term, two beside each other."""
    across = min(2, len(panels))
    sheet = Image.new("RGB", (WIDTH * across, HEIGHT * math.ceil(len(panels) / across)), "white")
    for index, (term, some) in enumerate(panels):
        corner = (index % across * WIDTH, index // across * HEIGHT)
        sheet.paste(curve_panel(term, some, colours(labels)), corner)
    store(path, sheet)


def store(path: Path, plot: Image.Image) -> None:
    file = io.BytesIO()
    plot.save(file, "PNG", optimize=True)
    disk.write(path, file.getvalue())


def curve_panel(term: str, some: Sequence[Curve], colour: dict[str, str]) -> Image.Image:
    steps = [step for curve in some for step in curve.steps]
    panel = Panel(term, "step", steps, [y for curve in some for y in (*curve.low, *curve.high)])
    for curve in some:
        top = list(zip(curve.steps, curve.high, strict=True))
        panel.band(top + list(zip(curve.steps, curve.low, strict=True))[::-1], colour[curve.label])
    for curve in reversed(some):
        if len(curve.steps) == 1:
            panel.dot(panel.place((curve.steps[0], curve.mean[0])), colour[curve.label], radius=2.5)
        panel.line(list(zip(curve.steps, curve.mean, strict=True)), colour[curve.label])
    ends = sorted((panel.place((curve.steps[-1], curve.mean[-1]))[1], curve.label) for curve in some)
    for height, (_, label) in zip(apart([end for end, _ in ends]), ends, strict=True):
        panel.text((WIDTH - RIGHT + 8, height), label, colour[label], "lm")
    return panel.finished()


def write_scatter(path: Path, title: str, marks: Sequence[Mark], labels: Sequence[str]) -> None:
    values = [mark.value for mark in marks]
    reach = (max(values) - min(values)) or abs(values[0]) or 1.0
    # A very wide interval would leave nothing else to see.
    low, high = min(values) - reach, max(values) + reach
    bounded = [(mark, max(mark.low, low), min(mark.high, high)) for mark in marks]
    heights = [end for _, *ends in bounded for end in ends]
    panel = Panel(title, "milliseconds a step", [mark.cost for mark in marks], heights)
    for mark, bottom, top in bounded:
        panel.line([(mark.cost, bottom), (mark.cost, top)], colours(labels)[mark.label], width=1)
    spots = [(panel.place((mark.cost, mark.value)), mark) for mark in marks]
    spots.sort(key=lambda spot: spot[0][1])
    for height, ((x, y), mark) in zip(apart([spot[0][1] for spot in spots]), spots, strict=True):
        panel.dot((x, y), colours(labels)[mark.label])
        panel.text((x + 9, height), mark.label, INK, "lm")
    store(path, panel.finished())


def apart(heights: Sequence[float], least: float = 14, bottom: float = HEIGHT - BOTTOM) -> list[float]:
    """Rising heights of labels, moved down where they would overlap, and up again from the bottom."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + least) if moved else height)
    below = reversed(range(len(moved)))
    return [min(height, bottom - least * count) for height, count in zip(moved, below, strict=True)]


class Panel:
    """Axes over the range of some points, and what is drawn on them."""

    def __init__(self, title: str, x_label: str, xs: Sequence[float], ys: Sequence[float]) -> None:
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "white")
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        self.x, self.y = padded(xs), padded(ys)
        for value in ticks(*self.y):
            _, height = self.place((self.x[0], value))
            self._stroke([(LEFT, height), (WIDTH - RIGHT, height)], LINE, 1)
            self.text((LEFT - 8, height), f"{value:.4g}", SOFT, "rm")
        for value in ticks(*self.x):
            self.text((self.place((value, self.y[0]))[0], HEIGHT - BOTTOM + 8), f"{value:.4g}", SOFT, "mt")
        self.text((LEFT, 14), title, INK, "lt")
        self.text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8), x_label, SOFT, "mb")

    def place(self, point: Point) -> Point:
        """Pixels of a point in the finished panel."""
        pairs = zip(point, (self.x, self.y), strict=True)
        across, up = ((value - low) / (high - low) for value, (low, high) in pairs)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    def line(self, points: Sequence[Point], colour: str, width: float = 1.6) -> None:
        self._stroke([self.place(point) for point in points], colour, width)

    def band(self, points: Sequence[Point], colour: str) -> None:
        if len(points) > 2:
            corners = [(x * SCALE, y * SCALE) for x, y in map(self.place, points)]
            self.pen.polygon(corners, fill=(*ImageColor.getrgb(colour)[:3], 32))

    def dot(self, at: Point, colour: str, radius: float = 4.5) -> None:
        self.pen.circle((at[0] * SCALE, at[1] * SCALE), radius * SCALE, fill=colour)

    def text(self, at: Point, text: str, colour: str, anchor: str) -> None:
        place, font = (at[0] * SCALE, at[1] * SCALE), ImageFont.load_default(12 * SCALE)
        self.pen.text(place, text, fill=colour, font=font, anchor=anchor)

    def _stroke(self, points: Sequence[Point], colour: str, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.pen.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")

    def finished(self) -> Image.Image:
        return self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    return low - room, high + room


def ticks(low: float, high: float) -> list[float]:
    """Round values inside the range, about five."""
    power = 10 ** math.floor(math.log10((high - low) / 6))
    step = next(digit * power for digit in (1, 2, 2.5, 5, 10) if digit * power >= (high - low) / 6 * 0.999)
    return [index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)]
