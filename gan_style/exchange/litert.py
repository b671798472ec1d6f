"""A painter as a LiteRT (TensorFlow Lite) file, for one size of pictures."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from gan_style.exchange.described import KEY, Description
from gan_style.exchange.formats import Numbers
from gan_style.exchange.loaded import Loaded
from gan_style.exchange.saved_model import write_saved_model

# What the file says of itself is added at its end as a zip, as TensorFlow Lite's own metadata are.
NAME = f"{KEY}.json"


def litert_bytes(loaded: Loaded, description: Description, numbers: Numbers) -> bytes:
    """int8: weights, and what convolutions multiply, whose range is taken from each picture.

    With ranges learned from photographs beforehand the included cartoon painter was 0.009 off in the mean,
    in its convolutions alone, and 0.2 in all operations; like this 0.002.
    """
    with TemporaryDirectory() as folder:
        write_saved_model(loaded, description, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if numbers != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if numbers == "float16":
            converter.target_spec.supported_types = [tf.float16]
        content: bytes = converter.convert()
    return content + zipped(content, description)


def zipped(before: bytes, description: Description) -> bytes:
    """A zip whose directory counts from the beginning of the whole file."""
    whole = BytesIO(before)
    whole.seek(0, 2)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr(NAME, description.to_json())
        archive.writestr("NOTICE", description.notice or description.licence)
    return whole.getvalue()[len(before) :]


class LiteRtPainter:
    """The file as a function of its inputs."""

    def __init__(self, content: bytes, threads: int = 1) -> None:
        self.interpreter: Any = Interpreter(model_content=content, num_threads=threads)
        self.run = self.interpreter.get_signature_runner()

    def __call__(self, given: Mapping[str, np.ndarray]) -> np.ndarray:
        (painting,) = self.run(**given).values()
        found: np.ndarray = painting[0]
        return found
