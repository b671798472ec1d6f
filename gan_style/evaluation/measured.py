"""One metric of one evaluation: what the method and its two references reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gan_style.evaluation.calibration import calibrated
from gan_style.evaluation.jackknife import Jackknifed, lift
from gan_style.evaluation.result import Better, Figure
from gan_style.evaluation.rows import Rows

Values = Jackknifed | None  # none where the role has no value


@dataclass(frozen=True)
class Measured:
    """One metric: what the method, the identity baseline and real vs real reach."""

    better: Better
    roles: Sequence[Values]
    why_not: str = ""  # it has no score

    def figure(self) -> Figure:
        method, identity, real = self.roles
        assert method is not None
        return calibrated(self.better, method, identity, real, why_not=self.why_not)


def by_picture(better: Better, rows: Rows, roles: Sequence[np.ndarray | None], why_not: str = "") -> Measured:
    """From one value a picture."""
    pairs = zip(rows.roles(), roles, strict=True)
    means = [
        rows.figure(row.originals.means(values)) if values is not None else None for row, values in pairs
    ]
    return Measured(better, means, why_not)


def both(formula: Callable[[float, float], float], content: Measured, style: Measured) -> Measured:
    """What was lost and what was not reached, in one number."""
    pairs = zip(content.roles, style.roles, strict=True)
    roles = [lift(formula, lost, far) if lost and far else None for lost, far in pairs]
    return Measured("lower", roles, style.why_not)


def ratio(one: float, other: float) -> float:
    return one / other if other else float("nan")
