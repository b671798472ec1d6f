"""The one picture that an optimisation works on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Subject:
    """A content picture and the style pictures, (H, W, 3) in [-1, 1]; masks (H, W) in 0..1."""

    content: np.ndarray
    styles: Mapping[str, np.ndarray] = field(default_factory=dict)
    style_masks: Mapping[str, np.ndarray] = field(default_factory=dict)  # what of a style picture counts
    blend: Mapping[str, float] = field(default_factory=dict)  # how much each style counts; none: all alike
    masks: Mapping[str, np.ndarray] = field(default_factory=dict)  # where the content is to have which style
