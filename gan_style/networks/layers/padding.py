"""Padding and cropping that the papers use and Keras lacks."""

from typing import Any

import keras
from keras import ops

from gan_style.system.tensor import Tensor


@keras.saving.register_keras_serializable("gan_style")
class ReflectionPad(keras.layers.Layer):
    """Mirror `margin` pixels around the image, without repeating the edge pixel."""

    def __init__(self, margin: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

    def call(self, images: Tensor) -> Tensor:
        sides = [self.margin, self.margin]
        return ops.pad(images, [[0, 0], sides, sides, [0, 0]], mode="reflect")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin}


@keras.saving.register_keras_serializable("gan_style")
class PadToMultiple(keras.layers.Layer):
    """Extend the image at the bottom and right, mirrored, until both sides are multiples of `multiple`."""

    def __init__(self, multiple: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.multiple = multiple

    def call(self, images: Tensor) -> Tensor:
        for axis in (1, 2):
            side = ops.shape(images)[axis]
            missing = -side % self.multiple
            if not (isinstance(missing, int) and missing == 0):
                # By index, because padding cannot mirror more pixels than there are.
                place = ops.arange(side + missing) % (2 * side)
                images = ops.take(images, ops.where(place < side, place, 2 * side - 1 - place), axis=axis)
        return images

    def compute_output_shape(self, shape: tuple) -> tuple:
        def up(side: int | None) -> int | None:
            return None if side is None else side + -side % self.multiple

        return (shape[0], up(shape[1]), up(shape[2]), shape[3])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "multiple": self.multiple}


@keras.saving.register_keras_serializable("gan_style")
class CropLike(keras.layers.Layer):
    """Cut the first image to the height and width of the second, at the bottom and right."""

    def call(self, inputs: list) -> Tensor:
        images, like = inputs
        height, width = ops.shape(like)[1:3]
        return images[:, :height, :width, :]

    def compute_output_shape(self, shapes: list[tuple]) -> tuple:
        images, like = shapes
        return (images[0], like[1], like[2], images[3])
