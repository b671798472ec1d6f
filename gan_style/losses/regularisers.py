"""What makes a picture natural, as a weak prior when it is reconstructed (Mahendran & Vedaldi 2015, section 2). Images in [-1, 1].

Both are means over pixels where the paper has sums, so that weights fit pictures of any size.
"""

from typing import Any

from keras import ops


def alpha_norm(images: Any, alpha: float = 6.0) -> Any:
    """Mean of |x|^alpha: keeps pixels in their range."""
    return ops.mean(ops.power(ops.square(images), alpha / 2))


def total_variation(images: Any, beta: float = 2.0) -> Any:
    """Mean of (dx^2 + dy^2)^(beta / 2): few and weak edges; with beta below 2, fewer and stronger ones."""
    down = images[:, 1:, :-1] - images[:, :-1, :-1]
    right = images[:, :-1, 1:] - images[:, :-1, :-1]
    # The root has no slope at zero, where flat regions are.
    return ops.mean(ops.power(ops.square(down) + ops.square(right) + 1e-12, beta / 2))
