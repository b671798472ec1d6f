"""A painter as TensorFlow's SavedModel, whose signature takes and gives pixels of uint8."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from gan_style.exchange.described import KEY, PAINTING, Description
from gan_style.exchange.loaded import Loaded
from gan_style.exchange.traced import painting_function


def write_saved_model(loaded: Loaded, description: Description, folder: Path) -> None:
    """The folder holds what the file says of itself as `gan_style.json`."""
    function = painting_function(loaded.method, loaded.fixed, description.reflect_pad)
    signature = function.get_concrete_function()
    module = tf.Module()
    module.paint, module.held = function, list(signature.graph.variables)  # what is held is saved
    tf.saved_model.save(module, str(folder), signatures={"serving_default": signature})
    (folder / f"{KEY}.json").write_text(description.to_json())


class SavedPainter:
    def __init__(self, folder: Path) -> None:
        self.model = tf.saved_model.load(str(folder))
        self.paint = self.model.signatures["serving_default"]

    def __call__(self, given: Mapping[str, np.ndarray]) -> np.ndarray:
        feed = {name: tf.constant(value) for name, value in given.items()}
        painting: np.ndarray = self.paint(**feed)[PAINTING].numpy()[0]
        return painting
