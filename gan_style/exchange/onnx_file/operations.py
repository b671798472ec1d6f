"""TensorFlow's operations that tf2onnx does not know, or makes many of, in operations of ONNX."""

from collections.abc import Callable
from typing import Any

from onnx import TensorProto

Handler = Callable[..., None]
TO_NCHW, TO_NHWC = [0, 3, 1, 2], [0, 2, 3, 1]


def renamed(name: str, **attributes: Any) -> Handler:
    def handle(context: Any, node: Any, _: str, __: Any) -> None:
        node.type = name
        for key, value in attributes.items():
            node.set_attr(key, value)

    return handle


def whole_numbers(name: str) -> Handler:
    """Sums and products of uint32, which runtimes have only signed: their lower 32 bits are the same."""

    def handle(context: Any, node: Any, _: str, __: Any) -> None:
        node.type = name
        if context.get_dtype(node.output[0]) != TensorProto.UINT32:
            return
        for place, given in enumerate(list(node.input)):
            how = {"attr": {"to": TensorProto.INT32}, "dtypes": [TensorProto.INT32]}
            cast = context.make_node("Cast", [given], shapes=[context.get_shape(given)], **how)
            context.replace_input(node, given, cast.output[0], place)
        result = node.output[0]
        context.set_dtype(result, TensorProto.INT32)
        context.insert_new_node_on_output("Cast", result, name=f"{node.name}/back", to=TensorProto.UINT32)

    return handle


def floor_divided(context: Any, node: Any, _: str, __: Any) -> None:
    """ONNX rounds quotients of whole numbers towards 0, and its remainders have the divisor's sign."""
    (left, right), outputs = node.input, list(node.output)
    how = {"dtypes": [context.get_dtype(outputs[0])], "shapes": [context.get_shape(outputs[0])]}
    context.remove_node(node.name)
    rest = context.make_node("Mod", [left, right], **how).output[0]
    even = context.make_node("Sub", [left, rest], **how).output[0]
    context.make_node("Div", [even, right], outputs=outputs, **how)


def instance_normalised(context: Any, node: Any, _: str, __: Any) -> None:
    """A picture alone is normalised over its pixels."""
    if not node.get_attr_value("is_training"):
        raise NotImplementedError("only norms with the picture's own statistics are exported")
    (pictures, scale, shift), output = node.input[:3], node.output[0]
    shape, dtype = context.get_shape(output), context.get_dtype(output)
    epsilon = node.get_attr_value("epsilon")
    planes = {"dtypes": [dtype], "shapes": [[shape[axis] for axis in TO_NCHW]]}
    context.remove_node(node.name)
    before = context.make_node("Transpose", [pictures], attr={"perm": TO_NCHW}, **planes).output[0]
    given = [before, scale, shift]
    normal = context.make_node("InstanceNormalization", given, attr={"epsilon": epsilon}, **planes).output[0]
    back = {"attr": {"perm": TO_NHWC}, "dtypes": [dtype], "shapes": [shape]}
    context.make_node("Transpose", [normal], outputs=[output], **back)


HANDLERS: dict[str, tuple[Handler, list]] = {
    "FusedBatchNormV3": (instance_normalised, []),
    "FloorMod": (renamed("Mod"), []),
    "FloorDiv": (floor_divided, []),
    "BitwiseXor": (renamed("BitwiseXor"), []),
    "RightShift": (renamed("BitShift", direction="RIGHT"), []),
    "Mul": (whole_numbers("Mul"), []),
    "AddV2": (whole_numbers("Add"), []),
}
