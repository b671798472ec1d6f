"""PatchNCE (Park et al. 2020): a place of the fake must resemble the same place of the source most."""

from keras import ops

from gan_style.system.tensor import Tensor


def patch_nce(query: Tensor, key: Tensor, temperature: float) -> Tensor:
    """Mean cross-entropy of finding each query's own key among its image's; unit vectors (N, places, C)."""
    logits = ops.matmul(query, ops.transpose(ops.stop_gradient(key), (0, 2, 1))) / temperature
    own = ops.diagonal(logits, axis1=1, axis2=2)
    return ops.mean(ops.logsumexp(logits, axis=2) - own)
