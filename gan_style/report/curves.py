"""Losses of the runs over their steps: one curve a method, with the band of its seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_style.report.evidence import Method
from gan_style.tracking.metrics_file import is_loss, read_metrics

POINTS = 200
FIRST = ("validation/", "generator/", "generators/", "G_")

Series = dict[str, list[tuple[float, float]]]  # term -> (step, value)


@dataclass(frozen=True)
class Curve:
    """The mean over seeds, and their lowest and highest, at up to 200 steps."""

    label: str
    steps: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]


def curves(methods: Sequence[Method]) -> dict[str, list[Curve]]:
    """By term, those of the validation first; empty where no run folder is left."""
    found: dict[str, list[Curve]] = {}
    for method in methods:
        seeds = [read_series(cell.run / "metrics.jsonl") for cell in method.cells]
        for term in {term: None for series in seeds for term in series}:
            known = [series[term] for series in seeds if term in series]
            found.setdefault(term, []).append(curve(method.label, known))
    order = sorted(found, key=lambda term: [term.startswith(prefix) for prefix in FIRST], reverse=True)
    return {term: found[term] for term in order}


def read_series(path: Path) -> Series:
    """Every finite number of a metrics file."""
    series: Series = {}
    for line in read_metrics(path):
        for term, value in line.items():
            if (term.startswith("validation/") or is_loss(term)) and np.isfinite(value):
                series.setdefault(term, []).append((line["step"], value))
    return series


def curve(label: str, seeds: Sequence[Sequence[tuple[float, float]]]) -> Curve:
    """Neighbouring steps are averaged until few enough are left."""
    steps = np.unique([step for points in seeds for step, _ in points])
    chunks = np.array_split(steps, min(POINTS, len(steps)))
    starts = [chunk[0] for chunk in chunks]
    table = np.full((len(seeds), len(chunks)), np.nan)
    for row, points in zip(table, seeds, strict=True):
        at, values = np.array(points).T
        index = np.searchsorted(starts, at, side="right") - 1
        counts = np.bincount(index, minlength=len(chunks))
        row[counts > 0] = (np.bincount(index, values, len(chunks)) / np.maximum(counts, 1))[counts > 0]
    places = [float(chunk.mean()) for chunk in chunks]
    lines = (summary(table, axis=0).tolist() for summary in (np.nanmean, np.nanmin, np.nanmax))
    return Curve(label, places, *lines)
