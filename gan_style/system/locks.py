"""One process at a time: locks that vanish with the process that held them."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_style.system.disk import refuse_odd


def is_locked(path: Path) -> bool:
    """Whether another process holds this lock file."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def exclusive(path: Path, busy: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file. Where another process holds it, call `busy`, which may raise; otherwise wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    refuse_odd(path)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            busy()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
