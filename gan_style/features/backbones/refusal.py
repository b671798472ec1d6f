"""Features that trained a network flatter it, so they must not measure it."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from gan_style.features.backbones.backbone import Backbone
from gan_style.features.bank import FeatureBank
from gan_style.system.errors import UserError

# Filters' cosine. Two trainings of one network reach 0.2 to 0.4; a rounding to 16 bits costs 1e-6.
ALIKE = 0.99


def refuse_training_features(backbone: Backbone, trained_with: Sequence[FeatureBank]) -> None:
    """Raise if the backbone is a bank trained with, or shares a convolution with one or its teacher."""
    for bank in trained_with:
        pairs = product(backbone.arrays(), bank.descent())
        if backbone.fingerprint() == bank.fingerprint() or any(alike(*two) for two in pairs):
            raise UserError(
                f"the backbone {backbone.name} is the network that this run was trained with "
                f"({type(bank).__name__}), or that one's teacher: it would only repeat what "
                "its own loss achieved. Choose another backbone, such as 'wavelets', or another training of "
                "the network"
            )


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Kernels (height, width, in, out) of the same filters, whatever their scales.

    Folding batch norms or normalising activations scales a network's filters, and leaves their directions.
    """
    if one.shape != other.shape or one.ndim != 4 or one.shape[0] * one.shape[1] == 1:
        return False
    pixels = one.shape[0] * one.shape[1]
    filters = [np.asarray(kernel, np.float64).reshape(pixels, -1) for kernel in (one, other)]
    lengths = np.linalg.norm(filters[0], axis=0) * np.linalg.norm(filters[1], axis=0)
    cosines = np.abs(np.sum(filters[0] * filters[1], axis=0))
    return bool(np.median(cosines / np.maximum(lengths, 1e-12)) > ALIKE)
