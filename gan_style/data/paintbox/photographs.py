"""The real photographs: the colour ones bundled with scikit-image, with their licences and their roles.

No photograph has two roles but the training ones, of which the left part goes to the source domain and
the right part, painted, to the target domain.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Split = Literal["train", "val", "test"]


@dataclass(frozen=True)
class Photograph:
    name: str  # of the loader in skimage.data
    split: Split

    def load(self) -> np.ndarray:
        """(H, W, 3) uint8."""
        from skimage import data

        loaded = getattr(data, self.name)()
        return np.asarray(loaded[0] if isinstance(loaded, tuple) else loaded)


PHOTOGRAPHS = (
    # Free to use with attribution: D. Scharstein et al., Middlebury Stereo 2014.
    Photograph("stereo_motorcycle", "train"),
    # No known copyright restrictions, CMDI, University of Jyväskylä.
    Photograph("immunohistochemistry", "train"),
    Photograph("hubble_deep_field", "train"),  # public domain, NASA
    Photograph("rocket", "val"),  # public domain (CC0), SpaceX
    Photograph("astronaut", "test"),  # public domain, NASA
    Photograph("coffee", "test"),  # CC0, Rachel Michetti, courtesy of Pikolo Espresso Bar
    Photograph("chelsea", "test"),  # CC0, Stéfan van der Walt
)


def of_split(split: Split) -> list[Photograph]:
    return [photograph for photograph in PHOTOGRAPHS if photograph.split == split]


def corners(photo: np.ndarray, side: int) -> list[np.ndarray]:
    """The four crops (side, side, 3) in the corners of a photograph."""
    bottom, right = photo.shape[0] - side, photo.shape[1] - side
    return [photo[y : y + side, x : x + side] for y in (0, bottom) for x in (0, right)]
