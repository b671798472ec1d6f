"""Losses on maps of style weights (N, H, W, styles) that add up to one in every pixel."""

from keras import ops

from gan_style.system import replicas
from gan_style.system.tensor import Tensor


def style_classification(logits: Tensor, maps: Tensor) -> Tensor:
    """Cross-entropy of the styles seen in patches (N, h, w, styles) with the weights meant there."""
    return -ops.mean(ops.sum(averaged(maps, *logits.shape[1:3]) * ops.log_softmax(logits, axis=-1), axis=-1))


def averaged(maps: Tensor, height: int, width: int) -> Tensor:
    """Maps (N, H, W, C) averaged over the cells of a height x width grid; cells share the pixels they cut."""
    rows, columns = shares(height, maps.shape[1]), shares(width, maps.shape[2])
    maps = ops.tensordot(rows, maps, axes=[[1], [1]])  # (h, N, W, C)
    return ops.transpose(ops.tensordot(columns, maps, axes=[[1], [2]]), (2, 1, 0, 3))  # from (w, h, N, C)


def shares(cells: int, pixels: int) -> Tensor:
    """What each pixel counts in each cell (cells, pixels); every row adds up to one."""
    left = ops.arange(cells, dtype="float32")[:, None] * (pixels / cells)
    pixel = ops.arange(pixels, dtype="float32")[None]
    overlap = ops.relu(ops.minimum(left + pixels / cells, pixel + 1.0) - ops.maximum(left, pixel))
    return overlap / ops.sum(overlap, axis=1, keepdims=True)


def style_imbalance(maps: Tensor) -> Tensor:
    """Kullback-Leibler divergence of the styles' shares in the whole batch from equal shares."""
    shares_of_styles = replicas.mean(ops.mean(maps, axis=(0, 1, 2)))
    return ops.sum(shares_of_styles * ops.log(shares_of_styles * maps.shape[-1] + 1e-8))


def map_entropy(maps: Tensor) -> Tensor:
    """Entropy of each pixel's style weights, in the mean and as a share of the largest there is.

    Little of it beside equal shares is much mutual information of pixels and styles (Krause et al. 2010).
    """
    entropy = -ops.sum(maps * ops.log(maps + 1e-8), axis=-1)
    return ops.mean(entropy) / ops.log(float(maps.shape[-1]))
