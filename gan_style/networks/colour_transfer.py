"""The colours that pictures are made of, and pictures brought to the colours of others."""

from typing import Any

import keras
from keras import ops

from gan_style.networks.network import Network
from gan_style.system import replicas
from gan_style.system.tensor import Tensor

EPSILON = 1e-4  # added to variances: a palette of greys has none across the colours


@keras.saving.register_keras_serializable("gan_style")
class Palette(keras.layers.Layer):
    """Photographs (N, H, W, 3) in the colours of styles, mixed for every pixel by weights (N, H, W, styles).

    Per style one linear map of colours, by their means and covariances. These are measured while training, by
    `observe`; no gradient is involved.
    """

    def __init__(self, styles: int, **kwargs: Any) -> None:
        super().__init__(**kwargs, dtype="float32")
        self.styles = styles

    def build(self, shape: Any) -> None:
        def weight(name: str, *sides: int) -> Tensor:
            shape = (1 + self.styles, *sides)
            return self.add_weight(shape=shape, initializer="zeros", trainable=False, name=name)

        # The first row is the photographs'. Plain running means: what is measured does not change.
        self.seen, self.mean, self.square = weight("seen"), weight("mean", 3), weight("square", 3, 3)

    def observe(self, pictures: Tensor, rows: Tensor) -> None:
        """Count pixels (N, H, W, 3) to the palettes of these rows (N,): 0 photographs, 1 the first style."""
        pixels = ops.reshape(pictures, (pictures.shape[0], -1, 3))
        squares = ops.matmul(ops.transpose(pixels, (0, 2, 1)), pixels) / pixels.shape[1]
        means, squares = replicas.gathered(ops.mean(pixels, axis=1)), replicas.gathered(squares)
        share = ops.one_hot(replicas.gathered(rows), 1 + self.styles)  # (N, rows)
        self.seen.assign_add(ops.sum(share, axis=0))
        share = share / ops.maximum(self.seen, 1.0)
        new = ops.sum(share, axis=0)
        for kept, found in ((self.mean, means), (self.square, squares)):
            kept.assign_add(ops.einsum("nr,n...->r...", share, found) - ops.einsum("r,r...->r...", new, kept))

    def maps(self) -> tuple[Tensor, Tensor]:
        """Each style's map of colours: times the matrix (S, 3, 3), plus the offset (S, 1, 3).

        A style not seen yet changes no colour.
        """
        covariance = self.square - self.mean[:, :, None] * self.mean[:, None] + EPSILON * ops.eye(3)
        known = ops.minimum(self.seen, 1.0)[1:, None, None]
        of_photographs, of_styles = covariance[:1], known * covariance[1:] + (1.0 - known) * covariance[:1]
        matrix = least_map(of_photographs, of_styles)
        before, after = self.mean[:1, None], known * self.mean[1:, None] + (1.0 - known) * self.mean[:1, None]
        return matrix, after - before @ matrix

    def call(self, inputs: list) -> Tensor:
        pictures, weights = inputs
        matrix, offset = self.maps()
        recoloured = ops.einsum("nhwc,scd->nhwsd", pictures, matrix) + offset[:, 0]
        return ops.clip(ops.sum(recoloured * weights[..., None], axis=-2), -1.0, 1.0)

    def compute_output_shape(self, shapes: Any) -> Any:
        return shapes[0]

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["dtype"]
        return {**config, "styles": self.styles}


def colour_matched(pictures: Tensor, like: Tensor) -> Tensor:
    """Pictures (N, h, w, 3) with the mean and covariance of the colours of others (N, H, W, 3)."""
    (mean, covariance), (wanted, target) = moments(pictures), moments(like)
    away = ops.reshape(pictures, (pictures.shape[0], -1, 3)) - mean
    matched = away @ least_map(covariance, target) + wanted
    return ops.clip(ops.reshape(matched, (-1, *pictures.shape[1:])), -1.0, 1.0)


def moments(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (N, 1, 3) and covariance (N, 3, 3) of the colours of all pixels."""
    pixels = ops.reshape(pictures, (pictures.shape[0], -1, 3))
    mean = ops.mean(pixels, axis=1, keepdims=True)
    products = ops.matmul(ops.transpose(pixels - mean, (0, 2, 1)), pixels - mean)
    return mean, products / pixels.shape[1] + EPSILON * ops.eye(3)


def least_map(covariance: Tensor, wanted: Tensor) -> Tensor:
    """Symmetric matrices (N, 3, 3) that change colours of one covariance into colours of another.

    Of all that do, they move them least (between Gaussians, the Monge-Kantorovich map; Pitie & Kokaram 2007).
    """
    root, inverse = power(covariance, 0.5), power(covariance, -0.5)
    return inverse @ power(root @ wanted @ root, 0.5) @ inverse


def power(symmetric: Tensor, exponent: float) -> Tensor:
    """Positive matrices (N, 3, 3) raised to a power."""
    values, vectors = ops.linalg.eigh(symmetric)
    powers = ops.power(ops.maximum(values, EPSILON**2), exponent)
    return (vectors * powers[:, None]) @ ops.transpose(vectors, (0, 2, 1))


def build_palette(styles: int) -> keras.Model:
    images = keras.Input((None, None, 3), name="images")
    weights = keras.Input((None, None, styles), name="styles")
    return Network([images, weights], Palette(styles, name="palette")([images, weights]), name="palettes")
