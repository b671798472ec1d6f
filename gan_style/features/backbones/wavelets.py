"""The backbone that needs no file: amplitudes of oriented wavelets, and what they have in common.

The statistics are in the spirit of Portilla & Simoncelli (2000), on a pyramid of brightness and two opponent
colours.
"""

from itertools import pairwise, product

import numpy as np
from keras import ops
from scipy import fft

from gan_style.features.backbones import steerable_pyramid as pyramid
from gan_style.features.backbones.backbone import Backbone
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

OCTAVES = 4
TURNS = (6, 3, 3)  # directions of brightness, red against green, yellow against blue
LENGTHS = np.sqrt(np.array([[3], [2], [6]], np.float32))
OPPONENTS = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]], np.float32) / LENGTHS
# In photographs and paintings alike, colours contrast about a quarter as much as brightness does.
COLOUR_GAIN = np.repeat(np.array([1, 4, 4], np.float32), TURNS)
MARGIN = 32  # pixels mirrored around a picture, so that its opposite edges do not meet
SMALLEST = 64
FLOOR = 0.02  # keeps the logarithms of empty bands finite; about the amplitude that rounding to bytes leaves
# (centre, spread) over photographs and paintings, the same for all octaves, directions and colours. Contrast
# counts half: it depends on a picture's subject more than on its paint.
CONTRAST, SPARSITY, LIKENESS, COLOUR = (-1.5, 0.8), (-0.65, 0.4), (0.5, 0.4), (0.0, 1.0)


class Wavelets(Backbone):
    """Sees periods of 4 to 32 pixels at the pictures' own size (64 or more); colours also as a whole.

    Maps: for each octave the square roots of local amplitudes (N, h, w, 12): 6 directions of brightness, 3 of
    each opponent colour. Vectors: 161 numbers of order one.
    """

    kind = "wavelets"
    name = "wavelets v1"
    designed = True

    def arrays(self) -> list[np.ndarray]:
        kinds = product(range(OCTAVES), sorted(set(TURNS)))
        filters = [pyramid.oriented(64 >> octave, 64 >> octave, octave, turns) for octave, turns in kinds]
        # Rounded, as machines' cosines differ in their last bits; plus zero, which has a sign otherwise.
        return [np.round(array, 4) + np.float32(0) for array in (*filters, OPPONENTS, COLOUR_GAIN)]

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        spectra, height, width = self.spectra(images)
        octaves = range(OCTAVES)
        return {f"octave{octave}": self.amplitudes(spectra, height, width, octave) for octave in octaves}

    def spectra(self, images: Tensor) -> tuple[np.ndarray, int, int]:
        """Of the three opponent planes (N, 3, H, W), edges mirrored; and the pictures' height and width."""
        images = np.asarray(ops.convert_to_numpy(images), np.float32)
        height, width = images.shape[1:3]
        if min(height, width) < SMALLEST:
            raise UserError(
                f"{self.name}: pictures of {width}x{height} pixels are too small to be measured; "
                f"{SMALLEST} are needed"
            )
        planes = np.moveaxis(images @ OPPONENTS.T, -1, 1)
        down, right = ((MARGIN, MARGIN + -side % 2**OCTAVES) for side in (height, width))
        return fft.fft2(np.pad(planes, [(0, 0), (0, 0), down, right], mode="symmetric")), height, width

    def amplitudes(self, spectra: np.ndarray, height: int, width: int, octave: int) -> np.ndarray:
        """The map (N, h, w, 12) of one octave."""
        spectra = pyramid.halved(spectra, octave)
        planes = []
        for plane, turns in enumerate(TURNS):
            filters = pyramid.oriented(*spectra.shape[-2:], octave, turns)
            responses = fft.ifft2(spectra[:, plane, None] * filters)
            planes.append(np.abs(inside(responses, height, width, octave)))
        return np.sqrt(np.moveaxis(np.concatenate(planes, axis=1), 1, -1) * COLOUR_GAIN)

    def vectors(self, images: Tensor) -> np.ndarray:
        spectra, height, width = self.spectra(images)
        maps = [self.amplitudes(spectra, height, width, octave) for octave in range(OCTAVES)]
        spectra = pyramid.halved(spectra, OCTAVES)
        coarse = fft.ifft2(spectra * pyramid.smooth(*spectra.shape[-2:], OCTAVES)).real
        likeness = [*map(across_turns, maps), *(across_octaves(*two) for two in pairwise(maps))]
        groups = [
            (np.concatenate([contrast(features) for features in maps], axis=-1), CONTRAST),
            (np.concatenate([sparsity(features) for features in maps], axis=-1), SPARSITY),
            (np.concatenate(likeness, axis=-1), LIKENESS),
            (colours(inside(coarse, height, width, OCTAVES)), COLOUR),
        ]
        return np.concatenate([(values - centre) / spread for values, (centre, spread) in groups], axis=-1)


def inside(planes: np.ndarray, height: int, width: int, octave: int) -> np.ndarray:
    """What lies within the margin."""
    start, bottom, right = MARGIN >> octave, -(-height >> octave), -(-width >> octave)
    return planes[..., start : start + bottom, start : start + right]


def contrast(features: np.ndarray) -> np.ndarray:
    return np.log(features.mean((1, 2)) + FLOOR)


def sparsity(features: np.ndarray) -> np.ndarray:
    """How unevenly the amplitudes lie: much for edges in flat surroundings, little for strokes everywhere."""
    return np.log((features.std((1, 2)) + FLOOR) / (features.mean((1, 2)) + FLOOR))


def across_turns(features: np.ndarray) -> np.ndarray:
    """Fisher's z of the correlations between directions, for each angle: how directed the paint is."""
    unit = standardised(features)
    products = np.einsum("nhwc,nhwd->ncd", unit, unit, optimize=True) / (unit.shape[1] * unit.shape[2])
    found, start = [], 0
    for turns in TURNS:
        block = np.arange(turns)
        for apart in range(1, turns // 2 + 1):
            found.append(products[:, start + block, start + (block + apart) % turns].mean(-1))
        start += turns
    return fisher(np.stack(found, axis=-1))


def across_octaves(fine: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """Fisher's z of a direction's correlation at two sizes: high at edges, low in strokes of one width."""
    count, height, width, channels = fine.shape[0], fine.shape[1] // 2, fine.shape[2] // 2, fine.shape[3]
    cells = fine[:, : 2 * height, : 2 * width].reshape(count, height, 2, width, 2, channels)
    products = standardised(cells.mean((2, 4))) * standardised(coarse[:, :height, :width])
    return fisher(products.mean((1, 2)))


def colours(coarse: np.ndarray) -> np.ndarray:
    """Mean, logarithm of the deviation, and root of the third moment, of each opponent plane (N, 3, h, w)."""
    gain = np.array([1, 4, 4], np.float32)
    mean = coarse.mean((2, 3))
    away = coarse - mean[..., None, None]
    spread = away.std((2, 3))
    skew = np.cbrt((away**3).mean((2, 3))) / (spread + FLOOR)
    return np.concatenate([mean * gain, np.log(spread * gain + FLOOR) + 0.75, skew], axis=-1)


def standardised(features: np.ndarray) -> np.ndarray:
    away = features - features.mean((1, 2), keepdims=True)
    return away / (away.std((1, 2), keepdims=True) + FLOOR / 2)


def fisher(correlations: np.ndarray) -> np.ndarray:
    return np.arctanh(np.clip(correlations, -0.95, 0.95))
