"""Does a painting still show what its photograph showed, by the labels that a classifier gives both?"""

import warnings
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from gan_style.features.applications import find_application
from gan_style.features.backbones.backbone import BATCH
from gan_style.features.backbones.resizing import resized
from gan_style.metrics.pictures import check
from gan_style.system.errors import UserError
from gan_style.system.images import to_signed

ANY_SIDE = 224  # for MobileNetV3, which was trained at it and states none


class Classifier:
    """A network of keras.applications with its 1,000 classes, from a local file as Keras writes it.

    Sees pictures resized to its own square, whatever their shape, through its own preprocessing, in float32.
    """

    def __init__(self, network: str, weights: str) -> None:
        module, build = find_application(network)
        self.name, self.preprocess = network, module.preprocess_input
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy("float32")
        try:
            self.model = build(weights=None, include_top=True)
        finally:
            keras.config.set_dtype_policy(policy)
        self.side: int = self.model.input_shape[1] or ANY_SIDE
        _load(self.model, network, Path(weights).expanduser())

    def __call__(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """Scores (N, 1000) of pictures (H, W, 3) uint8, each of a size of its own."""
        some = [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]
        scores = np.concatenate([self._scores(batch) for batch in some])
        if not np.isfinite(scores).all():
            raise UserError(f"{self.name}: some scores of the classifier are not finite numbers")
        return scores

    def _scores(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        for picture in pictures:
            check(picture)
        square = np.concatenate([resized(to_signed(picture)[None], self.side) for picture in pictures])
        pixels = keras.ops.convert_to_tensor((square + 1.0) * 127.5)
        return np.asarray(keras.ops.convert_to_numpy(self.model(self.preprocess(pixels), training=False)))


def top1(fake: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Of scores (N, classes): 1.0 (N,) where the painting's first label is the photograph's, else 0.0."""
    return _among_first(1, fake, source)


def top5(fake: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Of scores (N, classes): 1.0 (N,) where the photograph's first label is among the painting's five."""
    return _among_first(5, fake, source)


def _among_first(count: int, fake: np.ndarray, source: np.ndarray) -> np.ndarray:
    first = np.argsort(-fake, axis=-1, kind="stable")[:, :count]
    return (first == source.argmax(axis=-1)[:, None]).any(axis=-1).astype(np.float64)


def _load(model: keras.Model, network: str, path: Path) -> None:
    if not path.is_file():
        raise UserError(f"there is no file {path}; the weights of {network} are a local file")
    try:
        with warnings.catch_warnings(action="ignore"):
            model.load_weights(str(path))
    except Exception:  # Keras raises whatever it meets, with the state of every layer
        raise UserError(f"{path}: these are no weights of {network} with its 1,000 classes") from None
