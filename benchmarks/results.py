"""Figures of `make bench-peers`: kept after each measurement, summed up, and shown as a table."""

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.grid import TORCH, Line, Measured, precision
from gan_style.system import disk

HEADINGS = ("", "median", "min", "spread", "first", "cold", "memory", "of peak", "speed")


class Results:
    """One file a kind of processor."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.measured: list[Measured] = disk.read_json(path)["measured"] if path.is_file() else []

    def forget(self, lines: Sequence[Line]) -> None:
        names = {line.name() for line in lines}
        self.measured = [one for one in self.measured if one["line"] not in names]

    def write(self, machine: Mapping[str, Any], lines: Sequence[Line]) -> None:
        figures = {
            "machine": machine,
            "peak": peaks(self.measured),
            "lines": {line.name(): rows(line, self.measured) for line in lines},
        }
        # Single measurements one a line: git then shows which are new.
        measured = ",\n  ".join(json.dumps(one) for one in self.measured)
        text = json.dumps(figures, indent=1)[:-2] + f',\n "measured": [\n  {measured}\n ]\n}}\n'
        self.path.parent.mkdir(parents=True, exist_ok=True)
        disk.write(self.path, text)


def peaks(measured: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    """By precision, the most operations a second that a product of either side reached, and which."""
    found: dict[str, dict[str, Any]] = {}
    for one in measured:
        for what, rate in one.get("rates", {}).items():
            best = found.setdefault(precision(one["mode"]), {"rate": 0.0})
            if rate > best["rate"]:
                best |= {"rate": rate, "by": f"{one['side']} {one['mode']}, {what}"}
    return found


def rows(line: Line, measured: Sequence[Measured]) -> list[dict[str, Any]]:
    """A row for each mode of both sides; `speed` is relative to the fastest mode of PyTorch."""
    here = [one for one in measured if one["line"] == line.name()]
    by_mode: dict[tuple[str, str], list[Measured]] = {}
    for one in here:
        by_mode.setdefault((one["side"], one["mode"]), []).append(one)
    medians = {mode: statistics.median(pooled(some)) for mode, some in by_mode.items()}
    yardsticks = [mode for mode in medians if mode[0] == TORCH]
    best = min(yardsticks, key=medians.__getitem__, default=(TORCH, ""))
    peak = peaks(measured)
    return [
        row(line, some, peak, by_mode.get(best, [])) | {"marked": mode == best or some[0].get("auto", False)}
        for mode, some in by_mode.items()
    ]


def row(
    line: Line, some: Sequence[Measured], peak: Mapping[str, Any], best: Sequence[Measured]
) -> dict[str, Any]:
    side, mode = some[0]["side"], some[0]["mode"]
    seconds = pooled(some)
    median = statistics.median(seconds)
    reached = peak.get(precision(mode))
    return {
        "side": side,
        "mode": mode,
        "rounds": len(some),
        "median": median,
        "min": min(seconds),
        "spread": interquartile(seconds) / median,
        "first": some[0]["first"],  # of the first round, whose caches were empty
        "cold": some[0]["cold"],
        "memory": max(one["memory"] for one in some),
        "of_peak": line.operations() / median / reached["rate"] if reached else None,
        "speed": statistics.median(pooled(best)) / median if best else None,
        "speed_by_round": by_round(some, best),
    }


def pooled(some: Sequence[Measured]) -> list[float]:
    return [seconds for one in some for seconds in one["seconds"]]


def interquartile(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return high - low


def by_round(some: Sequence[Measured], best: Sequence[Measured]) -> list[float]:
    """Least and greatest speed relative to PyTorch's best, of medians measured in the same round."""
    theirs = {one["round"]: statistics.median(one["seconds"]) for one in best}
    ours = {one["round"]: statistics.median(one["seconds"]) for one in some}
    ratios = [theirs[number] / ours[number] for number in theirs.keys() & ours.keys()]
    return [min(ratios), max(ratios)] if ratios else []


def show(results: Results, lines: Sequence[Line]) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=140)
    for kind, peak in peaks(results.measured).items():
        console.print(f"peak in {kind}: {peak['rate'] / 1e9:.0f} GFLOP/s ({peak['by']})", highlight=False)
    for line in lines:
        table = Table(box=None, header_style="bold", title=line.name(), title_justify="left")
        for heading in HEADINGS:
            table.add_column(heading, justify="right" if heading else "left")
        for one in rows(line, results.measured):
            table.add_row(*cells(one), style="bold" if one["marked"] else None)
        console.print(table)
    console.print(
        "\nBold: PyTorch's fastest mode, and what `precision: auto` is here. speed: beside that mode, in "
        "brackets by round. spread: between quartiles. cold: from the process' start to the first result.",
        highlight=False,
    )


def cells(one: Mapping[str, Any]) -> list[str]:
    span = "–".join(f"{ratio:.2f}" for ratio in one["speed_by_round"]) if one["rounds"] > 1 else ""
    return [
        f"{one['side']} {one['mode']}",
        f"{1000 * one['median']:,.0f} ms",
        f"{1000 * one['min']:,.0f} ms",
        f"{one['spread']:.0%}",
        f"{one['first']:.1f} s",
        f"{one['cold']:.1f} s",
        f"{one['memory'] / 1e6:,.0f} MB",
        "" if one["of_peak"] is None else f"{one['of_peak']:.0%}",
        "" if one["speed"] is None else f"{one['speed']:.2f} ×" + (f" ({span})" if span else ""),
    ]
