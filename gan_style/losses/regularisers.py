"""Weak priors of natural pictures, for reconstructing them (Mahendran & Vedaldi 2015, section 2).

Images in [-1, 1]. Means over pixels where the paper has sums: weights then fit pictures of any size.
"""

from keras import ops

from gan_style.system.tensor import Tensor


def alpha_norm(images: Tensor, alpha: float = 6.0) -> Tensor:
    """Mean of |x|^alpha: keeps pixels in their range."""
    return ops.mean(ops.power(ops.square(images), alpha / 2))


def total_variation(images: Tensor, beta: float = 2.0) -> Tensor:
    """Mean of (dx^2 + dy^2)^(beta / 2): few and weak edges; with beta below 2, fewer and stronger ones."""
    down = images[:, 1:, :-1] - images[:, :-1, :-1]
    right = images[:, :-1, 1:] - images[:, :-1, :-1]
    # The root has no slope at zero, where flat regions are.
    return ops.mean(ops.power(ops.square(down) + ops.square(right) + 1e-12, beta / 2))
