"""A painter as the bytes of an ONNX file, for any height and width."""

import logging
import os
from typing import Any

import onnx
import tf2onnx

from gan_style.exchange.described import KEY, PAINTING, Description
from gan_style.exchange.onnx_file.operations import HANDLERS
from gan_style.exchange.traced import Fixed, painting_function
from gan_style.methods import Method
from gan_style.system.portable import portable

# Without it tf2onnx copies the whole graph before each of its optimisations, which takes half of the time.
os.environ.setdefault("TF2ONNX_CATCH_ERRORS", "false")
OPSET = 18  # the first with operations on bits


def onnx_bytes(method: Method, fixed: Fixed, description: Description) -> bytes:
    function = painting_function(method, fixed, description.reflect_pad)
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with portable():
        model, _ = tf2onnx.convert.from_function(
            function,
            input_signature=function.input_signature,
            opset=OPSET,
            custom_op_handlers=HANDLERS,
        )
    renamed(model)
    told = {KEY: description.to_json(), "licence": description.licence, "recipe": description.recipe}
    onnx.helper.set_model_props(model, told)
    model.producer_name, model.doc_string = "gan-style", description.notice
    return model.SerializeToString()


def renamed(model: Any) -> None:
    """The output by its name; tf2onnx adds to it which of an operation's results it is."""
    for output in model.graph.output:
        for node in model.graph.node:
            node.output[:] = [PAINTING if name == output.name else name for name in node.output]
            node.input[:] = [PAINTING if name == output.name else name for name in node.input]
        output.name = PAINTING
