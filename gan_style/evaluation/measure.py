"""Every metric of one exam: for the painted pictures, for the photographs left as they are, and for real targets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from gan_style.evaluation import artefacts, collapse, colour, content, distribution, fidelity, textures
from gan_style.evaluation.calibration import Draws, calibrated
from gan_style.evaluation.exam import Exam, Pictures
from gan_style.evaluation.result import Better, Figure
from gan_style.images import to_signed
from gan_style.judges import Judge

STYLE = {"gram": textures.gram, "euclidean": textures.euclidean, "cosine": textures.cosine, "wasserstein": textures.wasserstein}
LIKENESS: dict[str, tuple[Better, Callable[[np.ndarray, np.ndarray], float]]] = {
    "mse": ("lower", fidelity.mse),
    "psnr": ("higher", fidelity.psnr),
    "ssim": ("higher", fidelity.ssim),
    "ms_ssim": ("higher", fidelity.ms_ssim),
}
CONTENT = {"edges": content.coarse_edges, "colour_shift": colour.colour_shift, "colour_cast": colour.colour_cast}
FAULTS = {"checkerboard": artefacts.checkerboard, "border": artefacts.border}

PERFECT_COPY = "a copy is perfect by definition"
FAULT = "a fault of its own, not a style to reach"
PHOTOGRAPHS, PAINTINGS, OTHERS = range(3)  # seeds of the draws

Pixelwise = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, eq=False)
class Row:
    """Pictures of one role, how they are resampled, and what the judge sees in them."""

    pictures: Pictures
    draws: Draws
    judge: Judge

    @cached_property
    def seen(self) -> list[tuple[textures.Textures, dict[str, np.ndarray], np.ndarray]]:
        """Of each picture: its textures, its features on a grid, and its vector."""
        return [look(self.judge, pixels) for pixels in self.pictures.pixels]

    @cached_property
    def vectors(self) -> np.ndarray:
        return np.stack([vector for _, _, vector in self.seen])

    def against(self, other: "Row", distance: Pixelwise) -> np.ndarray:
        """A distance of pixels, picture by picture."""
        return np.array([distance(*two) for two in zip(self.pictures.pixels, other.pictures.pixels, strict=True)])


def look(judge: Judge, pixels: np.ndarray) -> tuple[textures.Textures, dict[str, np.ndarray], np.ndarray]:
    picture = to_signed(pixels)[None]
    maps = {layer: np.asarray(values)[0] for layer, values in judge(picture).items()}
    return textures.textures(maps), {layer: content.on_grid(values) for layer, values in maps.items()}, judge.embed(picture)[0]


@dataclass(frozen=True)
class Measured:
    """One metric, each role's value in every draw."""

    better: Better
    method: np.ndarray
    copied: np.ndarray | None = None
    real: np.ndarray | None = None
    why_not: str = ""  # it has no score
    units: dict[str, float] = field(default_factory=dict)

    def figure(self) -> Figure:
        return calibrated(self.better, self.method, self.copied, self.real, units=self.units, why_not=self.why_not)


@dataclass(frozen=True)
class Rows:
    """All that is compared in one exam. `real` are second true counterparts, or other real targets of other motifs."""

    source: Row
    fake: Row
    target: Row
    real: Row
    counterparts: bool  # targets and real pictures show what the photographs show

    @classmethod
    def of(cls, exam: Exam, fakes: Sequence[np.ndarray], judge: Judge) -> "Rows":
        photographs = Draws.of(exam.source.originals, PHOTOGRAPHS)
        paintings = photographs if exam.paired else Draws.of(exam.target.originals, PAINTINGS)
        real = exam.second or exam.others
        others = photographs if exam.second else Draws.of(real.originals, OTHERS)
        fake = replace(exam.source, pixels=tuple(fakes))
        return cls(
            Row(exam.source, photographs, judge),
            Row(fake, photographs, judge),
            Row(exam.target, paintings, judge),
            Row(real, others, judge),
            counterparts=exam.second is not None,
        )

    def roles(self) -> tuple[Row, Row, Row]:
        return self.fake, self.source, self.real


def measure(rows: Rows, paired: bool, force_fid: bool = False) -> dict[str, Measured]:
    """By name, in the order in which they are shown."""
    parts = [style_distances(rows, paired), whole_sets(rows, force_fid), kept_content(rows), own_faults(rows), collapses(rows)]
    if paired:
        parts.insert(2, likeness(rows))
    measured = {name: one for part in parts for name, one in part}
    return {"artfid": both_faults(measured["structure"], measured["gram"]), **measured}


def style_distances(rows: Rows, paired: bool) -> Iterator[tuple[str, Measured]]:
    """To each photograph's true painting; where there is none, to the paintings' common texture."""
    wanted = [seen for seen, _, _ in rows.target.seen]
    common = None if paired else textures.together(wanted)
    for name, distance in STYLE.items():
        values = []
        for row in rows.roles():
            alone = common is None and row is rows.real and not rows.counterparts
            goals = wanted if common is None else [common] * len(row.pictures)
            pairs = zip((seen for seen, _, _ in row.seen), goals, strict=not alone)
            values.append(None if alone else np.array([distance(*two) for two in pairs]))
        yield name, by_picture("lower", rows, *values)


def by_picture(
    better: Better, rows: Rows, fake: np.ndarray | None, copied: np.ndarray | None, real: np.ndarray | None, why_not: str = ""
) -> Measured:
    """From one value a picture."""
    assert fake is not None
    return Measured(
        better,
        rows.fake.draws.means(fake),
        None if copied is None else rows.source.draws.means(copied),
        None if real is None else rows.real.draws.means(real),
        why_not,
        rows.fake.draws.units(fake),
    )


def whole_sets(rows: Rows, force_fid: bool) -> Iterator[tuple[str, Measured]]:
    """Distances between sets: whatever else the pictures show, do they come from where the targets come from?"""

    def kid(row: Row) -> np.ndarray:
        known = distribution.kernels(row.vectors, rows.target.vectors, row.draws.member, rows.target.draws.member)
        return distribution.kid(known, row.draws.counts, rows.target.draws.counts)

    def fid(row: Row) -> np.ndarray:
        return np.array([distribution.fid(row.vectors, rows.target.vectors, forced=force_fid)])

    yield "kid", Measured("lower", *map(kid, rows.roles()))
    shortage = next((short for row in rows.roles() if (short := distribution.fid_shortage(row.vectors, rows.target.vectors))), "")
    if force_fid or not shortage:
        judge = rows.fake.judge
        yield "fid" if judge.standard_fid else f"fid ({judge.name})", Measured("lower", *map(fid, rows.roles()), why_not=shortage)
    if len(rows.target.pictures) > distribution.NEIGHBOURS:
        near = {row: distribution.nearness(row.vectors, rows.target.vectors) for row in rows.roles()}
        yield "density", Measured("higher", *(row.draws.means(distribution.density(one)) for row, one in near.items()))
        covered = [distribution.coverage(one, row.draws.counts[:, row.draws.member]) for row, one in near.items()]
        yield "coverage", Measured("higher", *covered)


def likeness(rows: Rows) -> Iterator[tuple[str, Measured]]:
    """To the true counterpart, pixel by pixel. Strokes fall differently every time, so that little of this tells methods apart."""
    for name, (better, distance) in LIKENESS.items():
        real = rows.real.against(rows.target, distance) if rows.counterparts else None
        yield name, by_picture(better, rows, rows.fake.against(rows.target, distance), rows.source.against(rows.target, distance), real)


def kept_content(rows: Rows) -> Iterator[tuple[str, Measured]]:
    """What the picture still shows of its photograph; the real row says how much of it a painter takes away himself."""

    def structure(row: Row) -> np.ndarray:
        return np.array([content.self_similarity(a, b) for (_, a, _), (_, b, _) in zip(row.seen, rows.source.seen, strict=True)])

    distances: dict[str, Callable[[Row], np.ndarray]] = {"structure": structure}
    for name, distance in CONTENT.items():
        distances[name] = lambda row, distance=distance: row.against(rows.source, distance)  # type: ignore[misc]
    for name, of in distances.items():
        real = of(rows.real) if rows.counterparts else None
        yield name, by_picture("lower", rows, of(rows.fake), np.zeros(len(rows.source.pictures)), real, PERFECT_COPY)


def own_faults(rows: Rows) -> Iterator[tuple[str, Measured]]:
    for name, score in FAULTS.items():
        values = [np.array([score(pixels) for pixels in row.pictures.pixels]) for row in rows.roles()]
        yield name, by_picture("lower", rows, *values, why_not=FAULT)


def collapses(rows: Rows) -> Iterator[tuple[str, Measured]]:
    fake = rows.fake.against(rows.source, collapse.identity_collapse)
    real = rows.real.against(rows.source, collapse.identity_collapse) if rows.counterparts else None
    yield "kept_detail", by_picture("lower", rows, fake, np.ones(len(fake)), real)
    if len(rows.source.pictures) > 1:
        spread = [np.array([collapse.output_diversity(row.vectors, rows.source.vectors)]) for row in rows.roles()]
        yield "diversity", Measured("higher", *spread, why_not=FAULT)


def both_faults(structure: Measured, gram: Measured) -> Measured:
    """After ArtFID (Wright and Ommer 2022), from this judge's own distances: what was lost, and what was not reached."""
    pairs = ((structure.method, gram.method), (structure.copied, gram.copied), (structure.real, gram.real))
    rows = [distribution.artfid(*pair) if pair[0] is not None and pair[1] is not None else None for pair in pairs]
    units = {name: distribution.artfid(structure.units[name], gram.units[name]) for name in gram.units}
    return Measured("lower", *rows, units=units)
