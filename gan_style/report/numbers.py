"""Numbers with as many digits as their interval supports: `±` is over seeds, `[ ]` over photographs alone."""

import math

from gan_style.evaluation.result import Estimate
from gan_style.report.statistics import Interval

SCORE = 2  # decimals


def shown(value: float) -> str:
    """Three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def fixed(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def decimals_for(half: float, value: float) -> int:
    """Decimals that show two digits of the half width; without a width, three of the value."""
    size, digits = (half, 2) if half > 0 else (abs(value), 3)
    return min(6, max(0, digits - 1 - math.floor(math.log10(size)))) if size > 0 else 2


def mean_and_spread(interval: Interval | Estimate, decimals: int | None = None) -> tuple[str, str]:
    """`0.262`, `± 0.094` over seeds; `[0.20, 0.31]` of one run; nothing where there are too few."""
    if interval.low is None or interval.high is None or interval.low == interval.high:
        return fixed(interval.value, decimals_for(0, interval.value) if decimals is None else decimals), ""
    half = (interval.high - interval.low) / 2
    decimals = decimals_for(half, interval.value) if decimals is None else decimals
    value = fixed(interval.value, decimals)
    if isinstance(interval, Interval) and interval.over == "seeds":
        return value, f"± {fixed(half, decimals)}"
    return value, f"[{fixed(interval.low, decimals)}, {fixed(interval.high, decimals)}]"


def probability(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
