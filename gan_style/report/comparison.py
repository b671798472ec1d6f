"""The methods of one budget side by side: figures over seeds, scores, and tests against the default."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from gan_style.evaluation.result import Estimate
from gan_style.report.evidence import Evidence, Method
from gan_style.report.statistics import Interval, Paired, Units, holm, paired, summarise

Reference = Literal["identity", "real"]
REFERENCES: tuple[Reference, Reference] = ("identity", "real")


@dataclass(frozen=True)
class Entry:
    """One metric of one method; `p` is the test's, corrected for all methods tested by this metric."""

    raw: Interval
    score: Interval | None
    note: str
    test: Paired | None = None
    p: float | None = None


@dataclass(frozen=True)
class Row:
    method: Method
    entries: dict[str, Entry]


@dataclass(frozen=True)
class Comparison:
    """One budget's methods, best first by the main metric, and the references that they all share."""

    budget: str
    rows: tuple[Row, ...]
    references: dict[str, dict[str, Estimate]]  # identity, real -> metric


def compare(evidence: Evidence, budget: str) -> Comparison:
    methods = evidence.budgets[budget]
    rows = tested([Row(method, entries(method, evidence.metrics)) for method in methods], evidence.metrics)
    main = evidence.metrics[0]
    sign = 1 if evidence.better(main) == "lower" else -1

    def rank(row: Row) -> float:
        return sign * row.entries[main].raw.value if main in row.entries else float("inf")

    references: dict[str, dict[str, Estimate]] = {}
    for name in REFERENCES:
        references[name] = reference_of(methods, name, evidence.metrics)
    return Comparison(budget, tuple(sorted(rows, key=rank)), references)


def entries(method: Method, metrics: Sequence[str]) -> dict[str, Entry]:
    """Of the metrics that every seed of the method has."""
    found: dict[str, Entry] = {}
    for metric in metrics:
        figures = [cell.result.figures[metric] for cell in method.cells if metric in cell.result.figures]
        if len(figures) == len(method.cells):
            scores = [figure.score for figure in figures if figure.score is not None]
            note = next((figure.note for figure in figures if figure.note), "")
            score = summarise(scores) if len(scores) == len(figures) else None
            found[metric] = Entry(summarise([figure.method for figure in figures]), score, note)
    return found


def tested(rows: Sequence[Row], metrics: Sequence[str]) -> list[Row]:
    """The rows with their tests against the default, each metric's corrected for their number."""
    default = next((row.method for row in rows if row.method.is_default), None)
    found = [dict(row.entries) for row in rows]
    for metric in metrics if default else ():
        tests: dict[int, Paired] = {}
        base = units(default, metric)
        for index, row in enumerate(rows):
            test = paired(units(row.method, metric), base) if row.method is not default else None
            if test is not None and metric in row.entries:
                tests[index] = test
        corrected = holm([test.p for test in tests.values()])
        for (index, test), p in zip(tests.items(), corrected, strict=True):
            found[index][metric] = replace(found[index][metric], test=test, p=p)
    return [Row(row.method, some) for row, some in zip(rows, found, strict=True)]


def units(method: Method | None, metric: str) -> Units:
    cells = method.cells if method else ()
    return {
        (cell.result.seed, cell.fold): cell.result.figures[metric].units
        for cell in cells
        if metric in cell.result.figures
    }


def reference_of(methods: Sequence[Method], name: Reference, metrics: Sequence[str]) -> dict[str, Estimate]:
    """A reference's mean over the results; as a rule they all measured the same one."""
    results = [cell.result for method in methods for cell in method.cells]
    found = {}
    for metric in metrics:
        figures = [result.figures[metric] for result in results if metric in result.figures]
        values = [value for figure in figures if (value := getattr(figure, name)) is not None]
        if values:
            parts = ("value", "low", "high")
            mean = {part: fmean(getattr(value, part) for value in values) for part in parts}
            found[metric] = Estimate(**mean)
    return found
