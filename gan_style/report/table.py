"""The results table of one budget as HTML: a row a method, a column a metric, the references around them."""

from gan_style.report.comparison import REFERENCES, Comparison, Entry, Row
from gan_style.report.evidence import Evidence
from gan_style.report.markup import Markup, breakable, join, tag
from gan_style.report.numbers import SCORE, mean_and_spread, probability, shown
from gan_style.report.statistics import Interval

REFERENCE_NAMES = {"identity": "identity baseline", "real": "real vs real"}
REFERENCE_SCORES = {"identity": "0", "real": "1"}
CERTAIN = 0.05


def results(evidence: Evidence, comparison: Comparison) -> Markup:
    references = {name: reference_row(comparison, name, evidence.metrics) for name in REFERENCES}
    body = join(*(method_row(row, evidence) for row in comparison.rows))
    table = tag(
        "table",
        tag("caption", titled(comparison)),
        tag("thead", heading(evidence)),
        tag("tbody", references["identity"], class_="reference"),
        tag("tbody", body, class_="methods"),
        tag("tbody", references["real"], class_="reference"),
        class_="results",
    )
    told = f"Results, {comparison.budget}"
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=told)


def titled(comparison: Comparison) -> str:
    reason = comparison.no_interval
    return comparison.budget + (
        f" (no intervals: {reason})" if reason and reason not in comparison.budget else ""
    )


def heading(evidence: Evidence) -> Markup:
    cells = [tag("th", tag("button", "method", type="button"), scope="col", data_better="name")]
    for metric in evidence.metrics:
        better = evidence.better(metric)
        arrow = tag("span", "↓" if better == "lower" else "↑", class_="better", title=f"{better} is better")
        button = tag("button", spaced(metric), " ", arrow, type="button")
        cells.append(tag("th", button, scope="col", data_better=better))
    return tag("tr", *cells)


def method_row(row: Row, evidence: Evidence) -> Markup:
    method = row.method
    label = tag("b", breakable(method.label))
    sample = tag("small", f"{method.sample} · {method.first.step:,} steps")
    name = tag("th", label, sample, scope="row", data_sort=method.label)
    cells = [metric_cell(row.entries.get(metric), metric, evidence) for metric in evidence.metrics]
    return tag("tr", name, *cells, class_="default" if method.is_default else None)


def metric_cell(entry: Entry | None, metric: str, evidence: Evidence) -> Markup:
    if entry is None:
        return tag("td", tag("span", "not measured", class_="note"), class_="void")
    parts = [tag("span", *spread(entry.raw), class_="raw")]
    if entry.score is not None:
        parts = [tag("span", *spread(entry.score, SCORE), class_="score"), track(entry.score), *parts]
    elif entry.note:
        parts.append(tag("span", entry.note, class_="note"))
    if entry.test is not None and entry.p is not None:
        parts.append(verdict(entry, evidence.better(metric)))
    return tag("td", *parts, data_sort=entry.raw.value, data_score=entry.score.value if entry.score else None)


def spread(interval: Interval, decimals: int | None = None) -> tuple[str, str, Markup]:
    value, around = mean_and_spread(interval, decimals)
    return value, " ", tag("small", around)


def track(score: Interval) -> Markup:
    """A line from the identity baseline (0) to real vs real (1), with a quarter beyond both ends."""

    def place(value: float) -> str:
        return f"{(min(1.25, max(-0.25, value)) + 0.25) / 1.5 * 100:.1f}%"

    low, high = map(place, score.ends)
    places = f"--v:{place(score.value)};--l:{low};--h:{high}"
    return tag("i", class_="track", style=places, aria_hidden="true")


def verdict(entry: Entry, better: str) -> Markup:
    """Whether the method differs from the default, as far as these photographs and seeds can tell."""
    assert entry.test is not None
    assert entry.p is not None
    ahead = (entry.test.difference < 0) == (better == "lower")
    if entry.p >= CERTAIN:
        kind, told = "same", "≈ default"
    else:
        kind, told = ("ahead", "▲ better") if ahead else ("behind", "▼ worse")
    return tag("span", f"{told}, {probability(entry.p)}", class_=f"test {kind}")


def reference_row(comparison: Comparison, name: str, metrics: list[str]) -> Markup:
    score = tag("small", f"score {REFERENCE_SCORES[name]}")
    cells = [tag("th", REFERENCE_NAMES[name], score, scope="row")]
    for metric in metrics:
        estimate = comparison.references[name].get(metric)
        if estimate is None:
            cells.append(tag("td", tag("span", "–", class_="note")))
        else:
            value, around = mean_and_spread(estimate)
            shown_there = tag("span", value, " ", tag("small", around), class_="raw")
            cells.append(tag("td", shown_there, data_sort=estimate.value))
    return tag("tr", *cells)


def tests(evidence: Evidence, comparison: Comparison) -> Markup:
    """Every test in figures; nothing where none could be made."""
    lines = []
    for row in comparison.rows:
        for metric in evidence.metrics:
            entry = row.entries.get(metric)
            if entry and entry.test and entry.p is not None:
                test = entry.test
                numbers = (shown(test.difference), probability(test.p), probability(entry.p))
                cells = (spaced(metric), *numbers, str(test.units), str(test.seeds))
                name = tag("th", row.method.label, scope="row")
                lines.append(tag("tr", name, *(tag("td", cell) for cell in cells)))
    if not lines:
        return Markup()
    titles = ("method", "metric", "difference", "p", "p, Holm", "originals", "seeds")
    head = tag("thead", tag("tr", *(tag("th", title, scope="col") for title in titles)))
    table = tag("table", head, tag("tbody", *lines), class_="plain")
    summary = tag("summary", f"{len(lines)} tests against the default")
    return tag("details", summary, tag("div", table, class_="scroll"))


def spaced(metric: str) -> str:
    return metric.replace("_", " ")
