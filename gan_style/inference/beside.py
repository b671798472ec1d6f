"""The next picture is read, and the last one stored, while one is painted."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gan_style.inference.working_size import MEMORY, SURELY_FITTING
from gan_style.system.opening import TooLarge, opened

Job = TypeVar("Job")
Read = TypeVar("Read")
Store = Callable[[], None]
LIGHT = 16_000_000  # pixels of a file; three such, and two paintings, are in memory at once


def beside(
    jobs: Sequence[Job],
    read: Callable[[Job], Read],
    paint: Callable[[Job, Callable[[], Read]], Store],
    heavy: Callable[[Job], bool],
) -> Iterator[Job]:
    """Each job when it is painted, in their order. A heavy one has the memory for itself.

    `paint` is given a function that gives what was read, or raises what reading raised; it returns one that
    stores the painting.
    """
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
        ahead: Future[Read] | None = None
        behind = writer.submit(lambda: None)
        for job, following in zip(jobs, [*jobs[1:], None], strict=True):
            alone = heavy(job)
            if alone:
                behind.result()
            given = ahead or reader.submit(read, job)
            given.exception()  # when it is read
            ahead = None
            if following is not None and not alone and not heavy(following):
                ahead = reader.submit(read, following)
            store = paint(job, given.result)
            behind.result()
            behind = writer.submit(store)
            del given, store  # and what they hold
            if alone:
                behind.result()
            yield job
        behind.result()


def fills_memory(file: Path, size: int, memory: int) -> bool:
    """Whether a picture, by its header, is large, or perhaps painted in tiles as large as memory allows."""
    try:
        with opened(file) as image:
            pixels, longer = image.width * image.height, max(image.size)
    except TooLarge:  # perhaps one so large that it is read by rows
        return True
    except Exception:  # decoders raise whatever they like; reading it tells what is wrong
        return False
    scale = min(1.0, size / longer)
    return memory < MEMORY or pixels > LIGHT or pixels * scale**2 > SURELY_FITTING
