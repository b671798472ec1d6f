"""A result as a table in the terminal."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from gan_style.evaluation.result import Estimate, Figure, Result
from gan_style.system.progress import say

FEW = 10  # photographs, below which percentiles of resamples are coarse


def print_result(result: Result, path: Path) -> None:
    counts = result.data
    console = Console()
    console = console if console.is_terminal else Console(width=180)
    console.print(
        f"{result.experiment}/{result.variant} seed {result.seed}, {result.checkpoint} checkpoint "
        f"(step {result.step:,}), {result.split} split: {counts['pictures']} pictures of "
        f"{counts['photographs']} photographs against {counts['targets']} targets of "
        f"{counts['paintings']} paintings; measured with {result.backbone['name']}",
        highlight=False,
    )
    table = Table(box=None, header_style="bold")
    for heading in ("", "identity baseline", "method", "real vs real", "score", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, figure in result.figures.items():
        table.add_row(*row(name, figure))
    console.print(table)
    if counts["photographs"] < FEW:
        say(f"{counts['photographs']} photographs are few: take the intervals for rough")
    intervals = "[95 % intervals] from resampled photographs and paintings"
    say(f"score: 0 is the identity baseline, 1 is real vs real; {intervals}; all in {path}")


def row(name: str, figure: Figure) -> list[str]:
    arrow = "↓" if figure.better == "lower" else "↑"
    estimates = (figure.identity, figure.method, figure.real, figure.score)
    cells = [shown(one) if one else "" for one in estimates]
    return [f"{name} {arrow}", *cells, figure.note]


def shown(one: Estimate) -> str:
    if one.low == one.high:
        return digits(one.value)
    return f"{digits(one.value)} \\[{digits(one.low)}, {digits(one.high)}]"


def digits(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
