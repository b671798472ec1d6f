"""All of painting as one function of uint8 pixels: what is exported, whatever the format."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from keras import ops

from gan_style.exchange.described import PAINTING, PICTURE, SEED, STRENGTH, STYLE_IMAGE, STYLES, Input
from gan_style.inference.working_size import SMALLEST_SIDE
from gan_style.methods import Method, Request
from gan_style.methods.base.style_maps import everywhere
from gan_style.networks.layers.padding import mirrored_to
from gan_style.system.errors import UserError
from gan_style.system.portable import portable
from gan_style.system.tensor import Tensor

ABOUT = {
    PICTURE: "sRGB, (1, height, width, 3)",
    SEED: "from 0 on; another seed, other strokes",
    STYLES: "how much each style counts, in the order of `styles`; they need not sum to 1",
    STYLE_IMAGE: "the picture whose style is painted, sRGB; no longer than the photograph, and 768 pixels",
    STRENGTH: "from 0, the photograph, to 1, the full style",
}


class AskedByInputs(Request):
    """Seed and strength are tensors, which are known only when the file is run."""

    def where(self, count: int, *, beside: bool = False) -> Any:
        seed = tf.zeros(1, tf.int32) if self.seed is None else tf.reshape(self.seed, (1,))
        return tf.reshape(tf.concat([seed, tf.zeros(3, tf.int32)], 0), (1, 1, 1, 4))

    def is_full(self) -> bool:
        return self.strength is None


@dataclass(frozen=True)
class Fixed:
    """What is decided at export."""

    strength: float | None = None
    direction: str | None = None
    size: tuple[int, int] | None = None  # height and width, for formats that know no others


def check_exportable(method: Method, kind: str, fixed: Fixed) -> None:
    if method.setting.subject is not None or not method.painting():
        raise UserError(f"method '{kind}' searches for each picture anew: there is no network to export")
    if getattr(getattr(method, "config", None), "dropout_when_painting", False) and has_dropout(method):
        raise UserError(
            "method.dropout_when_painting: dropout draws other random numbers elsewhere, so a file could not "
            "paint the same; a run with method.dropout_when_painting=false can be exported"
        )
    method.check_request(asked(method, fixed))


def has_dropout(method: Method) -> bool:
    return any(getattr(layer, "rate", 0) for one in method.painting().values() for layer in one.layers)


def asked(method: Method, fixed: Fixed, **given: Any) -> AskedByInputs:
    mixes_features = "style_images" in method.understands
    strength = None if mixes_features else fixed.strength
    if mixes_features and "style_images" not in given:
        given["style_images"] = ((tf.zeros((16, 16, 3)), 1.0),)
    return AskedByInputs(**{"strength": strength, "direction": fixed.direction, **given})


def inputs_of(method: Method, fixed: Fixed) -> list[Input]:
    """The photograph first; then what the method understands and can be asked for without a new graph."""
    height, width = fixed.size or (None, None)
    found = [Input(PICTURE, "uint8", [1, height, width, 3], ABOUT[PICTURE])]
    if "seed" in method.understands:
        found.append(Input(SEED, "int32", [1], ABOUT[SEED]))
    if method.styles:
        found.append(Input(STYLES, "float32", [len(method.styles)], ABOUT[STYLES]))
    if "style_images" in method.understands:
        sides = fixed.size or (None, None)
        found.append(Input(STYLE_IMAGE, "uint8", [1, *sides, 3], ABOUT[STYLE_IMAGE]))
        found.append(Input(STRENGTH, "float32", [1], ABOUT[STRENGTH]))
    return found


def painting_function(method: Method, fixed: Fixed, reflect_pad: int) -> Any:
    """A `tf.function` of the inputs in their order, traced once for all sizes, or for the fixed one."""
    found = inputs_of(method, fixed)
    names = [one.name for one in found]

    def paint(*given: Tensor) -> Tensor:
        with portable():
            return {PAINTING: painted(method, fixed, reflect_pad, dict(zip(names, given, strict=True)))}

    signature = [tf.TensorSpec(one.shape, one.dtype, one.name) for one in found]
    return tf.function(paint, autograph=False, input_signature=signature)


def painted(method: Method, fixed: Fixed, reflect_pad: int, given: dict[str, Tensor]) -> Tensor:
    picture, requested = given[PICTURE], {}
    if SEED in given:
        requested["seed"] = given[SEED]
    if STYLES in given:
        requested["maps"] = maps_by(method, given[STYLES])
    if STYLE_IMAGE in given:
        style = roomy(signed(given[STYLE_IMAGE]), 0)[0]
        requested |= {"style_images": ((style, 1.0),), "strength": given[STRENGTH][0]}
    request = asked(method, fixed, **requested)
    fakes = method.translate(roomy(signed(picture), reflect_pad), request)
    levels = tf.clip_by_value(tf.round((tf.cast(fakes, tf.float32) + 1.0) * 127.5), 0.0, 255.0)
    height, width = ops.shape(picture)[1:3]
    inner = levels[:, reflect_pad : reflect_pad + height, reflect_pad : reflect_pad + width]
    return tf.ensure_shape(tf.cast(inner, tf.uint8), picture.shape)


def signed(pixels: Tensor) -> Tensor:
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def roomy(pictures: Tensor, margin: int) -> Tensor:
    """Mirrored around, as zeros beyond the border leave marks; thin ones until convolutions have room."""
    for axis in (1, 2):
        side = ops.shape(pictures)[axis]
        missing = SMALLEST_SIDE - side
        after = max(margin, missing) if isinstance(side, int) else tf.maximum(margin, missing)
        pictures = mirrored_to(pictures, axis, -margin, side + after)
    return pictures


def maps_by(method: Any, weights: Tensor) -> Callable[[Tensor], Tensor]:
    """Style weights of every pixel; weights that are all 0 ask for what is painted without any."""
    total = tf.reduce_sum(weights)

    def maps(images: Tensor) -> Tensor:
        named = everywhere((weights / tf.maximum(total, 1e-12))[None], images)
        return tf.where(total > 0, named, method.requested_maps(images, Request()))

    return maps
