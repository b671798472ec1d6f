"""The colours of one picture brought to those of another (Gatys et al. 2016b): style without its palette."""

from typing import Any

from keras import ops

EPSILON = 1e-5  # of a grey picture's covariance


def colour_matched(pictures: Any, like: Any) -> Any:
    """Pictures (N, h, w, 3) with the mean and covariance of the colours of others (N, H, W, 3): the smallest linear change."""
    (mean, covariance), (wanted, target) = colours(pictures), colours(like)
    matrix = ops.matmul(root(target, 0.5), root(covariance, -0.5))
    matched = ops.matmul(ops.reshape(pictures, (pictures.shape[0], -1, 3)) - mean, ops.transpose(matrix, (0, 2, 1))) + wanted
    return ops.clip(ops.reshape(matched, (-1, *pictures.shape[1:])), -1.0, 1.0)


def colours(pictures: Any) -> tuple[Any, Any]:
    """Mean (N, 1, 3) and covariance (N, 3, 3) of all pixels."""
    pixels = ops.reshape(pictures, (pictures.shape[0], -1, 3))
    mean = ops.mean(pixels, axis=1, keepdims=True)
    centred = pixels - mean
    return mean, ops.matmul(ops.transpose(centred, (0, 2, 1)), centred) / pixels.shape[1] + EPSILON * ops.eye(3)


def root(symmetric: Any, power: float) -> Any:
    """A positive matrix raised to a power."""
    values, vectors = ops.linalg.eigh(symmetric)
    return ops.matmul(vectors * ops.power(ops.maximum(values, EPSILON), power)[:, None], ops.transpose(vectors, (0, 2, 1)))
