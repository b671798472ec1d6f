"""Every metric of one style: for the method, for the identity baseline, and for real vs real."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from gan_style.evaluation.jackknife import lift
from gan_style.evaluation.measured import Measured, both, by_picture, ratio
from gan_style.evaluation.result import Better
from gan_style.evaluation.rows import Pixelwise, Row, Rows
from gan_style.evaluation.whole_sets import whole_sets
from gan_style.metrics import (
    artefacts,
    collapse,
    colour,
    content,
    distribution,
    fidelity,
    textures,
)
from gan_style.metrics.labels import Classifier, top1, top5
from gan_style.metrics.lpips import LPIPS
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
    *("kid", "kid_subsets", "fid", "density", "coverage"),
    *("structure", "structure_kid", "artfid", "diversity"),
}
# What a glance should find: one figure of each kind.
FIRST = ("gram", "kid", "structure_kid", "structure", "kept_detail")

IDENTITY_IS_PERFECT = "the identity baseline is perfect by definition"
FAULT = "a fault, not a style"

Distance = Callable[[textures.Textures, textures.Textures], float]


@dataclass(frozen=True)
class Judges:
    """What is measured only where it was asked for, and by networks that the user has brought."""

    lpips: LPIPS | None = None
    classifier: Classifier | None = None
    force_fid: bool = False


def measure(rows: Rows, judges: Judges = Judges()) -> dict[str, Measured]:
    """By name, in the order in which they are shown."""
    parts = [style_distances(rows), whole_sets(rows, judges.force_fid)]
    parts += [likeness(rows, judges.lpips)] if rows.paired else []
    parts += [kept_content(rows), own_faults(rows), collapses(rows)]
    parts += [labels_kept(rows, judges.classifier)] if judges.classifier else []
    measured = {name: one for part in parts for name, one in part}
    if "kid" in measured:
        measured["structure_kid"] = both(distribution.structure_kid, measured["structure"], measured["kid"])
    if "fid" in measured and judges.lpips:
        measured["artfid"] = both(distribution.artfid, lost(rows, judges.lpips), measured["fid"])
    kind = rows.fake.backbone.kind
    return {
        f"{name}[{kind}]" if name in THROUGH_BACKBONE else name: one
        for name in (*FIRST, *measured)
        if (one := measured.get(name))
    }


def style_distances(rows: Rows) -> Iterator[tuple[str, Measured]]:
    """To each photograph's true painting; where there are no two, to the paintings' common texture."""
    if not rows.counterparts:
        yield from distances_in_common(rows)
        return
    for name, distance in textures.DISTANCES.items():
        roles = [
            np.array([distance(*two) for two in zip(row.textures, rows.target.textures, strict=True)])
            for row in rows.roles()
        ]
        yield name, by_picture("lower", rows, roles)


def distances_in_common(rows: Rows) -> Iterator[tuple[str, Measured]]:
    """The common texture is another one where paintings are left out."""
    counted, row_of = np.unique(rows.target.originals.weights() > 0, axis=0, return_inverse=True)
    seen = np.array(rows.target.textures, dtype=object)
    commons = [textures.together(list(seen[some])) if some.any() else None for some in counted]

    def far(row: Row, distance: Distance) -> np.ndarray:
        """(rows,), each to the paintings that are counted in it."""
        apart = np.array(
            [[distance(one, common) if common else np.nan for one in row.textures] for common in commons]
        )
        means = np.array([row.originals.means(values) for values in apart])
        return means[row_of.ravel(), np.arange(means.shape[1])]

    for name, distance in textures.DISTANCES.items():
        yield name, Measured("lower", [rows.figure(far(row, distance)) for row in rows.roles()])


def likeness(rows: Rows, lpips: LPIPS | None) -> Iterator[tuple[str, Measured]]:
    """To the true counterpart, place by place: strokes fall anew every time, so it says little of methods."""
    distances = dict(LIKENESS)
    if lpips:
        distances["lpips"] = ("lower", partial(perceived, lpips))
    for name, (better, distance) in distances.items():
        values: list[np.ndarray | None] = [
            row.against(rows.target, distance) for row in (rows.fake, rows.source)
        ]
        values.append(rows.real.against(rows.target, distance) if rows.counterparts else None)
        yield name, by_picture(better, rows, values)


def perceived(lpips: LPIPS, fake: np.ndarray, target: np.ndarray) -> float:
    return float(lpips(to_signed(fake)[None], to_signed(target)[None])[0])


def lost(rows: Rows, lpips: LPIPS) -> Measured:
    """LPIPS to the photograph, the content term of ArtFID."""
    distance = partial(perceived, lpips)
    fake = rows.fake.against(rows.source, distance)
    real = rows.real.against(rows.source, distance) if rows.counterparts else None
    return by_picture("lower", rows, [fake, np.zeros(len(fake)), real])


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
        values: list[np.ndarray | None] = [
            of(rows.fake),
            nothing,
            of(rows.real) if rows.counterparts else None,
        ]
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
    if min(len(row.originals.names) for row in rows.roles()) > 1:
        spreads = [
            rows.figure(collapse.spread(row.vectors, row.originals.member, row.originals.counted))
            for row in rows.roles()
        ]
        if spreads[1].whole > 0:
            shares = [lift(ratio, one, spreads[1]) for one in spreads]
            yield "diversity", Measured("higher", shares, FAULT)


def labels_kept(rows: Rows, classifier: Classifier) -> Iterator[tuple[str, Measured]]:
    """Does a painting still show what the photograph showed? The classifier's labels of both agree."""
    shown = [classifier(row.pictures.pixels) for row in (rows.source, *rows.roles())]
    for name, agree in (("label_top1", top1), ("label_top5", top5)):
        values: list[np.ndarray | None] = [agree(one, shown[0]) for one in shown[1:3]]
        values.append(agree(shown[3], shown[0]) if rows.counterparts else None)
        yield name, by_picture("higher", rows, values, IDENTITY_IS_PERFECT)
