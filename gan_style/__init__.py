"""Image-to-image style translation with Keras 3."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gan_style.inference.painter import Painter

# TensorFlow computes with threads of its own. NumPy's wait busily for matrices too small to share, and only
# take the cores from it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.2.0"


def load(run: str | Path, checkpoint: Literal["last", "best"] = "last") -> "Painter":
    """A trained run as a function of pictures: `load("included/oil")(image)`, or one's own, by its folder.

    Nothing heavy is imported before.
    """
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    from gan_style.inference.painter import Painter

    return Painter(run, checkpoint)
