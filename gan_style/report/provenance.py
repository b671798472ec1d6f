"""Where the numbers come from: protocol, steps, time, hardware, commits and hashes, as HTML."""

from typing import Any

from gan_style.report.evidence import Cell, Evidence
from gan_style.report.markup import Markup, join, tag
from gan_style.report.numbers import duration

# By their headings: what results say of their training.
TRAINING = {
    "precision": "precision",
    "threads": "threads",
    "commit": "git_commit",
    "config": "config_sha256",
    "weights": "networks_sha256",
}
COLUMNS = ("method", "budget", "seed", "step", "training", "a step", *TRAINING, "hardware")


def provenance(evidence: Evidence) -> Markup:
    first = evidence.methods[0].first
    shared = [("backbone", first.backbone), ("data", first.data), ("split", first.split)]
    rows = [
        run(method.label, budget, cell)
        for budget, methods in evidence.budgets.items()
        for method in methods
        for cell in method.cells
        if not cell.drawn
    ]
    heading = tag("thead", tag("tr", *(tag("th", column, scope="col") for column in COLUMNS)))
    facts = tag("dl", *(part for name, value in shared for part in (tag("dt", name), tag("dd", told(value)))))
    table = tag("table", heading, tag("tbody", *rows), class_="plain")
    region = {"class_": "scroll", "tabindex": "0", "role": "region", "aria_label": "Runs"}
    return join(facts, tag("div", table, **region))


def run(label: str, budget: str, cell: Cell) -> Markup:
    result, training = cell.result, cell.result.training
    seconds, pace = training.get("seconds"), training.get("ms_per_step")
    cells = (
        budget,
        str(result.seed) + (f", fold {cell.fold}" if cell.fold >= 0 else ""),
        f"{result.step:,}" + (f" ({result.checkpoint})" if result.checkpoint != "last" else ""),
        duration(seconds) if isinstance(seconds, int | float) else "–",
        f"{pace:.0f} ms" if isinstance(pace, int | float) else "–",
        *(short(training.get(key)) for key in TRAINING.values()),
        result.hardware,
    )
    return tag("tr", tag("th", label, scope="row"), *(tag("td", some) for some in cells))


def short(value: Any) -> str:
    """Hashes to ten characters; a commit keeps its mark of uncommitted changes."""
    if value is None:
        return "–"
    text = str(value)
    return text[:10] + ("+changes" if text.endswith("+changes") else "") if len(text) > 24 else text


def told(value: Any) -> Markup:
    if isinstance(value, dict):
        return tag("ul", *(tag("li", tag("code", str(key)), " ", told(some)) for key, some in value.items()))
    return tag("span", str(value))
