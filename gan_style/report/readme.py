"""The results table inside an experiment's README, between two markers; everything around them is left as it is."""

from collections.abc import Sequence
from pathlib import Path

from gan_style.report.comparison import ANCHORS, Comparison, Entry
from gan_style.report.evidence import Evidence
from gan_style.report.numbers import SCORE, decimals_for, fixed, mean_and_spread, shown
from gan_style.report.table import ANCHOR_NAMES, ANCHOR_SCORES, spaced
from gan_style.system.errors import UserError

BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
HEADING = "## Results (generated)"


def update(path: Path, table: str) -> None:
    """Put the table between the markers, or below a heading of its own at the end."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(placed(text, table, path), encoding="utf-8")
    partial.replace(path)


def placed(text: str, table: str, path: Path) -> str:
    if (text.count(BEGIN), text.count(END)) == (0, 0):
        return f"{text.rstrip()}\n\n{HEADING}\n\n{BEGIN}\n{table}\n{END}\n".lstrip()
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found or BEGIN in rest or END in before + after:
        raise UserError(
            f"{path}: expected '{BEGIN}' and then '{END}', once each; the table is written between them"
        )
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def markdown(evidence: Evidence, comparisons: Sequence[Comparison], sheet: str | None) -> str:
    """A table a budget, raw value → score of each main metric, and the sheet below."""
    first, metrics = evidence.methods[0].first, evidence.main_metrics
    told = f"Made by `make report EXP={evidence.name}`: {first.split} split, judged by {text(str(first.backbone.get('name', '?')))}."
    told += " Raw value → **score** (0 is the untouched photograph, 1 real paintings)."
    told += " The score's ± is a 95 % interval over seeds, its [ ] one run's own over photographs; the report has all metrics."
    if any(method.timed_ms for method in evidence.methods):
        told += " A step was timed alone where a time was the budget."
    blocks = [told, *(budget_table(evidence, comparison, metrics) for comparison in comparisons)]
    if evidence.outdated:
        blocks.append(
            "Outdated, and not to be compared with the others:\n\n"
            + "\n".join(f"- {text(line)}" for line in evidence.outdated)
        )
    if sheet:
        blocks.append(
            f"![Test photographs, what the methods make of them, and their true paintings]({sheet})"
        )
    return "\n\n".join(blocks)


def budget_table(evidence: Evidence, comparison: Comparison, metrics: Sequence[str]) -> str:
    headings = [
        f"{text(spaced(name))} {'↓' if evidence.better(name) == 'lower' else '↑'}" for name in metrics
    ]
    lines = [
        f"| {text(comparison.budget)} | runs | steps | ms a step | {' | '.join(headings)} |",
        "| --- " * (4 + len(metrics)) + "|",
    ]
    decimals = {name: column_decimals(comparison, name) for name in metrics}
    anchors = {
        anchor: " | ".join(anchor_cell(comparison, anchor, name, decimals[name]) for name in metrics)
        for anchor in ANCHORS
    }
    rows = {anchor: f"| *{ANCHOR_NAMES[anchor]}* | | | | {cells} |" for anchor, cells in anchors.items()}
    lines.append(rows["identity"])
    for some in comparison.rows:
        cells = " | ".join(entry_cell(some.entries.get(name), decimals[name]) for name in metrics)
        pace = shown(ms) if (ms := some.method.costs().get("ms")) else ""
        lines.append(
            f"| `{text(some.method.label)}` | {some.method.sample} | {some.method.first.step:,} | {pace} | {cells} |"
        )
    return "\n".join([*lines, rows["real"]])


def column_decimals(comparison: Comparison, name: str) -> int:
    """Three digits of the largest raw value, for all values of a column."""
    anchors = [anchor[name].value for anchor in comparison.anchors.values() if name in anchor]
    methods = [row.entries[name].raw.value for row in comparison.rows if name in row.entries]
    return decimals_for(0, max(map(abs, anchors + methods), default=0))


def anchor_cell(comparison: Comparison, anchor: str, name: str, decimals: int) -> str:
    estimate = comparison.anchors[anchor].get(name)
    return f"{fixed(estimate.value, decimals)} → {ANCHOR_SCORES[anchor]}" if estimate else ""


def entry_cell(entry: Entry | None, decimals: int) -> str:
    if entry is None:
        return ""
    if entry.score is None:
        return " ".join(mean_and_spread(entry.raw)) + (f" ({text(entry.note)})" if entry.note else "")
    value, around = mean_and_spread(entry.score, SCORE)
    return f"{fixed(entry.raw.value, decimals)} → **{value}** {around}"


def text(value: str) -> str:
    """Nothing that Markdown would take for a cell, a line or a tag."""
    return " ".join(value.split()).replace("|", r"\|").replace("<", "&lt;").replace("`", "'")
