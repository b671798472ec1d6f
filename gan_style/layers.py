"""Layers that Keras lacks or that must behave as the papers' originals do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf
from keras import ops

NORM_EPSILON = 1e-5
LEAK = 0.2


@keras.saving.register_keras_serializable("gan_style")
class ReflectionPad(keras.layers.Layer):
    """Mirror `margin` pixels around the image, without repeating the edge pixel."""

    def __init__(self, margin: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

    def call(self, images: Any) -> Any:
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

    def call(self, images: Any) -> Any:
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

    def call(self, inputs: list) -> Any:
        images, like = inputs
        height, width = ops.shape(like)[1:3]
        return images[:, :height, :width, :]

    def compute_output_shape(self, shapes: list[tuple]) -> tuple:
        images, like = shapes
        return (images[0], like[1], like[2], images[3])


@keras.saving.register_keras_serializable("gan_style")
class InstanceNorm(keras.layers.Layer):
    """Normalise each channel of each image over its pixels (Ulyanov et al. 2016); statistics in float32."""

    def __init__(self, affine: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.affine = affine

    def build(self, shape: tuple) -> None:
        if self.affine:
            self.gamma = self.add_weight(name="gamma", shape=(shape[-1],), initializer="ones")
            self.beta = self.add_weight(name="beta", shape=(shape[-1],), initializer="zeros")

    def call(self, images: Any) -> Any:
        wide = ops.cast(images, "float32")
        mean = ops.mean(wide, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(wide - mean), axis=(1, 2), keepdims=True)
        normal = (wide - mean) * ops.rsqrt(variance + NORM_EPSILON)
        if self.affine:
            normal = normal * ops.cast(self.gamma, "float32") + ops.cast(self.beta, "float32")
        return ops.cast(normal, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "affine": self.affine}


@keras.saving.register_keras_serializable("gan_style")
class ConditionalInstanceNorm(keras.layers.Layer):
    """Instance norm with a scale and a shift of each style (Dumoulin et al. 2017), mixed for every pixel by a map of weights.

    Takes features (N, H, W, C) and style weights (N, H, W, styles).
    """

    def build(self, shapes: list[tuple]) -> None:
        features, styles = shapes
        self.gamma = self.add_weight(name="gamma", shape=(styles[-1], features[-1]), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(styles[-1], features[-1]), initializer="zeros")

    def call(self, inputs: list) -> Any:
        features, styles = (ops.cast(tensor, "float32") for tensor in inputs)
        mean, variance = ops.moments(features, axes=(1, 2), keepdims=True)
        normal = (features - mean) * ops.rsqrt(variance + NORM_EPSILON)
        scale, shift = (ops.conv(styles, ops.cast(kind, "float32")[None, None]) for kind in (self.gamma, self.beta))
        return ops.cast(normal * scale + shift, self.compute_dtype)

    def compute_output_shape(self, shapes: list[tuple]) -> tuple:
        return shapes[0]


@keras.saving.register_keras_serializable("gan_style")
class BatchNorm(keras.layers.Layer):
    """Normalise each channel over the batch at hand, in training and in painting alike, as pix2pix does.

    There are no moving statistics: pix2pix never uses them. Statistics in float32.
    """

    def build(self, shape: tuple) -> None:
        self.gamma = self.add_weight(name="gamma", shape=(shape[-1],), initializer=keras.initializers.RandomNormal(1.0, 0.02))
        self.beta = self.add_weight(name="beta", shape=(shape[-1],), initializer="zeros")

    def call(self, images: Any) -> Any:
        wide = ops.cast(images, "float32")
        mean, variance = ops.moments(wide, axes=(0, 1, 2), keepdims=True)
        normal = (wide - mean) * ops.rsqrt(variance + NORM_EPSILON)
        return ops.cast(normal * ops.cast(self.gamma, "float32") + ops.cast(self.beta, "float32"), self.compute_dtype)


@keras.saving.register_keras_serializable("gan_style")
class SpectralConv2D(keras.layers.Conv2D):
    """A convolution by kernel / sigma, sigma being the kernel's largest singular value (Miyato et al. 2018).

    The kernel itself stays untouched. `power_iterate` refines the estimate; call it once per update of
    the discriminator, so that real and fake images meet the same weights.
    """

    def build(self, shape: tuple) -> None:
        super().build(shape)
        self.left = self.add_weight(name="left", shape=(1, self.filters), initializer="random_normal", trainable=False)

    def power_iterate(self) -> None:
        self.left.assign(self._singular_vectors(self.kernel)[0])

    def _singular_vectors(self, kernel: Any) -> tuple[Any, Any]:
        matrix = ops.reshape(ops.cast(kernel, "float32"), (-1, self.filters))
        right = ops.normalize(ops.matmul(self.left, ops.transpose(matrix)), axis=-1)
        return ops.normalize(ops.matmul(right, matrix), axis=-1), right

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        matrix = ops.reshape(ops.cast(kernel, "float32"), (-1, self.filters))
        left, right = (ops.stop_gradient(vector) for vector in self._singular_vectors(kernel))
        sigma = ops.sum(ops.matmul(right, matrix) * left)
        return super().convolution_op(inputs, kernel / ops.cast(sigma, kernel.dtype))


def power_iterate(network: keras.Model) -> None:
    """Refine every spectral norm of a network by one power iteration."""
    for layer in network.layers:
        if isinstance(layer, SpectralConv2D):
            layer.power_iterate()


@keras.saving.register_keras_serializable("gan_style")
class UpBilinear(keras.layers.Layer):
    """Twice the height and width, half-pixel centres, edges clamped, for sizes unknown while tracing too."""

    def call(self, images: Any) -> Any:
        # TensorFlow's own, because Keras' wants to know the sizes; in float32 inside.
        return tf.cast(tf.image.resize(images, 2 * tf.shape(images)[1:3]), images.dtype)

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (shape[0], *(None if side is None else 2 * side for side in shape[1:3]), shape[3])


@keras.saving.register_keras_serializable("gan_style")
class BlurDown(keras.layers.Layer):
    """Every second pixel of the image averaged by 1-2-1 along both axes, edges mirrored (Zhang 2019): no aliasing."""

    def call(self, images: Any) -> Any:
        images = ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="reflect")
        rows = images[:, :-2:2] + 2 * images[:, 1:-1:2] + images[:, 2::2]
        return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 16

    def compute_output_shape(self, shape: tuple) -> tuple:
        return (shape[0], *(None if side is None else -(-side // 2) for side in shape[1:3]), shape[3])


@keras.saving.register_keras_serializable("gan_style")
class UnitVector(keras.layers.Layer):
    """Vectors divided by their length, plus a little, as CUT does: early on they are tiny, and must not be blown up."""

    def call(self, vectors: Any) -> Any:
        # The root has no slope at zero, which a dead head reaches.
        length = ops.sqrt(ops.sum(ops.square(vectors), axis=-1, keepdims=True) + 1e-30)
        return vectors / (length + 1e-7)


@contextmanager
def dropout_seeded(network: keras.Model, seed: int) -> Iterator[None]:
    """Dropout that depends on the seed alone, for painting; its own random state is as before afterwards."""
    states = [layer.seed_generator.state for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    before = [ops.convert_to_numpy(state) for state in states]
    try:
        for number, state in enumerate(states):
            state.assign([seed, number])
        yield
    finally:
        for state, value in zip(states, before, strict=True):
            state.assign(value)
