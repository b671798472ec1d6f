"""Signals that ask to stop, as wishes; during a training they are granted at the end of a step.

SIGINT, SIGTERM, SIGHUP, and SIGUSR2, which clusters send before a job's time is up.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Self

Hear = Callable[[int, FrameType | None], None]
listeners: list[Hear] = []


@contextmanager
def heard_by(hear: Hear, *numbers: int) -> Iterator[None]:
    """Send these signals to `hear`. Where nohup has SIGHUP ignored, it stays ignored.

    Not so SIGINT, which shells have ignored in what they start in the background: there it comes from `kill`.
    """
    spared = signal.SIGHUP if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else 0
    before = {number: signal.signal(number, hear) for number in numbers if number != spared}
    listeners.append(hear)
    try:
        yield
    finally:
        listeners.pop()
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore(*numbers: int) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def ask_to_stop(number: int) -> None:
    """As if this signal had come, for those that the system does not send."""
    if listeners:
        listeners[-1](number, None)


class Stopper:
    """While entered, remembers the first stop signal; a second SIGINT interrupts at once."""

    def __init__(self) -> None:
        self.signal = 0
        self.heard: AbstractContextManager[None] = heard_by(
            self._hear, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2
        )

    def __enter__(self) -> Self:
        self.heard.__enter__()
        return self

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.signal and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not self.signal and number == signal.SIGINT:
            with suppress(OSError):  # not by print, which may be at work just now
                os.write(2, b"stopping at the end of this step; once more stops at once\n")
        self.signal = self.signal or number

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heard.__exit__(kind, error, trace)
