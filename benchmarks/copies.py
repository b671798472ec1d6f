"""Are painted pictures copies of the paintings that trained them? The nearest patch, wherever it lies.

    python -m benchmarks.copies runs/few/default/seed0/evaluation/last-test data/few/paintings

For patches of each painted picture, the highest correlation of brightness with any place of any painting,
mirrored ones too. What chance and a common subject give is told by the untouched photographs' patches at the
same places, since nobody painted those. A copy has nearly 1. On the sheet: the nearest pairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import click
import numpy as np
from scipy import fft
from scipy.ndimage import uniform_filter

from gan_style.cli.shared import ends_well
from gan_style.metrics.pictures import luminance
from gan_style.system.errors import UserError
from gan_style.system.folders import files_below
from gan_style.system.images import Picture, contact_sheet, read, resize, write

PATCH, STRIDE = 32, 16  # pixels of the reduced pictures
FLAT = 4.0  # grey levels of deviation below which a patch shows nothing that could be a copy
COPY = 0.95  # a correlation that a picture of something else hardly has
PAIRS = 12  # on the sheet


@dataclass(frozen=True)
class Match:
    """The place of a painting that is most like a patch."""

    correlation: float
    patch: np.ndarray
    found: np.ndarray


class Painting:
    """All places of a painting that a patch can be compared with."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels, self.grey = pixels, luminance(pixels)
        self.spectrum = fft.rfft2(self.grey)
        mean, square = (centred(uniform_filter(values, PATCH)) for values in (self.grey, self.grey**2))
        self.norm = PATCH * np.sqrt(np.maximum(square - mean**2, FLAT**2))

    def nearest(self, patch: np.ndarray) -> tuple[float, np.ndarray]:
        """Highest correlation with a patch (P, P, 3), and that place's pixels."""
        unit = unit_patch(patch)
        products = fft.irfft2(self.spectrum * np.conj(fft.rfft2(unit, self.grey.shape)), self.grey.shape)
        correlation = inner(products) / self.norm
        row, column = np.unravel_index(np.argmax(correlation), correlation.shape)
        return float(correlation.max()), self.pixels[row : row + PATCH, column : column + PATCH]


def inner(places: np.ndarray) -> np.ndarray:
    """Of values at each patch's top left corner, those of patches that do not leave the picture."""
    return places[: places.shape[0] - PATCH + 1, : places.shape[1] - PATCH + 1]


def centred(filtered: np.ndarray) -> np.ndarray:
    """A centred filter's values, at each patch's top left corner instead."""
    return inner(np.roll(filtered, (-(PATCH // 2), -(PATCH // 2)), axis=(0, 1)))


def unit_patch(patch: np.ndarray) -> np.ndarray:
    away = luminance(patch) - luminance(patch).mean()
    return np.asarray(away / np.linalg.norm(away))


def patches(pixels: np.ndarray) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    height, width = pixels.shape[:2]
    for row in range(0, height - PATCH + 1, STRIDE):
        for column in range(0, width - PATCH + 1, STRIDE):
            yield (row, column), pixels[row : row + PATCH, column : column + PATCH]


def matches(pixels: np.ndarray, paintings: Sequence[Painting]) -> dict[tuple[int, int], Match]:
    """By place, of the patches that show something."""
    found = {}
    for place, patch in patches(pixels):
        if luminance(patch).std() >= FLAT:
            correlation, where = max(
                (painting.nearest(patch) for painting in paintings), key=lambda one: one[0]
            )
            found[place] = Match(correlation, patch, where)
    return found


def loaded(path: Path, side: int) -> np.ndarray:
    """Reduced so that the shorter side is `side`."""
    pixels = read(path).pixels
    scale = side / min(pixels.shape[:2])
    return resize(pixels, *(round(length * scale) for length in pixels.shape[:2]))


def told(name: str, found: Sequence[Match]) -> str:
    values = [match.correlation for match in found]
    if len(values) < 2:
        raise UserError(f"{name}: {len(values)} patches show anything; two are needed")
    middle, high = (quantiles(values, n=100)[percent - 1] for percent in (50, 99))
    copies = sum(value > COPY for value in values)
    return (
        f"{name:12} {len(values):5} patches  median {middle:.2f}  99 % {high:.2f}  "
        f"highest {max(values):.2f}  above {COPY}: {copies}"
    )


@click.command(help=__doc__)
@click.argument("evaluation", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--side", default=256, show_default=True, help="Shorter side of all pictures, in pixels.")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="A PNG of the nearest pairs.")
@ends_well
def main(evaluation: Path, folder: Path, side: int, sheet: Path | None) -> None:
    for role in ("painted", "source"):
        if not (evaluation / role).is_dir():
            raise UserError(f"{evaluation}: there is no '{role}'; give a run's evaluation/last-test")
    whole = [loaded(path, side) for path in files_below(folder)]
    paintings = [Painting(np.ascontiguousarray(some)) for one in whole for some in (one, one[:, ::-1])]
    painted: list[Match] = []
    untouched: list[Match] = []
    for path in files_below(evaluation / "painted"):
        ours = matches(loaded(path, side), paintings)
        photograph = matches(loaded(evaluation / "source" / path.name, side), paintings)
        painted += ours.values()
        untouched += (match for place, match in photograph.items() if place in ours)
    print(told("painted", painted))
    print(told("photographs", untouched))
    if sheet:
        nearest = sorted(painted, key=lambda match: -match.correlation)[:PAIRS]
        rows = [[np.kron(one, np.ones((4, 4, 1), np.uint8)) for one in (m.patch, m.found)] for m in nearest]
        write(sheet, Picture(contact_sheet(rows)))


if __name__ == "__main__":
    main()
