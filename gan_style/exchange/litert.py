"""A painter as a LiteRT (TensorFlow Lite) file, for one size of pictures."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from gan_style.exchange.described import KEY, Description
from gan_style.exchange.loaded import Loaded
from gan_style.exchange.parity import picture
from gan_style.exchange.traced import painting_function
from gan_style.system.portable import portable

SHOWN = 12  # pictures from which the range of each number is learned


def litert_bytes(loaded: Loaded, description: Description, numbers: Literal["float32", "float16", "int8"]) -> bytes:
    function = painting_function(loaded.method, loaded.fixed, description.reflect_pad)
    with portable():
        concrete = function.get_concrete_function()
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], function)
    if numbers != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if numbers == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if numbers == "int8":
        converter.representative_dataset = lambda: shown(description)
    content: bytes = converter.convert()
    return content


def shown(description: Description) -> Iterator[dict[str, np.ndarray]]:
    for number in range(SHOWN):
        yield {
            one.name: picture(one.shape[1] or 0, one.shape[2] or 0, number)[None]
            if one.dtype == "uint8"
            else np.ones([side or 1 for side in one.shape], one.dtype)
            for one in description.inputs
        }


class LiteRtPainter:
    def __init__(self, content: bytes, threads: int = 1) -> None:
        self.interpreter: Any = Interpreter(model_content=content, num_threads=threads)
        (self.signature,) = self.interpreter.get_signature_list()
        self.run = self.interpreter.get_signature_runner(self.signature)

    def __call__(self, given: Mapping[str, np.ndarray]) -> np.ndarray:
        (painting,) = self.run(**given).values()
        found: np.ndarray = painting[0]
        return found


KNOWN = KEY
