"""What a report is made from: results as cells, the seeds of a variant as a method, all as the evidence."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from gan_style.config.model import digest
from gan_style.evaluation.result import DRAWN, PROTOCOL, Result, place
from gan_style.experiment.variants import DEFAULT

FOLD = re.compile(r"(?<=[=_])fold-(\d+)$")
DRAWN_SCENES = "drawn scenes"
MAIN_METRICS = 5  # in tables that have to fit a page


@dataclass(frozen=True)
class Cell:
    """One result, and the run folder it came from, which need not be here any more."""

    result: Result  # of drawn scenes, with their figures in place of the photographs'
    path: Path
    run: Path
    drawn: bool = False

    @property
    def fold(self) -> int:
        """Of a cross-validation; -1 for all others."""
        found = FOLD.search(self.result.variant)
        return int(found[1]) if found else -1

    @property
    def variant(self) -> str:
        """The folds of a cross-validation are one variant, such as cv=fold-*."""
        return FOLD.sub("fold-*", self.result.variant)

    @property
    def method(self) -> str:
        """VARIANT or VARIANT+HASH, as its run folder is called; the hash of a fold is the fold's alone."""
        if self.fold < 0:
            return self.run.parent.name
        overrides = self.result.overrides
        return f"{self.variant}+{digest(overrides)[:6]}" if overrides else self.variant

    @property
    def table(self) -> str:
        """Side by side stand methods of one budget; apart cross-validated ones, drawn scenes, old figures."""
        told = [self.result.budget] + ["cross-validated"] * (self.fold >= 0) + [DRAWN_SCENES] * self.drawn
        old = (
            [] if self.result.protocol == PROTOCOL else [f"old evaluation (protocol {self.result.protocol})"]
        )
        return ", ".join([*told, *old])

    @property
    def pictures(self) -> Path:
        """What the evaluation painted, below the run folder."""
        folder = self.run / "evaluation" / place(self.result.checkpoint, self.result.split)
        return folder / DRAWN if self.drawn else folder


@dataclass(frozen=True)
class Method:
    """The seeds of one variant at one budget."""

    label: str
    cells: tuple[Cell, ...]
    timed_ms: float | None = None  # of a step, when it was timed alone for its budget

    @property
    def first(self) -> Result:
        return self.cells[0].result

    @property
    def sample(self) -> str:
        """How many runs, and of what."""
        seeds = len({cell.result.seed for cell in self.cells})
        folds = len({cell.fold for cell in self.cells} - {-1})
        return f"{seeds} seed{'s' * (seeds > 1)}" + (f" × {folds} folds" if folds else "")

    @property
    def drawn(self) -> bool:
        """Whether these are the figures of drawn scenes, of runs that are among the photographs' too."""
        return self.cells[0].drawn

    @property
    def is_default(self) -> bool:
        return self.label == DEFAULT

    def costs(self) -> dict[str, float]:
        """Where known, `ms` a step, as timed or else as the runs went, and their `seconds` of training."""
        found: dict[str, float] = {}
        for name, key in (("ms", "ms_per_step"), ("seconds", "seconds")):
            told = (cell.result.training.get(key) for cell in self.cells)
            values = [value for value in told if isinstance(value, int | float)]
            if values:
                found[name] = fmean(values)
        # While they trained, runs may have shared their cores with others.
        return found | ({"ms": self.timed_ms} if self.timed_ms else {})


@dataclass(frozen=True)
class Evidence:
    """Everything that a report is made from."""

    name: str
    config: Path  # the default's file
    budgets: dict[str, tuple[Method, ...]]
    left_out: tuple[str, ...]  # files and why
    outdated: tuple[str, ...] = ()  # methods of a recipe that the files no longer hold

    @property
    def folder(self) -> Path:
        return self.config.parent

    @property
    def methods(self) -> list[Method]:
        return [method for methods in self.budgets.values() for method in methods]

    @property
    def primary(self) -> str:
        """The metric that the recipe names to rank methods by; of older results, the first with scores."""
        named = (method.first.primary for method in self.methods)
        return next((name for name in named if name in self._by_scores), self._by_scores[0])

    @property
    def metrics(self) -> list[str]:
        """The primary one first, then those with a score for the most methods."""
        return [self.primary, *(name for name in self._by_scores if name != self.primary)]

    @property
    def _by_scores(self) -> list[str]:
        scored: Counter[str] = Counter()
        for method in self.methods:
            for name, figure in method.first.figures.items():
                scored[name] += figure.score is not None
        return [name for name, _ in scored.most_common()]

    @property
    def widest(self) -> str:
        """The table with the most methods; before all others those of today's evaluation."""

        def rank(budget: str) -> tuple[int, int]:
            methods = self.budgets[budget]
            return methods[0].first.protocol, len(methods)

        return max(self.budgets, key=rank)

    @property
    def main_metrics(self) -> list[str]:
        """Those that some result has a score for, up to five; without any, the first five."""
        scored = [name for name in self.metrics if self.scored(name)]
        return (scored or self.metrics)[:MAIN_METRICS]

    def scored(self, metric: str) -> bool:
        figures = (method.first.figures.get(metric) for method in self.methods)
        return any(figure.score is not None for figure in figures if figure)

    @property
    def labels(self) -> list[str]:
        """The default first, then by name: the order in which colours are given out."""
        return sorted({method.label for method in self.methods}, key=lambda label: (label != DEFAULT, label))

    def better(self, metric: str) -> str:
        figures = (method.first.figures.get(metric) for method in self.methods)
        return next(figure.better for figure in figures if figure)
