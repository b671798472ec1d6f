"""Distances between sets: do the pictures come from where the targets come from, whatever they show?"""

from collections.abc import Iterator

import numpy as np

from gan_style.evaluation.jackknife import Jackknifed
from gan_style.evaluation.measured import Measured
from gan_style.evaluation.rows import Row, Rows
from gan_style.metrics import distribution

NOT_RESAMPLED = "not resampled, so that nothing tells how sure it is"
FEWEST_FOR_COVERAGE = 60  # a share of few targets is often 1, and then nothing that is left out moves it
SUBSET, FEWEST_IN_SUBSET = 1000, 10  # pictures: as published, or half of the smaller set


def whole_sets(rows: Rows, force_fid: bool) -> Iterator[tuple[str, Measured]]:
    if fewest_originals(rows) > 1:
        yield from kids(rows)
    yield from fids(rows, force_fid)
    if (rows.target.originals.weights() > 0).sum(axis=1).min() > distribution.NEIGHBOURS:
        yield from neighbours(rows)


def kids(rows: Rows) -> Iterator[tuple[str, Measured]]:
    yield "kid", Measured("lower", [rows.figure(kid_of(row, rows.target)) for row in rows.roles()])
    fewest = min(len(row.pictures) for row in (*rows.roles(), rows.target))
    if (size := min(SUBSET, fewest // 2)) >= FEWEST_IN_SUBSET:
        subsets = [subsets_of(row, rows.target, size) for row in rows.roles()]
        if not np.isfinite(subsets).all():  # some were of one original alone
            return
        note = f"mean of 100 subsets of {size}, which spread by {subsets[0].std(ddof=1):.2g}"
        yield "kid_subsets", Measured("lower", [Jackknifed(float(one.mean())) for one in subsets], note)


def fids(rows: Rows, forced: bool) -> Iterator[tuple[str, Measured]]:
    shortages = [distribution.fid_shortage(row.vectors, rows.target.vectors) for row in rows.roles()]
    short = next(filter(None, shortages), "")
    if forced or not short:
        values = [distribution.fid(row.vectors, rows.target.vectors, forced=forced) for row in rows.roles()]
        yield "fid", Measured("lower", [Jackknifed(one) for one in values], short or NOT_RESAMPLED)


def neighbours(rows: Rows) -> Iterator[tuple[str, Measured]]:
    densities, coverages = zip(*(neighbours_of(row, rows.target) for row in rows.roles()), strict=True)
    yield "density", Measured("higher", [rows.figure(one) for one in densities])
    if fewest_originals(rows) < FEWEST_FOR_COVERAGE:
        few = f"no interval of fewer than {FEWEST_FOR_COVERAGE} photographs or paintings holds"
        yield "coverage", Measured("higher", [Jackknifed(float(one[0])) for one in coverages], few)
    else:
        yield "coverage", Measured("higher", [rows.figure(one) for one in coverages])


def fewest_originals(rows: Rows) -> int:
    return min(len(row.originals.names) for row in (*rows.roles(), rows.target))


def kid_of(row: Row, target: Row) -> np.ndarray:
    members, paired = (row.originals.member, target.originals.member), row.originals is target.originals
    known = distribution.kernels(row.vectors, target.vectors, *members, paired=paired)
    return distribution.kid(known, row.originals.counted, target.originals.counted)


def subsets_of(row: Row, target: Row, size: int) -> np.ndarray:
    members, paired = (row.originals.member, target.originals.member), row.originals is target.originals
    return distribution.kid_subsets(row.vectors, target.vectors, *members, size=size, paired=paired)


def neighbours_of(row: Row, target: Row) -> tuple[np.ndarray, np.ndarray]:
    weights = row.originals.weights(), target.originals.weights()
    return distribution.density_and_coverage(row.vectors, target.vectors, *weights)
