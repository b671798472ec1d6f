"""The plot of `make bench-peers`: this project's speed beside PyTorch's fastest mode, a bar a line."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from benchmarks.grid import OWN, Line
from benchmarks.results import Results, rows
from gan_style.system import disk
from gan_style.system.colours import HUES, INK, SOFT

SCALE = 3  # drawn larger, then scaled down
WIDTH, ROW, TOP, BOTTOM = 760, 34, 62, 34  # pixels
LEFT, RIGHT = 250, 190  # room for names, and for what was measured


def write(path: Path, title: str, results: Results, lines: Sequence[Line]) -> None:
    bars = [(line, one) for line in lines for one in compared(rows(line, results.measured))]
    if not bars:
        return
    reach = 1.05 * max(1.5, *(max([one["speed"], *one["speed_by_round"]]) for _, one in bars))
    canvas = Canvas(TOP + ROW * len(bars) + BOTTOM, reach)
    canvas.text((12, 20), title, INK)
    canvas.text((12, 40), "speed beside PyTorch's fastest mode; line: least to greatest of the rounds", SOFT)
    for number, (line, one) in enumerate(bars):
        canvas.bar(TOP + ROW * number, line, one)
    canvas.line((1, TOP - 4), (1, canvas.height - BOTTOM + 4), INK)
    for ratio in (0, 0.5, 1, 1.5, 2, 3, 4):
        if ratio <= reach:
            canvas.text((canvas.x(ratio), canvas.height - BOTTOM + 16), f"{ratio:g} x", SOFT, "mm")
    file = io.BytesIO()
    canvas.image.resize((WIDTH, canvas.height), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    disk.write(path, file.getvalue())


def compared(some: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Our row of what `auto` chooses (alone), with the yardstick's median."""
    theirs = [one for one in some if one["side"] != OWN and one["marked"]]
    ours = [one for one in some if one["side"] == OWN and one["marked"]]
    return [{**one, "theirs": theirs[0]} for one in ours if theirs]


class Canvas:
    """Bars along one axis of ratios."""

    def __init__(self, height: int, reach: float) -> None:
        self.height, self.reach = height, reach
        self.image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), "white")
        self.pen = ImageDraw.Draw(self.image)

    def x(self, ratio: float) -> float:
        return LEFT + ratio / self.reach * (WIDTH - LEFT - RIGHT)

    def bar(self, top: float, line: Line, one: Mapping[str, Any]) -> None:
        middle, colour = top + ROW / 2, HUES[2] if one["speed"] >= 1 else HUES[1]
        corners = [self.x(0), top + 8, self.x(one["speed"]), top + ROW - 8]
        self.pen.rectangle([SCALE * corner for corner in corners], fill=colour)
        if one["speed_by_round"]:
            low, high = one["speed_by_round"]
            self.line((low, middle), (high, middle), INK)
        self.text((LEFT - 10, middle), label(line), INK, "rm")
        told = f"{one['speed']:.2f} x   {milliseconds(one)} : {milliseconds(one['theirs'])}"
        self.text((WIDTH - RIGHT + 10, middle), told, INK)

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
        """From a ratio and a height to another."""
        ends = [(self.x(ratio) * SCALE, height * SCALE) for ratio, height in (start, end)]
        self.pen.line(ends, fill=colour, width=SCALE)

    def text(self, at: tuple[float, float], text: str, colour: str, anchor: str = "lm") -> None:
        font = ImageFont.load_default(12 * SCALE)
        self.pen.text((at[0] * SCALE, at[1] * SCALE), text, fill=colour, font=font, anchor=anchor)


def label(line: Line) -> str:
    what = "step" if line.work == "step" else "painting"
    return f"{what}, {line.batch} of {line.size} pixels, filters {line.filters}, blocks {line.blocks}"


def milliseconds(one: Mapping[str, Any]) -> str:
    return f"{1000 * one['median']:,.0f} ms"
