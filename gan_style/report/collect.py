"""The results of an experiment, sorted into methods; what cannot be compared is named and left out."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from pathlib import Path

from gan_style.config.model import digest
from gan_style.evaluation.budget import read as read_frozen
from gan_style.evaluation.budget import time_label
from gan_style.evaluation.result import PROTOCOL, Result
from gan_style.experiment.variants import DEFAULT
from gan_style.report.evidence import Cell, Evidence, Method
from gan_style.system.errors import UserError


def collect(name: str, config: Path, results: Path, runs: Path) -> Evidence:
    """Read the results of an experiment; run folders are looked for below `runs`."""
    cells, left_out = read_cells(name, results, runs)
    reason = "another backbone or split than the other results have"
    newest = max((cell.result.protocol for cell in cells), default=0)
    voters = [cell for cell in cells if cell.result.protocol == newest]
    cells = majority(cells, measured_alike, left_out, reason, voters)
    cells += [drawn for cell in cells if (drawn := of_drawn_scenes(cell))]
    for some in sorted({comparable(cell) for cell in cells}):
        inside = [cell for cell in cells if comparable(cell) == some]
        others = [cell for cell in cells if comparable(cell) != some]
        reason = "another test set than the other results have"
        cells = majority(inside, test_set, left_out, reason) + others
    budgets: dict[str, tuple[Method, ...]] = {}
    timed = read_timed(results, left_out)
    for table in sorted({cell.table for cell in cells}, key=order_of_tables):
        methods = methods_of([cell for cell in cells if cell.table == table], left_out)
        firsts = [(method.first.budget, method.first.variant, method.first.steps) for method in methods]
        pairs = zip(methods, map(timed.get, firsts), strict=True)
        budgets[table] = tuple(replace(method, timed_ms=ms) for method, ms in pairs)
    if not budgets:
        told = "".join(f"\n  {line}" for line in left_out)
        advice = f"make some: make ablate EXP={name}"
        raise UserError(f"{results}: there are no results of '{name}' to report; {advice}{told}")
    return Evidence(name, config, budgets, tuple(dict.fromkeys(left_out)))


def of_drawn_scenes(cell: Cell) -> Cell | None:
    if not cell.result.drawn:
        return None
    figures = {"figures": cell.result.drawn, "drawn": {}, "data": cell.result.data.get("drawn", {})}
    return replace(cell, result=cell.result.model_copy(update=figures), drawn=True)


def comparable(cell: Cell) -> tuple[int, int, bool]:
    """What has a test set of its own."""
    return cell.result.protocol, cell.fold, cell.drawn


def order_of_tables(table: str) -> tuple[bool, bool, str]:
    """The full length first, and what was measured by an old evaluation last."""
    return "old evaluation" in table, not table.startswith("full"), table


def read_timed(results: Path, left_out: list[str]) -> dict[tuple[str, str, int], float]:
    """Milliseconds a step by budget, variant and the steps it was given, from what budgets were frozen by."""
    found: dict[tuple[str, str, int], float] = {}
    for path in sorted(results.glob("budget-*min.json")):
        try:
            frozen = read_frozen(path, minutes=0)
        except UserError as problem:
            left_out.append(str(problem))
            continue
        label = time_label(frozen.minutes)
        for variant, timed in frozen.variants.items():
            found[label, variant, timed.steps] = timed.ms_per_step
    return found


def read_cells(name: str, results: Path, runs: Path) -> tuple[list[Cell], list[str]]:
    """Of the files VARIANT-seedN.json; budgets and halvings write others beside them."""
    cells, left_out = [], []
    for path in sorted(results.glob("*-seed*.json")):
        try:
            result = Result.read(path)
        except UserError as problem:
            left_out.append(str(problem))
            continue
        reason = unfit(result, name)
        variant = re.sub(r"(@[^@]+)?-seed\d+$", "", path.stem)
        if reason:
            left_out.append(f"{path}: {reason}")
        else:
            cells.append(Cell(result, path, runs / name / variant / f"seed{result.seed}"))
    return cells, left_out


def unfit(result: Result, name: str) -> str:
    if result.experiment != name:
        return f"this is a result of '{result.experiment}'"
    if result.protocol > PROTOCOL:
        return f"it was measured by a newer version of this program (protocol {result.protocol})"
    if not result.figures:
        return "it holds no figures"
    if result.checkpoint == "last" and result.step < result.steps:
        return f"this run was not finished: step {result.step:,} of {result.steps:,}"
    return ""


def measured_alike(cell: Cell) -> Hashable:
    return cell.result.split, digest(cell.result.backbone)


def test_set(cell: Cell) -> Hashable:
    return digest({name: told for name, told in cell.result.data.items() if name != "drawn"})


def recipe(cell: Cell) -> Hashable:
    """Each fold's config is its own."""
    return cell.result.steps, cell.result.training.get("config_sha256") if cell.fold < 0 else None


def majority(
    cells: Sequence[Cell],
    key: Callable[[Cell], Hashable],
    left_out: list[str],
    reason: str,
    voters: Sequence[Cell] = (),
) -> list[Cell]:
    """The cells that agree with most of the others; where as many disagree, the default decides."""
    counts = Counter(key(cell) for cell in voters or cells)
    defaults = {key(cell) for cell in cells if cell.result.variant == DEFAULT}
    chosen = max(counts, key=lambda some: (counts[some], some in defaults), default=None)
    left_out += [f"{cell.path}: {reason}" for cell in cells if key(cell) != chosen]
    return [cell for cell in cells if key(cell) == chosen]


def methods_of(cells: Sequence[Cell], left_out: list[str]) -> tuple[Method, ...]:
    """One budget's cells by method; of one name, that with the fewest overrides goes without its hash."""

    def order(cell: Cell) -> tuple[int, str, int, int]:
        return len(cell.result.overrides), cell.method, cell.result.seed, cell.fold

    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in sorted(cells, key=order):
        groups.setdefault((cell.method, cell.result.checkpoint), []).append(cell)
    methods: list[Method] = []
    for (name, checkpoint), group in groups.items():
        reason = "another recipe than the other seeds of this method were trained with"
        kept = majority(group, recipe, left_out, reason)
        best = " (best)" if checkpoint == "best" else ""
        taken = any(method.label == kept[0].variant + best for method in methods)
        methods.append(Method((name if taken else kept[0].variant) + best, tuple(kept)))
    return tuple(sorted(methods, key=lambda method: not method.is_default))
