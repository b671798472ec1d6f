"""How long things take, told to the user: a live bar on a terminal, plain lines elsewhere."""

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

T = TypeVar("T")
PLAIN_LINE_SECONDS = 10.0
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """What would move the cursor, or worse, as an escape: names of files may hold anything."""
    return CONTROLS.sub(lambda found: ascii(found.group())[1:-1], text)


def say(text: str) -> None:
    """One line on standard output, at once."""
    print(printable(text), flush=True)


def note(text: str) -> None:
    """One line on standard error, at once: for what must be known though nobody reads what is said."""
    print(printable(text), file=sys.stderr, flush=True)


def warn(text: str) -> None:
    note(f"warning: {text}")


def track(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items, while telling how many of them are done."""
    if Console().is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns) as bar:
            yield from bar.track(items, total=total, description=what)
        return
    said = started = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - said > PLAIN_LINE_SECONDS:
            said = now
            say(f"{what}: {done}/{total}, about {(now - started) / done * (total - done):.0f} s left")


@contextmanager
def transfer(total: int | None, done: int, what: str) -> Iterator[Callable[[int], None]]:
    """Gives what to call with the number of bytes that came; `done` of `total` had come before."""
    if Console().is_terminal:
        speed = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        with Progress(TextColumn("{task.description}"), BarColumn(), *speed) as bar:
            task = bar.add_task(what, total=total, completed=done)
            yield lambda count: bar.advance(task, count)
        return
    said = started = time.monotonic()
    came = 0

    def advance(count: int) -> None:
        nonlocal said, came
        came += count
        now = time.monotonic()
        if now - said > PLAIN_LINE_SECONDS:
            said = now
            of_total = f"/{total / 1e6:,.1f}" if total else ""
            speed = f"{came / (now - started) / 1e6:,.1f} MB/s"
            say(f"{what}: {(done + came) / 1e6:,.1f}{of_total} MB at {speed}")

    yield advance
