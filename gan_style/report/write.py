"""`gan-style report`: from the results of an experiment to everything that one looks at."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gan_style.evaluation.preferences import ANSWERS
from gan_style.experiment.find import find
from gan_style.experiment.variants import folder_of
from gan_style.report import export, html, people, plots, readme, sheet
from gan_style.report.collect import collect
from gan_style.report.comparison import Comparison, compare
from gan_style.report.curves import Curve, curves
from gan_style.report.evidence import Evidence, Method
from gan_style.report.outdated import outdated
from gan_style.report.pictures import photos
from gan_style.system.progress import say, warn

PANELS = 4


def report(experiment: str, results: Path | None, runs: Path, output: Path | None) -> None:
    """Write the page, the tables and plots below `output`, and the table and sheet beside the experiment."""
    folder, (name, _, config) = folder_of(experiment), find(experiment)
    results = results or folder / "results"
    evidence = collect(name, config, results, runs)
    evidence = replace(evidence, outdated=outdated(evidence))
    for line in [*(f"left out: {line}" for line in evidence.left_out), *evidence.outdated]:
        warn(line)
    output = output or runs / evidence.name / "report"
    output.mkdir(parents=True, exist_ok=True)
    comparisons = [compare(evidence, budget) for budget in evidence.budgets]
    losses = {budget: curves(methods) for budget, methods in evidence.budgets.items()}
    asked = people.section(evidence.name, runs / ANSWERS)
    html.write(output / "report.html", evidence, comparisons, losses, photos(all_methods(evidence)), asked)
    export.write_csv(output / "results.csv", evidence)
    export.write_latex(output / "table.tex", evidence, comparisons)
    write_plots(output, evidence, comparisons, losses)
    table = write_beside(evidence, comparisons, results)
    say(f"report       {output / 'report.html'}")
    say(f"table        {table}")


def all_methods(evidence: Evidence) -> list[tuple[str, Method]]:
    """The methods of all budgets; the budget is named where there are several."""
    several = len(evidence.budgets) > 1
    return [
        (f"{method.label} · {budget}" if several else method.label, method)
        for budget, methods in evidence.budgets.items()
        for method in methods
    ]


def write_plots(
    output: Path,
    evidence: Evidence,
    comparisons: Sequence[Comparison],
    losses: dict[str, dict[str, list[Curve]]],
) -> None:
    """`loss.png` where run folders are left, `quality-cost.png` where the results know their cost."""
    budget = evidence.widest
    panels = [
        (term, some)
        for term, some in losses[budget].items()
        if term.startswith("validation/") or term.endswith("/total")
    ][:PANELS]
    if panels:
        plots.write_curves(output / "loss.png", panels, evidence.labels)
    comparison = next(comparison for comparison in comparisons if comparison.budget == budget)
    main, marks = evidence.primary, []
    for row in comparison.rows:
        cost, entry = row.method.costs().get("ms"), row.entries.get(main)
        figure = entry and (entry.score if evidence.scored(main) else entry.raw)
        if cost is not None and figure:
            marks.append(plots.Mark(row.method.label, cost, figure.value, *figure.ends))
    if marks:
        what = f"{evidence.better(main)} is better"
        if evidence.scored(main):
            what = "score (0 identity baseline, 1 real vs real)"
        title = f"{main}, {what}; budget: {budget}"
        plots.write_scatter(output / "quality-cost.png", title, marks, evidence.labels)


def write_beside(evidence: Evidence, comparisons: Sequence[Comparison], results: Path) -> Path:
    """The table in the experiment's README, and the sheet; results elsewhere have a README of their own.

    A sheet made earlier stays where no run folder is left to make it from.
    """
    sheet_file = results / "sheet.jpg"
    chosen = photos([(method.label, method) for method in evidence.budgets[evidence.widest]])
    if chosen:
        sheet.write(sheet_file, chosen)
    home = evidence.folder if results.resolve() == (evidence.folder / "results").resolve() else results
    address = sheet_file.resolve().relative_to(home.resolve()).as_posix() if sheet_file.is_file() else None
    readme.update(home / "README.md", readme.markdown(evidence, comparisons, address))
    return home / "README.md"
