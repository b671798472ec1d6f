"""What two folders of pictures ask of a recipe: the size that they are brought to, and that of crops."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_style.data.doctor.findings import Domain
from gan_style.data.originals import originals

CROP, SMALLEST_CROP = 96, 32  # pixels; a stroke must fit into it several times
LARGEST_SIDE = 512  # pixels of the shorter side: strokes of larger pictures are wider than a crop
APART = 1.3  # times another size: strokes would be learned at another scale
HANDFUL = 10  # paintings below it all train: to hold some out would be to miss most of the painter
STEP = 16  # sides are multiples of it


@dataclass(frozen=True)
class Sizes:
    """`short_side` is None where pictures stay as they are."""

    short_side: int | None
    crop: int


def sizes(source: Domain, target: Domain) -> Sizes:
    """Both domains at one scale, no larger than they are, and crops that several strokes fit into."""
    sides = [float(np.median([one.short_side() for one in domain.good()])) for domain in (source, target)]
    low, high = min(sides), max(sides)
    common = min(low, LARGEST_SIDE)
    same = high <= APART * common
    short_side = None if same else max(SMALLEST_CROP, int(common) // STEP * STEP)
    crop = min(CROP, int(common) // 2 // 4 * 4)
    return Sizes(short_side, max(SMALLEST_CROP, crop))


def told(domain: Domain) -> str:
    """`467 paintings, cut from 51, shorter sides 256 to 256`."""
    good = domain.good()
    shorter = sorted(one.short_side() for one in good)
    cut_from = count_originals([one.name.rpartition(".")[0] for one in good], domain)
    cuts = f", cut from {cut_from}" if cut_from < len(good) else ""
    return f"{len(good)} {domain.role}{cuts}, shorter sides {shorter[0]} to {shorter[-1]} pixels"


def handful(domain: Domain) -> bool:
    return count_originals([one.name.rpartition(".")[0] for one in domain.good()], domain) < HANDFUL


def count_originals(stems: Sequence[str], domain: Domain) -> int:
    return len(set(originals(Path(domain.folder), stems, None)))
