"""Figures of several styles taken together."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from gan_style.data.held_out import HeldOut
from gan_style.evaluation.jackknife import lift
from gan_style.evaluation.measured import Measured, Values


def combined(every: Sequence[HeldOut], measured: Sequence[dict[str, Measured]]) -> dict[str, Measured]:
    """The mean over styles, and what tells styles apart for each of them alone."""
    if len(every) == 1:
        return measured[0]
    shared = [name for name in measured[0] if all(name in one for one in measured)]
    # What its note says is of one style.
    shared = [name for name in shared if not name.startswith("kid_subsets")]
    whole = {name: mean_of([one[name] for one in measured]) for name in shared}
    telling = [name for name in whole if name.startswith(("gram[", "kid["))]
    rows = [(held_out.style, one) for held_out, one in zip(every, measured, strict=True)]
    return whole | {f"{name}, {style}": one[name] for name in telling for style, one in rows}


def mean_of(parts: Sequence[Measured]) -> Measured:
    def mean(role: Sequence[Values]) -> Values:
        known = [values for values in role if values is not None]
        return lift(lambda *values: fmean(values), *known) if len(known) == len(role) else None

    why_not = next(filter(None, (part.why_not for part in parts)), "")
    roles = [mean(role) for role in zip(*(part.roles for part in parts), strict=True)]
    return replace(parts[0], roles=roles, why_not=why_not)
