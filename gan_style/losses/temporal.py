"""Losses between frames of a film, without optical flow. Images (N, H, W, 3) in [-1, 1]."""

from keras import ops

from gan_style.system.tensor import Tensor


def frame_difference(fake: Tensor, next_fake: Tensor, source: Tensor, next_source: Tensor) -> Tensor:
    """A painting is to change as much as its film does: P-FDB, of pixels (Xu et al. 2021, arXiv 2102.05822).

    || (G(x') - G(x)) - (x' - x) ||^2, of a frame x and the next one x', in the mean over pixels and channels
    as in the authors' program. It is 0 where what is painted onto the picture, G(x) - x, stays the same.
    """
    return ops.mean(ops.square((next_fake - fake) - (next_source - source)))
