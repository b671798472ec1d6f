"""The methods of one table side by side: figures over seeds, scores, and tests against the default."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from gan_style.evaluation.intervals import of_most
from gan_style.evaluation.result import Estimate, Figure
from gan_style.report.evidence import Evidence, Method
from gan_style.report.statistics import Interval, Sample, Test, compared, holm, interval

Reference = Literal["identity", "real"]
REFERENCES: tuple[Reference, Reference] = ("identity", "real")


@dataclass(frozen=True)
class Entry:
    """One metric of one method; `p` is the test's, corrected for all tests of the table."""

    raw: Interval
    score: Interval | None
    note: str
    test: Test | None = None
    p: float | None = None


@dataclass(frozen=True)
class Row:
    method: Method
    entries: dict[str, Entry]


@dataclass(frozen=True)
class Comparison:
    """One table's methods, best first by the primary metric, and the references that they all share."""

    budget: str
    rows: tuple[Row, ...]
    references: dict[str, dict[str, Estimate]]  # identity, real -> metric

    @property
    def no_interval(self) -> str:
        """Why most figures of the table have no interval, such as `3 photographs`; empty where they have."""
        return of_most([entry.raw.why_not for row in self.rows for entry in row.entries.values()])


def compare(evidence: Evidence, budget: str) -> Comparison:
    methods, primary = evidence.budgets[budget], evidence.primary
    rows = tested([Row(method, entries(method, evidence.metrics)) for method in methods], evidence.metrics)
    sign = 1 if evidence.better(primary) == "lower" else -1

    def rank(row: Row) -> float:
        return sign * row.entries[primary].raw.value if primary in row.entries else float("inf")

    references: dict[str, dict[str, Estimate]] = {}
    for name in REFERENCES:
        references[name] = reference_of(methods, name, evidence.metrics)
    return Comparison(budget, tuple(sorted(rows, key=rank)), references)


def entries(method: Method, metrics: Sequence[str]) -> dict[str, Entry]:
    """Of the metrics that every seed of the method has."""
    found: dict[str, Entry] = {}
    for metric in metrics:
        raw = sample(method, metric, lambda figure: figure.method)
        if raw is None:
            continue
        figures = [cell.result.figures[metric] for cell in method.cells]
        score = sample(method, metric, lambda figure: figure.score)
        note = next((figure.note for figure in figures if figure.note), "")
        told = interval(raw)
        if told.low is None:
            told = replace(told, why_not=figures[0].no_interval or told.why_not)
        found[metric] = Entry(told, interval(score) if score else None, note)
    return found


def sample(method: Method, metric: str, part: Callable[[Figure], Estimate | None]) -> Sample | None:
    """Of the figure's value or its score, where every run has one."""
    runs = {}
    for cell in method.cells:
        figure = cell.result.figures.get(metric)
        estimate = part(figure) if figure else None
        if estimate is None:
            return None
        runs[cell.result.seed, cell.fold] = estimate
    return Sample.of(runs)


def tested(rows: Sequence[Row], metrics: Sequence[str]) -> list[Row]:
    """The rows with their tests against the default, corrected for the number of tests in the whole table.

    Only metrics that tell real targets from photographs, and so have a score, can tell methods apart.
    """
    tests = {
        (index, metric): test
        for default in (row for row in rows if row.method.is_default)
        for index, row in enumerate(rows)
        for metric in metrics
        if row is not default and (test := test_of(row, default, metric))
    }
    found = [dict(row.entries) for row in rows]
    corrected = holm([test.p for test in tests.values()])
    for ((index, metric), test), p in zip(tests.items(), corrected, strict=True):
        found[index][metric] = replace(found[index][metric], test=test, p=p)
    return [Row(row.method, some) for row, some in zip(rows, found, strict=True)]


def test_of(row: Row, default: Row, metric: str) -> Test | None:
    both = [one.entries.get(metric) for one in (row, default)]
    if not all(entry and entry.score for entry in both):
        return None
    ours, theirs = (sample(one.method, metric, lambda figure: figure.method) for one in (row, default))
    return compared(ours, theirs) if ours and theirs else None


def reference_of(methods: Sequence[Method], name: Reference, metrics: Sequence[str]) -> dict[str, Estimate]:
    """A reference's mean over the results; as a rule they all measured the same one."""
    results = [cell.result for method in methods for cell in method.cells]
    found = {}
    for metric in metrics:
        figures = [result.figures[metric] for result in results if metric in result.figures]
        values = [value for figure in figures if (value := getattr(figure, name)) is not None]
        if values:
            ends = ([getattr(value, part) for value in values] for part in ("low", "high"))
            low, high = (None if None in some else fmean(some) for some in ends)
            found[metric] = Estimate(value=fmean(value.value for value in values), low=low, high=high)
    return found
