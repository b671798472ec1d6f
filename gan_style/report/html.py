"""The report as one file that needs nothing beside it: no network, no folder, no server."""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from gan_style.report import provenance, sections, table
from gan_style.report.comparison import Comparison
from gan_style.report.curves import Curve
from gan_style.report.evidence import Evidence
from gan_style.report.markup import Markup, join, tag
from gan_style.report.numbers import SCORE, mean_and_spread
from gan_style.report.pictures import Photo
from gan_style.report.question import question
from gan_style.system import disk

BudgetCurves = dict[str, dict[str, list[Curve]]]


def write(
    path: Path,
    evidence: Evidence,
    comparisons: Sequence[Comparison],
    losses: BudgetCurves,
    photos: Sequence[Photo],
    people: Markup,
) -> None:
    asked, template = question(evidence.folder, evidence.name), files("gan_style.report")
    groups = [group(evidence, comparison) for comparison in comparisons]
    data = {"labels": evidence.labels, "curves": plain_curves(losses), "cost": cost(evidence, comparisons)}
    parts = {
        "title": tag("title", f"{evidence.name}: report"),
        "heading": join(tag("h1", asked.title), tag("p", asked.text, class_="question"), facts(evidence)),
        "results": join(*groups, notes("Left out", evidence.left_out), notes("Outdated", evidence.outdated)),
        "pictures": sections.pictures(photos),
        "people": people,
        "variants": sections.variants(evidence),
        "provenance": provenance.provenance(evidence),
        "data": blob(data),
        "style": template.joinpath("page.css").read_text(encoding="utf-8"),
        "script": template.joinpath("page.js").read_text(encoding="utf-8"),
    }
    page = Template(template.joinpath("page.html").read_text(encoding="utf-8")).substitute(parts)
    disk.write(path, page)


def facts(evidence: Evidence) -> Markup:
    cells = [cell for method in evidence.methods for cell in method.cells if not cell.drawn]
    first = cells[0].result
    told = [
        counted(len(cells), "run"),
        counted(len({cell.variant for cell in cells}), "variant"),
        counted(len({cell.result.seed for cell in cells}), "seed"),
        f"{first.split} split",
        f"measured with {first.backbone.get('name', 'a bank without a name')}",
    ]
    return tag("ul", *(tag("li", fact) for fact in told), class_="facts")


def counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def group(evidence: Evidence, comparison: Comparison) -> Markup:
    parts = (headline, table.results, table.tests)
    return tag("section", *(part(evidence, comparison) for part in parts))


def headline(evidence: Evidence, comparison: Comparison) -> Markup:
    """The table's first in a sentence, where the primary metric has a score to say it with."""
    main = evidence.primary
    best = next((row for row in comparison.rows if main in row.entries), None)
    title = tag("h3", "Full budget" if comparison.budget == "full" else f"Budget: {comparison.budget}")
    score = best.entries[main].score if best else None
    if best is None or score is None:
        return title
    place = " scores " if len(comparison.rows) == 1 else " comes first, at a score of "
    told = (
        tag("b", best.method.label),
        place,
        tag("b", " ".join(mean_and_spread(score, SCORE)).strip()),
        ".",
    )
    return join(title, tag("p", "By ", table.spaced(main), ", ", *told, class_="headline"))


def notes(title: str, lines: Sequence[str]) -> Markup:
    if not lines:
        return Markup()
    return tag("aside", tag("b", title), tag("ul", *(tag("li", line) for line in lines)), class_="left-out")


def blob(data: Any) -> Markup:
    """JSON for a script element, which must not hold what could end it."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))


def plain_curves(losses: BudgetCurves) -> dict[str, dict[str, list[dict[str, Any]]]]:
    return {
        budget: {term: [_plain(curve) for curve in some] for term, some in terms.items()}
        for budget, terms in losses.items()
        if terms
    }


def _plain(curve: Curve) -> dict[str, Any]:
    numbers = {"x": curve.steps, "mean": curve.mean, "low": curve.low, "high": curve.high}
    rounded = {name: [float(f"{value:.4g}") for value in values] for name, values in numbers.items()}
    return {"label": curve.label} | rounded


def cost(evidence: Evidence, comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Points of the scatter: what a method costs, and its scores (or raw values where a metric has none)."""
    points = []
    for comparison in comparisons:
        for row in comparison.rows:
            quality = {}
            for metric, entry in row.entries.items():
                figure = entry.score or entry.raw
                if entry.score or not evidence.scored(metric):
                    quality[metric] = [figure.value, *figure.ends]
            about = {"label": row.method.label, "budget": comparison.budget}
            points.append({**about, "quality": quality, **row.method.costs()})
    metrics = [
        {"name": metric, "scored": evidence.scored(metric), "better": evidence.better(metric)}
        for metric in evidence.metrics
    ]
    return {"points": points, "metrics": metrics}
