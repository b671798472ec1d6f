"""Whether what is traced is to run elsewhere: then only with operations that other libraries have, too.

TensorFlow's own ways to be fast, such as XLA or paddings made of reversed slices, are slow elsewhere.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Here(threading.local):
    portable: bool = False


here = Here()


def is_portable() -> bool:
    return here.portable


@contextmanager
def portable() -> Iterator[None]:
    before, here.portable = here.portable, True
    try:
        yield
    finally:
        here.portable = before
