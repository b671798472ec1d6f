"""A result as a table in the terminal."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_style.evaluation.intervals import of_most
from gan_style.evaluation.result import Estimate, Figure, Result
from gan_style.system.progress import say


def print_result(result: Result, path: Path) -> None:
    counts = result.data
    console = Console()
    console = console if console.is_terminal else Console(width=180)
    console.print(
        f"{result.experiment}/{result.variant} seed {result.seed}, {result.checkpoint} checkpoint "
        f"(step {result.step:,}), {result.split} split, measured with {result.backbone['name']}",
        highlight=False,
    )
    for told, figures in ((counts, result.figures), (counts.get("drawn"), result.drawn)):
        if told:
            console.print(table(counted(told, "drawn scenes" if told is not counts else ""), figures))
    intervals = "[95 % intervals] from leaving whole photographs and paintings out"
    say(f"score: 0 is the identity baseline, 1 is real vs real; {intervals}; all in {path}")


def counted(told: Mapping[str, Any], scenes: str) -> str:
    if scenes:
        return f"{told['pictures']} {scenes} against their true paintings"
    against = f"{told['targets']} targets of {told['paintings']} paintings"
    return f"{told['pictures']} pictures of {told['photographs']} photographs against {against}"


def table(title: str, figures: Mapping[str, Figure]) -> Table:
    """Why there are no intervals is told once, above, where it is the same for most."""
    common = of_most([figure.no_interval for figure in figures.values()])
    title += f"; no intervals: {common}" if common else ""
    found = Table(box=None, header_style="bold", title=title, title_justify="left")
    for heading in ("", "identity baseline", "method", "real vs real", "score", ""):
        found.add_column(heading, justify="left" if not heading else "right")
    for name, figure in figures.items():
        found.add_row(*row(name, figure, common))
    return found


def row(name: str, figure: Figure, told: str = "") -> list[str]:
    """`told`: why there is no interval, where that was said already."""
    arrow = "↓" if figure.better == "lower" else "↑"
    estimates = (figure.identity, figure.method, figure.real, figure.score)
    cells = [shown(one) if one else "" for one in estimates]
    why = (
        f"no interval: {figure.no_interval}" if figure.no_interval not in ("", told, "not resampled") else ""
    )
    return [escape(f"{name} {arrow}"), *cells, "; ".join(filter(None, (figure.note, why)))]


def shown(one: Estimate) -> str:
    if one.low is None or one.high is None or one.low == one.high:
        return digits(one.value)
    return f"{digits(one.value)} \\[{digits(one.low)}, {digits(one.high)}]"


def digits(value: float) -> str:
    value += 0.0  # -0.0 is 0
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
