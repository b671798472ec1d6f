"""From figures to believable numbers: intervals, and the place between two references."""

import math

from gan_style.evaluation.intervals import half_width, of_units, too_few
from gan_style.evaluation.jackknife import Jackknifed, Units, lift
from gan_style.evaluation.result import Better, Estimate, Figure

FEWEST = 3  # photographs or paintings that tell the references apart
DIGITS = 4  # significant ones of what units are kept with


def estimate(values: Jackknifed, *, keep: bool = False) -> Estimate:
    """A figure with its interval where there are enough originals; `keep`: with its units."""
    units = values.units()
    kept = rounded(units) if keep and finite(units) else {}
    if too_few(units) or not finite(units):
        return Estimate(value=values.whole, units=kept)
    half = half_width(of_units(units))
    return Estimate(value=values.whole, low=values.whole - half, high=values.whole + half, units=kept)


def calibrated(
    better: Better,
    method: Jackknifed,
    identity: Jackknifed | None,
    real: Jackknifed | None,
    *,
    why_not: str = "",
) -> Figure:
    """A figure beside its references, with a score where these can be told apart."""
    score = None
    if not why_not and (identity is None or real is None):
        why_not = "no reference to compare with"
    if not why_not and identity and real:
        why_not = inseparable(identity, real, better)
    if not why_not and identity and real:
        score = estimate(lift(share, identity, method, real), keep=True)
    return Figure(
        better=better,
        method=estimate(method, keep=True),
        identity=estimate(identity) if identity else None,
        real=estimate(real) if real else None,
        score=score,
        note=why_not,
        no_interval=too_few(method.units()),
    )


def inseparable(identity: Jackknifed, real: Jackknifed, better: Better) -> str:
    """Why there is no score; empty where real vs real is better than the identity baseline, beyond chance."""
    gap = lift(lambda copy, true: copy - true if better == "lower" else true - copy, identity, real)
    units = gap.units()
    if not units or min(map(len, units.values())) < FEWEST:
        return f"fewer than {FEWEST} photographs or paintings" if units else "not resampled"
    # Written so that a figure without a value is not separable either.
    return "" if finite(units) and gap.whole > half_width(of_units(units)) else "not separable"


def share(identity: float, method: float, real: float) -> float:
    return (identity - method) / (identity - real) if identity != real else math.nan


def finite(units: Units) -> bool:
    return all(math.isfinite(value) for blocks in units.values() for value in blocks.values())


def rounded(units: Units) -> Units:
    return {
        group: {name: float(f"{value:.{DIGITS}g}") for name, value in blocks.items()}
        for group, blocks in units.items()
    }
