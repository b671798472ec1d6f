"""The results table inside an experiment's README, between two markers; all around them stays as it is."""

from collections.abc import Sequence
from pathlib import Path

from gan_style.evaluation.result import PROTOCOL
from gan_style.report.comparison import REFERENCES, Comparison, Entry
from gan_style.report.evidence import Evidence
from gan_style.report.numbers import SCORE, decimals_for, fixed, mean_and_spread, shown
from gan_style.report.table import REFERENCE_NAMES, REFERENCE_SCORES, spaced, titled
from gan_style.system import disk
from gan_style.system.errors import UserError

BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
HEADING = "## Results (generated)"


def update(path: Path, table: str) -> None:
    """Put the table between the markers, or below a heading of its own at the end."""
    path = path.resolve()  # a link stays one
    # Whatever else is in it, also what is no UTF-8, stays as it is.
    text = path.read_bytes().decode(errors="surrogateescape") if path.is_file() else ""
    table = table.replace("\n", "\r\n") if "\r\n" in text else table
    disk.write(path, placed(text, table, path).encode(errors="surrogateescape"))


def placed(text: str, table: str, path: Path) -> str:
    if (text.count(BEGIN), text.count(END)) == (0, 0):
        return f"{text.rstrip()}\n\n{HEADING}\n\n{BEGIN}\n{table}\n{END}\n".lstrip()
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found or BEGIN in rest or END in before + after:
        expected = f"expected '{BEGIN}' and then '{END}', once each"
        raise UserError(f"{path}: {expected}; the table is written between them")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def markdown(evidence: Evidence, comparisons: Sequence[Comparison], sheet: str | None) -> str:
    """A table a budget, raw value → score of each main metric, and the sheet below."""
    first, metrics = evidence.methods[0].first, evidence.main_metrics
    backbone = text(str(first.backbone.get("name", "?")))
    told = f"Made by `make report EXP={evidence.name}`: {first.split} split, measured with {backbone}."
    told += " Raw value → **score** (0 is the identity baseline, 1 real vs real)."
    told += " The score's ± is a 95 % interval over seeds and photographs, its [ ] one run's own over"
    told += " photographs; the report has all metrics."
    if any(method.timed_ms for method in evidence.methods):
        told += " A step was timed alone where a time was the budget."
    if any(method.first.protocol < PROTOCOL for method in evidence.methods):
        told += " An old evaluation's figures stand without intervals, which did not hold, and verdicts."
    blocks = [told, *(budget_table(evidence, comparison, metrics) for comparison in comparisons)]
    if evidence.outdated:
        lines = "\n".join(f"- {text(line)}" for line in evidence.outdated)
        blocks.append(f"Outdated, and not to be compared with the others:\n\n{lines}")
    if sheet:
        shown_there = "Test photographs, what the methods make of them, and their true paintings"
        blocks.append(f"![{shown_there}]({sheet})")
    return "\n\n".join(blocks)


def budget_table(evidence: Evidence, comparison: Comparison, metrics: Sequence[str]) -> str:
    arrows = {"lower": "↓", "higher": "↑"}
    headings = [f"{text(spaced(name))} {arrows[evidence.better(name)]}" for name in metrics]
    lines = [
        f"| {text(titled(comparison))} | runs | steps | ms a step | {' | '.join(headings)} |",
        "| --- " * (4 + len(metrics)) + "|",
    ]
    decimals = {name: column_decimals(comparison, name) for name in metrics}
    rows = {}
    for reference in REFERENCES:
        cells = " | ".join(reference_cell(comparison, reference, name, decimals[name]) for name in metrics)
        rows[reference] = f"| *{REFERENCE_NAMES[reference]}* | | | | {cells} |"
    lines.append(rows["identity"])
    for some in comparison.rows:
        method = some.method
        cells = " | ".join(entry_cell(some.entries.get(name), decimals[name]) for name in metrics)
        pace = shown(ms) if (ms := method.costs().get("ms")) else ""
        about = f"`{text(method.label)}` | {method.sample} | {method.first.step:,} | {pace}"
        lines.append(f"| {about} | {cells} |")
    return "\n".join([*lines, rows["real"]])


def column_decimals(comparison: Comparison, name: str) -> int:
    """Three digits of the largest raw value, for all values of a column."""
    references = [one[name].value for one in comparison.references.values() if name in one]
    methods = [row.entries[name].raw.value for row in comparison.rows if name in row.entries]
    return decimals_for(0, max(map(abs, references + methods), default=0))


def reference_cell(comparison: Comparison, reference: str, name: str, decimals: int) -> str:
    estimate = comparison.references[reference].get(name)
    return f"{fixed(estimate.value, decimals)} → {REFERENCE_SCORES[reference]}" if estimate else ""


def entry_cell(entry: Entry | None, decimals: int) -> str:
    if entry is None:
        return ""
    if entry.score is None:
        return " ".join(mean_and_spread(entry.raw)) + (f" ({text(entry.note)})" if entry.note else "")
    value, around = mean_and_spread(entry.score, SCORE)
    return f"{fixed(entry.raw.value, decimals)} → **{value}** {around}".strip()


def text(value: str) -> str:
    """Nothing that Markdown would take for a cell, a line or a tag."""
    return " ".join(value.split()).replace("|", r"\|").replace("<", "&lt;").replace("`", "'")
