"""Losses on maps of style weights (N, H, W, styles) that add up to one in every pixel."""

from typing import Any

from keras import ops


def recognition(logits: Any, maps: Any) -> Any:
    """Cross-entropy of the styles seen in patches (N, h, w, styles) with the weights that were meant there."""
    height, width = logits.shape[1:3]
    meant = ops.image.resize(maps, (height, width), interpolation="bilinear", antialias=True)
    return -ops.mean(ops.sum(meant * ops.log_softmax(logits, axis=-1), axis=-1))


def imbalance(maps: Any) -> Any:
    """Kullback-Leibler divergence of the styles' shares in the whole batch from equal shares."""
    shares = ops.mean(maps, axis=(0, 1, 2))
    return ops.sum(shares * ops.log(shares * maps.shape[-1] + 1e-8))
