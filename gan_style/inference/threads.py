"""Memory that does not grow with the number of pictures.

TensorFlow and oneDNN keep what they prepared for each shape of picture, together more than 1 MB: the one
until its thread ends, the other until a thousand operations are kept. And freed memory stays with the process
in pieces, between which the next large picture may find no room.
"""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
JOBS = 10  # of one thread; a fresh one prepares its operations again, which takes some milliseconds
KEPT = 64  # operations of oneDNN
give_back: Any = getattr(ctypes.CDLL(None), "malloc_trim", lambda keep: 0)  # of glibc alone


class RenewedThread:
    """Calls functions in a thread of their own, which is ended now and then."""

    def __init__(self) -> None:
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KEPT))  # read at the first operation
        self.called, self.pool = 0, ThreadPoolExecutor(1)

    def __call__(self, act: Callable[[], T]) -> T:
        if self.called == JOBS:
            self.pool.shutdown()
            self.called, self.pool = 0, ThreadPoolExecutor(1)
        self.called += 1
        try:
            return self.pool.submit(act).result()
        finally:
            give_back(0)
