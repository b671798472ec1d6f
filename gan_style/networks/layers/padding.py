"""Padding and cropping that the papers use and Keras lacks."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from gan_style.system.portable import is_portable
from gan_style.system.tensor import Tensor


@keras.saving.register_keras_serializable("gan_style")
class ReflectionPad(keras.layers.Layer):
    """Mirror `margin` pixels around the image, without repeating the edge pixel."""

    def __init__(self, margin: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

    def call(self, images: Tensor) -> Tensor:
        for axis in (2, 1):
            images = mirrored(images, self.margin, axis)
        return images

    def compute_output_shape(self, shape: tuple) -> tuple:
        sides = (None if side is None else side + 2 * self.margin for side in shape[1:3])
        return (shape[0], *sides, shape[3])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "margin": self.margin}


def mirrored(images: Tensor, margin: int, axis: int) -> Tensor:
    """`margin` pixels more at both ends of an axis. TensorFlow's own padding and its gradient are slower."""
    if margin == 0:
        return images
    side = images.shape[axis]
    if is_portable() or (side is not None and side < 2 * margin + 2):
        margins = [[margin, margin] if at == axis else [0, 0] for at in range(4)]
        return tf.pad(images, margins, mode="REFLECT")

    def stretch(tensor: Tensor, first: int, last: int | None) -> Tensor:
        places = [slice(None)] * 4
        places[axis] = slice(first, last)
        return tensor[tuple(places)]

    @tf.custom_gradient
    def pad(images: Tensor) -> tuple:
        tf.debugging.assert_greater(tf.shape(images)[axis], margin, "a picture is too thin to be mirrored")
        before, after = stretch(images, 1, margin + 1), stretch(images, -margin - 1, -1)

        def backward(slope: Tensor) -> Tensor:
            # What a mirrored pixel is told, its original is told too; the edge itself is not mirrored.
            inner = tf.shape(slope)[axis] - 4 * margin - 2
            sizes = [margin, 1, margin, inner, margin, 1, margin]
            ahead, edge, near, inside, far, end, behind = tf.split(slope, sizes, axis)
            near, far = near + tf.reverse(ahead, [axis]), far + tf.reverse(behind, [axis])
            return tf.concat([edge, near, inside, far, end], axis)

        return tf.concat([tf.reverse(before, [axis]), images, tf.reverse(after, [axis])], axis), backward

    return pad(images)


def mirrored_to(images: Tensor, axis: int, first: Any, end: Any) -> Tensor:
    """From one place of an axis up to another, which may lie outside, where edges are mirrored.

    By index, because padding cannot mirror more pixels than there are.
    """
    side = ops.shape(images)[axis]
    place = ops.arange(first, end) % (2 * side)
    return ops.take(images, ops.where(place < side, place, 2 * side - 1 - place), axis=axis)


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
                images = mirrored_to(images, axis, 0, side + missing)
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
        if images.shape[1:3] == like.shape[1:3] and all(like.shape[1:3]):
            return images
        height, width = ops.shape(like)[1:3]
        return images[:, :height, :width, :]

    def compute_output_shape(self, shapes: list[tuple]) -> tuple:
        images, like = shapes
        return (images[0], like[1], like[2], images[3])


@keras.saving.register_keras_serializable("gan_style")
class CropBorder(keras.layers.Layer):
    """Cut `before` rows and columns at the top and left, and `after` at the bottom and right."""

    def __init__(self, before: int, after: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.before, self.after = before, after

    def call(self, images: Tensor) -> Tensor:
        lost = self.before + self.after
        # Not by indices: their gradient is many times slower than that of a slice, which is padding.
        cut = tf.slice(images, [0, self.before, self.before, 0], tf.shape(images) - [0, lost, lost, 0])
        return tf.ensure_shape(cut, self.compute_output_shape(images.shape))

    def compute_output_shape(self, shape: tuple) -> tuple:
        lost = self.before + self.after
        return (shape[0], *(None if side is None else side - lost for side in shape[1:3]), shape[3])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "before": self.before, "after": self.after}
