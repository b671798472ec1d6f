"""A painter as a LiteRT (TensorFlow Lite) file, for one size of pictures."""

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from gan_style.data.paintbox.photographs import PHOTOGRAPHS, corners
from gan_style.exchange.described import KEY, STYLE_IMAGE, Description
from gan_style.exchange.loaded import Loaded
from gan_style.exchange.saved_model import write_saved_model
from gan_style.system import images

CROP = 256  # pixels
# What the file says of itself is added at its end as a zip, as TensorFlow Lite's own metadata are.
NAME = f"{KEY}.json"


def litert_bytes(
    loaded: Loaded, description: Description, numbers: Literal["float32", "float16", "int8"]
) -> bytes:
    with TemporaryDirectory() as folder:
        write_saved_model(loaded, description, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if numbers != "float32":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if numbers == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if numbers == "int8":
            converter.representative_dataset = lambda: shown(description)
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


def shown(description: Description) -> Iterator[dict[str, np.ndarray]]:
    """Crops of the bundled photographs, from which the range of each number is learned; none of the test ones."""
    whole = [photograph.load() for photograph in PHOTOGRAPHS if photograph.split != "test"]
    every = [crop for photograph in whole for crop in corners(photograph, CROP)]
    for number, photograph in enumerate(every):
        given: dict[str, np.ndarray] = {}
        for one in description.inputs:
            sides = [side or 1 for side in one.shape]
            if one.dtype == "uint8":
                picture = every[number - 1] if one.name == STYLE_IMAGE else photograph
                given[one.name] = images.resize(picture, *sides[1:3])[None]
            else:
                given[one.name] = np.ones(sides, one.dtype)
        yield given


class LiteRtPainter:
    """The file as a function of its inputs."""

    def __init__(self, content: bytes, threads: int = 1) -> None:
        self.interpreter: Any = Interpreter(model_content=content, num_threads=threads)
        self.run = self.interpreter.get_signature_runner()

    def __call__(self, given: Mapping[str, np.ndarray]) -> np.ndarray:
        (painting,) = self.run(**given).values()
        found: np.ndarray = painting[0]
        return found
