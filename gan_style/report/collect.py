"""The results of an experiment, sorted into methods; what cannot stand beside the others is named and left out."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_style.config import digest
from gan_style.errors import UserError
from gan_style.evaluation.result import Result

EXPERIMENTS = Path("experiments")
DEFAULT = "default"


@dataclass(frozen=True)
class Cell:
    """One result, and the run folder it came from, which need not be here any more."""

    result: Result
    path: Path
    run: Path

    @property
    def method(self) -> str:
        """VARIANT or VARIANT+HASH, as its run folder is called."""
        return self.run.parent.name


@dataclass(frozen=True)
class Method:
    """The seeds of one variant at one budget."""

    label: str
    cells: tuple[Cell, ...]

    @property
    def first(self) -> Result:
        return self.cells[0].result

    @property
    def is_default(self) -> bool:
        return self.label == DEFAULT


@dataclass(frozen=True)
class Evidence:
    """Everything that a report is made from."""

    name: str
    folder: Path
    budgets: dict[str, tuple[Method, ...]]
    left_out: tuple[str, ...]  # files and why

    @property
    def methods(self) -> list[Method]:
        return [method for methods in self.budgets.values() for method in methods]

    @property
    def metrics(self) -> list[str]:
        """Those with a score for the most methods first; the first is the main one."""
        scored: Counter[str] = Counter()
        for method in self.methods:
            for name, figure in method.first.figures.items():
                scored[name] += figure.score is not None
        return [name for name, _ in scored.most_common()]

    @property
    def labels(self) -> list[str]:
        """The default first, then by name: the order in which colours are given out."""
        return sorted({method.label for method in self.methods}, key=lambda label: (label != DEFAULT, label))

    def better(self, metric: str) -> str:
        return next(method.first.figures[metric].better for method in self.methods if metric in method.first.figures)


def experiment_folder(experiment: str) -> Path:
    for folder in (Path(experiment), EXPERIMENTS / experiment):
        if (folder / "config.yaml").is_file():
            return folder
    known = sorted(config.parent.name for config in EXPERIMENTS.glob("*/config.yaml"))
    raise UserError(f"there is no experiment '{experiment}'; experiments/ holds: {', '.join(known) or 'none'}")


def collect(folder: Path, results: Path, runs: Path) -> Evidence:
    """Read the results of the experiment in `folder`; run folders are looked for below `runs`."""
    name = folder.resolve().name
    cells, left_out = read_cells(name, results, runs)
    cells = majority(cells, protocol, left_out, "another judge, protocol, split or test set than the other results have")
    budgets: dict[str, tuple[Method, ...]] = {}
    for budget in sorted({cell.result.budget for cell in cells}, key=lambda budget: (budget != "full", budget)):
        budgets[budget] = methods_of([cell for cell in cells if cell.result.budget == budget], left_out)
    if not budgets:
        told = "".join(f"\n  {line}" for line in left_out)
        raise UserError(f"{results}: there are no results of '{name}' to report; make some: make ablate EXP={name}{told}")
    return Evidence(name, folder, budgets, tuple(left_out))


def read_cells(name: str, results: Path, runs: Path) -> tuple[list[Cell], list[str]]:
    cells, left_out = [], []
    for path in sorted(results.glob("*.json")):
        if path.name.startswith("budget-"):
            continue
        try:
            result = Result.read(path)
        except UserError as problem:
            # Pydantic's first complaint is enough.
            left_out.append(" ".join(str(problem).split()).partition(" [type=")[0])
            continue
        reason = unfit(result, name)
        if reason:
            left_out.append(f"{path}: {reason}")
        else:
            cells.append(Cell(result, path, runs / name / re.sub(r"-seed\d+$", "", path.stem) / f"seed{result.seed}"))
    return cells, left_out


def unfit(result: Result, name: str) -> str:
    if result.experiment != name:
        return f"this is a result of '{result.experiment}'"
    if not result.figures:
        return "it holds no figures"
    if result.checkpoint == "last" and result.step < result.steps:
        return f"this run was not finished: step {result.step:,} of {result.steps:,}"
    return ""


def protocol(cell: Cell) -> Hashable:
    return cell.result.split, cell.result.protocol, digest(cell.result.judge), digest(cell.result.data)


def majority(cells: Sequence[Cell], key: Callable[[Cell], Hashable], left_out: list[str], reason: str) -> list[Cell]:
    """The cells that agree with most of the others; where as many disagree, the default decides."""
    counts = Counter(key(cell) for cell in cells)
    defaults = {key(cell) for cell in cells if cell.result.variant == DEFAULT}
    chosen = max(counts, key=lambda some: (counts[some], some in defaults), default=None)
    left_out += [f"{cell.path}: {reason}" for cell in cells if key(cell) != chosen]
    return [cell for cell in cells if key(cell) == chosen]


def methods_of(cells: Sequence[Cell], left_out: list[str]) -> tuple[Method, ...]:
    """One budget's cells by method. The default is the one with the fewest overrides; its namesakes keep their hash."""
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in sorted(cells, key=lambda cell: (len(cell.result.overrides), cell.method, cell.result.seed)):
        groups.setdefault((cell.method, cell.result.checkpoint), []).append(cell)
    methods: list[Method] = []
    for (name, checkpoint), group in groups.items():
        reason = "another recipe than the other seeds of this method were trained with"
        kept = majority(group, lambda cell: (cell.result.steps, cell.result.training.get("config_sha256")), left_out, reason)
        label = kept[0].result.variant + (" (best)" if checkpoint == "best" else "")
        taken = any(method.label == label for method in methods)
        methods.append(Method(f"{name} (best)" if taken and checkpoint == "best" else name if taken else label, tuple(kept)))
    return tuple(sorted(methods, key=lambda method: not method.is_default))
