"""Which variables the gradient is asked for, while a loss is being recorded.

What need not be known is pruned from a graph, unless something waits for it: so only this is waited for.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

asked: frozenset[int] = frozenset()  # identities


@contextmanager
def asking(variables: Sequence[Any]) -> Iterator[None]:
    global asked
    before, asked = asked, frozenset(map(id, variables))
    try:
        yield
    finally:
        asked = before
