"""The results table of one budget as HTML: a row a method, a column a metric, the anchors around them."""

from gan_style.report.comparison import ANCHORS, Comparison, Entry, Row
from gan_style.report.evidence import Evidence
from gan_style.report.markup import Markup, breakable, join, tag
from gan_style.report.numbers import SCORE, mean_and_spread, probability, shown
from gan_style.report.statistics import Interval

ANCHOR_NAMES = {"identity": "untouched photograph", "real": "real paintings"}
ANCHOR_SCORES = {"identity": "0", "real": "1"}
CERTAIN = 0.05


def results(evidence: Evidence, comparison: Comparison) -> Markup:
    anchors = {anchor: anchor_row(comparison, anchor, evidence.metrics) for anchor in ANCHORS}
    body = join(*(method_row(row, evidence, comparison) for row in comparison.rows))
    return tag(
        "div",
        tag(
            "table",
            tag("caption", comparison.budget),
            tag("thead", heading(evidence)),
            tag("tbody", anchors["identity"], class_="anchor"),
            tag("tbody", body, class_="methods"),
            tag("tbody", anchors["real"], class_="anchor"),
            class_="results",
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=f"Results, {comparison.budget}",
    )


def heading(evidence: Evidence) -> Markup:
    cells = [tag("th", tag("button", "method", type="button"), scope="col", data_better="name")]
    for metric in evidence.metrics:
        better = evidence.better(metric)
        arrow = tag("span", "↓" if better == "lower" else "↑", class_="better", title=f"{better} is better")
        cells.append(
            tag(
                "th",
                tag("button", spaced(metric), " ", arrow, type="button"),
                scope="col",
                data_better=better,
            )
        )
    return tag("tr", *cells)


def method_row(row: Row, evidence: Evidence, comparison: Comparison) -> Markup:
    method = row.method
    told = f"{method.sample} · {method.first.step:,} steps"
    name = tag(
        "th", tag("b", breakable(method.label)), tag("small", told), scope="row", data_sort=method.label
    )
    cells = [
        metric_cell(row.entries.get(metric), metric, evidence, comparison) for metric in evidence.metrics
    ]
    return tag("tr", name, *cells, class_="default" if method.is_default else None)


def metric_cell(entry: Entry | None, metric: str, evidence: Evidence, comparison: Comparison) -> Markup:
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
    """A line from the copy (0) to the real thing (1), with a quarter beyond both ends."""

    def place(value: float) -> str:
        return f"{(min(1.25, max(-0.25, value)) + 0.25) / 1.5 * 100:.1f}%"

    return tag(
        "i",
        class_="track",
        style=f"--v:{place(score.value)};--l:{place(score.low)};--h:{place(score.high)}",
        aria_hidden="true",
    )


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


def anchor_row(comparison: Comparison, anchor: str, metrics: list[str]) -> Markup:
    cells = [
        tag("th", ANCHOR_NAMES[anchor], tag("small", f"{anchor}: score {ANCHOR_SCORES[anchor]}"), scope="row")
    ]
    for metric in metrics:
        estimate = comparison.anchors[anchor].get(metric)
        if estimate is None:
            cells.append(tag("td", tag("span", "–", class_="note")))
        else:
            value, around = mean_and_spread(estimate)
            cells.append(
                tag(
                    "td",
                    tag("span", value, " ", tag("small", around), class_="raw"),
                    data_sort=estimate.value,
                )
            )
    return tag("tr", *cells)


def tests(evidence: Evidence, comparison: Comparison) -> Markup:
    """Every paired test in figures; nothing where none could be made."""
    lines = []
    for row in comparison.rows:
        for metric in evidence.metrics:
            entry = row.entries.get(metric)
            if entry and entry.test and entry.p is not None:
                test = entry.test
                cells = (
                    shown(test.difference),
                    probability(test.p),
                    probability(entry.p),
                    test.over,
                    str(test.units),
                    str(test.seeds),
                )
                lines.append(
                    tag(
                        "tr",
                        tag("th", row.method.label, scope="row"),
                        tag("td", spaced(metric)),
                        *(tag("td", c) for c in cells),
                    )
                )
    if not lines:
        return Markup()
    titles = ("method", "metric", "difference", "p", "p, Holm", "over", "photographs", "seeds")
    table = tag(
        "table",
        tag("thead", tag("tr", *(tag("th", title, scope="col") for title in titles))),
        tag("tbody", *lines),
        class_="plain",
    )
    return tag(
        "details",
        tag("summary", f"{len(lines)} paired tests against the default"),
        tag("div", table, class_="scroll"),
    )


def spaced(metric: str) -> str:
    return metric.replace("_", " ")
