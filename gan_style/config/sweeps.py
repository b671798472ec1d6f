"""Sweep files: one recipe and what to vary in it, expanded into trials. Needs no TensorFlow.

Every trial is a variant with a name of its own, such as `strokes=tone-0.06_style-0.5`, and stands
wherever an ablation's name may stand.
"""

import hashlib
import json
import math
import random
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gan_style.config.axes import MOST_TRIALS, Axis, Range, drawn
from gan_style.config.load import read_with_parents, validate
from gan_style.config.located import DEEPEST, Located, merge
from gan_style.config.model import Config
from gan_style.config.overrides import nested, relocated
from gan_style.config.text import shown
from gan_style.system.errors import UserError

LONGEST_NAME = 150  # of a trial, in bytes; it names folders and files, with a little behind it
DRAWS_A_TRIAL = 100  # so often a draw that came before is drawn again


class Sweep(Config):
    """What is varied, and which of the combinations are tried."""

    search: Literal["grid", "random", "halving"] = "grid"
    over: Annotated[dict[str, Axis], Field(max_length=16)] = Field(default_factory=dict)
    folds: Annotated[
        int | None, Field(ge=3, le=100, description="cross-validation: every trial once for each fold")
    ] = None
    trials: Annotated[
        int | None, Field(ge=2, le=MOST_TRIALS, description="how many are drawn; for random and halving")
    ] = None
    seed: Annotated[int, Field(ge=0, description="of the draws")] = 0
    rungs: Annotated[
        tuple[float, ...],
        Field(min_length=1, description="halving: shares of the steps after which the worse half stops"),
    ] = (0.25, 0.5)

    @model_validator(mode="after")
    def keys_suit_the_search(self) -> Self:
        if not self.over and self.folds is None:
            raise ValueError("over: a sweep needs something to vary, or folds")
        if (self.search == "grid") != (self.trials is None):
            why = "'grid' tries every combination" if self.trials else f"'{self.search}' needs their number"
            raise ValueError(f"trials: {why}")
        unknown = [key for key, axis in self.over.items() if isinstance(axis, Range) and not axis.count]
        if self.search == "grid" and unknown:
            raise ValueError(f"over.{unknown[0]}: for a grid a range needs its 'count'")
        if self.search != "halving" and "rungs" in self.model_fields_set:
            raise ValueError(f"rungs: '{self.search}' has none, only 'halving' has")
        if self.search == "halving" and self.folds is not None:
            raise ValueError("folds: halving compares trials on one split; use grid or random")
        if (count := self.count()) > MOST_TRIALS:
            raise ValueError(
                f"over: {count:,} trials are more than {MOST_TRIALS:,}; draw some of them at random"
            )
        if not all(0 < share < 1 for share in self.rungs) or list(self.rungs) != sorted(set(self.rungs)):
            raise ValueError("rungs: expected rising shares between 0 and 1")
        return self

    def count(self) -> int:
        """How many trials there are, found without making any."""
        sizes = [axis.count or 2 if isinstance(axis, Range) else len(axis) for axis in self.over.values()]
        return (self.trials or math.prod(sizes)) * (self.folds or 1)

    def combinations(self) -> list[tuple[Any, ...]]:
        """The values of each trial, in the order of `over`."""
        axes = list(self.over.values())
        if self.trials is None:
            grid = [axis.values(axis.count or 2) if isinstance(axis, Range) else axis for axis in axes]
            return list(product(*grid))
        # Only `random()` itself: it gives the same numbers in every version of Python.
        draw, found = random.Random(self.seed).random, dict[str, tuple[Any, ...]]()
        for _ in range(DRAWS_A_TRIAL * self.trials):
            values = tuple(drawn(axis, draw()) for axis in axes)
            found.setdefault(json.dumps(values), values)
            if len(found) == self.trials:
                break
        return list(found.values())


@dataclass(frozen=True)
class SweepFile:
    """A sweep, the recipe around it, and its trials: what each changes in the recipe, by name."""

    path: Path
    sweep: Sweep
    recipe: Located
    trials: dict[str, Located]

    def trial(self, name: str) -> Located:
        """The whole recipe of one trial."""
        if name not in self.trials:
            raise UserError(f"{self.path} has no trial '{name}'; it has: {', '.join(self.trials)}")
        return merge(self.recipe, self.trials[name])


def read_sweep(path: Path) -> SweepFile:
    located = read_with_parents(path)
    if "sweep" not in located.value:
        required = f"this key is required in a file of the folder {path.parent}"
        raise UserError(f"{located.origin}: sweep: {required}")
    node = located.value["sweep"]
    sweep = validate(Located({"sweep": node}, located.origin), _File).sweep
    recipe = Located({key: value for key, value in located.value.items() if key != "sweep"}, located.origin)
    trials: dict[str, Located] = {}
    for changes in _all_changes(sweep, node):
        name = f"{path.stem}={_label(changes)}"
        if len(name.encode()) > LONGEST_NAME:
            raise UserError(
                f"{node.origin}: sweep.over: the name of a trial would be too long for a file: {shown(name)}"
            )
        if name in trials:
            raise UserError(
                f"{node.origin}: sweep.over: two trials would both be called '{name}'; "
                "give values that differ in short"
            )
        trials[name] = _located(changes, node)
    return SweepFile(path, sweep, recipe, trials)


def _all_changes(sweep: Sweep, node: Located) -> list[dict[str, Any]]:
    """What each trial changes, by dotted key."""
    rows = sweep.combinations()
    if sweep.trials is not None and len(rows) < sweep.trials:
        where = node.value["trials"].origin
        raise UserError(f"{where}: sweep.trials: there are only {len(rows)} different ones")
    changes = [dict(zip(sweep.over, row, strict=True)) for row in rows]
    if sweep.folds is None:
        return changes
    folds = [{"data.folds": sweep.folds, "data.fold": fold} for fold in range(sweep.folds)]
    return [change | fold for change, fold in product(changes, folds)]


class _File(Config):
    sweep: Sweep


def _located(changes: dict[str, Any], node: Located) -> Located:
    """Changes as a nest of keys, each located at its line of the sweep."""
    merged = Located({}, node.origin)
    over = node.value.get("over", merged).value
    for key, value in changes.items():
        origin = (over[key] if key in over else node.value["folds"]).origin
        if not all(key.split(".")) or key.count(".") >= DEEPEST or key == "extends":
            expected = "expected one such as train.steps"
            raise UserError(f"{origin}: sweep.over: '{key}' is no key to vary; {expected}")
        merged = merge(merged, nested(key, relocated(value, origin)))
    return merged


def _label(changes: dict[str, Any]) -> str:
    """Each key by its last parts, as few as tell it from the others, and its value; no number of folds."""
    shown = [key for key in changes if key != "data.folds"]

    def short(key: str) -> str:
        parts = key.split(".")
        for count in range(1, len(parts) + 1):
            tail = parts[-count:]
            if sum(other.split(".")[-count:] == tail for other in shown) == 1:
                return ".".join(tail)
        return key

    return "_".join(f"{short(key)}-{_value(changes[key])}" for key in shown)


def _value(value: Any) -> str:
    """A value as a part of a file's name."""
    if isinstance(value, float):
        plain = f"{value:g}"
        mantissa, exponent = f"{value:e}".split("e")
        scientific = f"{float(mantissa):g}e{int(exponent)}"
        return min(plain, scientific, key=len)
    if isinstance(value, list):
        return "-".join(map(_value, value))
    if isinstance(value, dict):
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:6]
    return re.sub(r"[^A-Za-z0-9.+]+", "-", json.dumps(value).strip('"')).strip("-")
