"""Standard output and error that may be lost: to a closed pipe, a terminal that hung up, a full disk."""

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from gan_style.system.progress import note
from gan_style.system.signals import ask_to_stop


class Guarded:
    """A stream on which the first write that fails is the last that is tried."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.loss: OSError | None = None
        with suppress(AttributeError, OSError):  # a file's name may hold bytes that are no text
            stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        try:
            return self.stream.write(text)
        except OSError as problem:
            self._lose(problem)
            return len(text)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except OSError as problem:
            self._lose(problem)

    def _lose(self, problem: OSError) -> None:
        """What still comes goes nowhere, and so does at the end what the stream had kept back."""
        self.loss = problem
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)
        if self is not sys.stdout or problem.errno == errno.EIO:
            return  # EIO: a terminal is gone; whoever is to stop for that gets SIGHUP
        if problem.errno != errno.EPIPE:
            note(f"error: standard output: {problem.strerror}")
        ask_to_stop(signal.SIGPIPE)


@contextmanager
def guarded() -> Iterator[Guarded]:
    """Nothing raises because it cannot be told: losing standard output asks to stop, as SIGPIPE would."""
    fill_gaps()
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w") as nowhere:
        output = Guarded(sys.stdout or nowhere)
        sys.stdout, sys.stderr = output, Guarded(sys.stderr or nowhere)
        try:
            yield output
        finally:
            sys.stdout, sys.stderr = before


def fill_gaps() -> None:
    """Open what was closed from the beginning, lest a checkpoint become standard output and be written to."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
