"""One name for tensors: Keras gives them no type that all backends share."""

from typing import Any, TypeAlias

Tensor: TypeAlias = Any
