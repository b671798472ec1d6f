"""PatchNCE: a place of the fake must resemble the same place of the source more than any other place (Park et al. 2020)."""

from typing import Any

from keras import ops


def patch_nce(query: Any, key: Any, temperature: float) -> Any:
    """Cross-entropy of finding each query's own key among its image's, in the mean; unit vectors (N, places, C)."""
    logits = ops.matmul(query, ops.transpose(ops.stop_gradient(key), (0, 2, 1))) / temperature
    own = ops.diagonal(logits, axis1=1, axis2=2)
    return ops.mean(ops.logsumexp(logits, axis=2) - own)
