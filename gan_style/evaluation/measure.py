"""Every metric of one style: for the method, for the identity baseline, and for real vs real."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from gan_style.evaluation.calibration import FEWEST, calibrated
from gan_style.evaluation.metrics import (
    artefacts,
    collapse,
    colour,
    content,
    distribution,
    fidelity,
    textures,
)
from gan_style.evaluation.metrics.lpips import LPIPS
from gan_style.evaluation.result import Better, Figure
from gan_style.evaluation.rows import Pixelwise, Row, Rows
from gan_style.system.images import to_signed

LIKENESS: dict[str, tuple[Better, Pixelwise]] = {
    "mse": ("lower", fidelity.mse),
    "psnr": ("higher", fidelity.psnr),
    "ssim": ("higher", fidelity.ssim),
    "ms_ssim": ("higher", fidelity.ms_ssim),
}
CONTENT = {
    "edges": content.coarse_edges,
    "colour_shift": colour.colour_shift,
    "colour_cast": colour.colour_cast,
}
FAULTS = {"checkerboard": artefacts.checkerboard, "border": artefacts.border}

# Metrics that look through the backbone are labelled with it: a `kid` of the literature is Inception's alone.
THROUGH_BACKBONE = {
    *textures.DISTANCES,
    *("kid", "kid_subsets", "fid", "density", "coverage", "artfid", "structure", "diversity"),
}
# What a glance should find: one figure of each kind.
FIRST = ("gram", "kid", "artfid", "structure", "kept_detail")

IDENTITY_IS_PERFECT = "the identity baseline is perfect by definition"
FAULT = "a fault, not a style"
TOO_FEW = f"fewer than {FEWEST} photographs or paintings have no interval"
NOT_RESAMPLED = "not resampled, so that nothing tells how sure it is"

SUBSET, FEWEST_IN_SUBSET = 1000, 10  # pictures: as published, or half of the smaller set

Values = np.ndarray | None  # one for each picture, or each draw; None where the role has none


@dataclass(frozen=True)
class Measured:
    """One metric: what the method, the identity baseline and real vs real reach in every draw."""

    better: Better
    roles: Sequence[Values]
    why_not: str = ""  # it has no score
    units: dict[str, float] = field(default_factory=dict)

    def figure(self) -> Figure:
        method, identity, real = self.roles
        assert method is not None
        return calibrated(self.better, method, identity, real, units=self.units, why_not=self.why_not)


def measure(rows: Rows, lpips: LPIPS | None = None, force_fid: bool = False) -> dict[str, Measured]:
    """By name, in the order in which they are shown."""
    parts = [style_distances(rows), whole_sets(rows, force_fid)]
    parts += [likeness(rows, lpips)] if rows.paired else []
    parts += [kept_content(rows), own_faults(rows), collapses(rows)]
    measured = {name: one for part in parts for name, one in part}
    if "kid" in measured:
        measured["artfid"] = both_faults(measured["structure"], measured["kid"])
    few = TOO_FEW if min(len(row.draws.names) for row in (*rows.roles(), rows.target)) < FEWEST else ""
    kind = rows.fake.backbone.kind
    return {
        f"{name}[{kind}]" if name in THROUGH_BACKBONE else name: replace(one, why_not=one.why_not or few)
        for name in (*FIRST, *measured)
        if (one := measured.get(name))
    }


def by_picture(better: Better, rows: Rows, roles: Sequence[Values], why_not: str = "") -> Measured:
    """From one value a picture."""
    pairs = zip(rows.roles(), roles, strict=True)
    draws = [row.draws.means(values) if values is not None else None for row, values in pairs]
    assert roles[0] is not None
    return Measured(better, draws, why_not, rows.fake.draws.units(roles[0]))


def style_distances(rows: Rows) -> Iterator[tuple[str, Measured]]:
    """To each photograph's true painting; where there are no two, to the paintings' common texture."""
    common = None if rows.counterparts else textures.together(rows.target.textures)

    def distances(row: Row, distance: Callable[[textures.Textures, textures.Textures], float]) -> np.ndarray:
        if common is not None:
            return np.array([distance(seen, common) for seen in row.textures])
        return np.array([distance(*two) for two in zip(row.textures, rows.target.textures, strict=True)])

    for name, distance in textures.DISTANCES.items():
        yield name, by_picture("lower", rows, [distances(row, distance) for row in rows.roles()])


def whole_sets(rows: Rows, force_fid: bool) -> Iterator[tuple[str, Measured]]:
    """Distances between sets: do the pictures come from where the targets come from, whatever they show?"""

    def kid(row: Row) -> np.ndarray:
        members, paired = (row.draws.member, rows.target.draws.member), row.draws is rows.target.draws
        known = distribution.kernels(row.vectors, rows.target.vectors, *members, paired=paired)
        return distribution.kid(known, row.draws.counts, rows.target.draws.counts)

    def subsets(row: Row) -> np.ndarray:
        paired = row.draws is rows.target.draws
        values = distribution.kid_subsets(row.vectors, rows.target.vectors, size=size, paired=paired)
        return np.concatenate([[values.mean()], values])

    def fid(row: Row) -> np.ndarray:
        return np.array([distribution.fid(row.vectors, rows.target.vectors, forced=force_fid)])

    smallest = min(len(row.pictures) for row in (*rows.roles(), rows.target))
    if smallest < 2:
        return
    yield "kid", Measured("lower", [kid(row) for row in rows.roles()])
    if (size := min(SUBSET, smallest // 2)) >= FEWEST_IN_SUBSET:
        note = f"mean and spread of 100 subsets of {size}"
        yield "kid_subsets", Measured("lower", [subsets(row) for row in rows.roles()], note)
    shortages = [distribution.fid_shortage(row.vectors, rows.target.vectors) for row in rows.roles()]
    short = next(filter(None, shortages), "")
    if force_fid or not short:
        yield "fid", Measured("lower", [fid(row) for row in rows.roles()], short or NOT_RESAMPLED)
    if len(rows.target.pictures) > distribution.NEIGHBOURS:
        near = [(row.draws, distribution.nearness(row.vectors, rows.target.vectors)) for row in rows.roles()]
        yield "density", Measured("higher", [draws.means(distribution.density(one)) for draws, one in near])
        means = rows.target.draws.means
        yield "coverage", Measured("higher", [means(distribution.coverage(one)) for _, one in near])


def likeness(rows: Rows, lpips: LPIPS | None) -> Iterator[tuple[str, Measured]]:
    """To the true counterpart, place by place: strokes fall anew every time, so it says little of methods."""

    def perceived(fake: np.ndarray, target: np.ndarray) -> float:
        assert lpips is not None
        return float(lpips(to_signed(fake)[None], to_signed(target)[None])[0])

    distances = dict(LIKENESS)
    if lpips:
        distances["lpips"] = ("lower", perceived)
    for name, (better, distance) in distances.items():
        values: list[Values] = [row.against(rows.target, distance) for row in (rows.fake, rows.source)]
        values.append(rows.real.against(rows.target, distance) if rows.counterparts else None)
        yield name, by_picture(better, rows, values)


def kept_content(rows: Rows) -> Iterator[tuple[str, Measured]]:
    """What the picture still shows of its photograph; real vs real: how much of it real paintings lose."""

    def structure(row: Row) -> np.ndarray:
        pairs = zip(row.grids, rows.source.grids, strict=True)
        return np.array([content.self_similarity(*two) for two in pairs])

    def pixelwise(row: Row, distance: Pixelwise) -> np.ndarray:
        return row.against(rows.source, distance)

    distances: dict[str, Callable[[Row], np.ndarray]] = {"structure": structure}
    distances |= {name: partial(pixelwise, distance=distance) for name, distance in CONTENT.items()}
    for name, of in distances.items():
        nothing = np.zeros(len(rows.source.pictures))
        values: list[Values] = [of(rows.fake), nothing, of(rows.real) if rows.counterparts else None]
        yield name, by_picture("lower", rows, values, IDENTITY_IS_PERFECT)


def own_faults(rows: Rows) -> Iterator[tuple[str, Measured]]:
    for name, score in FAULTS.items():
        values = [np.array([score(pixels) for pixels in row.pictures.pixels]) for row in rows.roles()]
        yield name, by_picture("lower", rows, values, FAULT)


def collapses(rows: Rows) -> Iterator[tuple[str, Measured]]:
    """A method that hands back its input, or always the same."""
    kept = rows.fake.against(rows.source, collapse.identity_collapse)
    real = rows.real.against(rows.source, collapse.identity_collapse) if rows.counterparts else None
    yield "kept_detail", by_picture("lower", rows, [kept, np.ones(len(kept)), real])
    if min(len(row.pictures) for row in rows.roles()) > 1:
        spreads = [collapse.spread(row.vectors, row.draws.member, row.draws.counts) for row in rows.roles()]
        if spreads[1][0] > 0:
            with np.errstate(divide="ignore", invalid="ignore"):
                yield "diversity", Measured("higher", [one / spreads[1] for one in spreads], FAULT)


def both_faults(structure: Measured, kid: Measured) -> Measured:
    """After ArtFID (Wright and Ommer 2022): what was lost and what was not reached, by this backbone."""

    def both(lost: Values, far: Values) -> Values:
        return distribution.artfid(lost, far) if lost is not None and far is not None else None

    return Measured("lower", [both(*two) for two in zip(structure.roles, kid.roles, strict=True)])
