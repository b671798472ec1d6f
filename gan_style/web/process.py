"""The page's end of the process that paints."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gan_style.system.errors import UserError

PACKAGE = Path(__file__).parents[2]
CHUNK = 65536  # bytes


class Ended(Exception):
    """The process is no more: it was stopped, or something killed it."""


class PaintingProcess:
    """Started at once; it imports TensorFlow while nobody waits."""

    def __init__(self, machine: str, threads: int | None) -> None:
        self.machine = machine
        path = os.pathsep.join([str(PACKAGE), *filter(None, [os.environ.get("PYTHONPATH")])])
        # In a session of its own: Ctrl-C is heard by the page, which ends it.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gan_style.web.child", str(threads or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.buffer = b""

    def ask(self, order: dict[str, Any], seconds: float, hear: Callable[[str], None]) -> dict[str, Any]:
        """What it answers; UserError where it refuses, or takes longer than so many seconds."""
        assert self.process.stdin
        try:
            self.process.stdin.write((json.dumps(order) + "\n").encode())
            self.process.stdin.flush()
        except OSError:
            raise Ended from None
        for line in self.lines(seconds):
            try:
                told = json.loads(line)
            except ValueError:  # what comes after it cannot be trusted either
                self.end()
                raise Ended from None
            if "doing" in told:
                hear(told["doing"])
            elif "refused" in told:
                raise UserError(told["refused"])
            else:
                done: dict[str, Any] = told["done"]
                return done
        raise Ended

    def lines(self, seconds: float) -> Iterator[bytes]:
        """As they come; none any more when the process has ended."""
        assert self.process.stdout
        ends = time.monotonic() + seconds
        while True:
            while b"\n" in self.buffer:
                line, _, self.buffer = self.buffer.partition(b"\n")
                yield line
            left = ends - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.end()
                limit = f"it took longer than the limit of {seconds / 60:.0f} minutes"
                raise UserError(f"{limit}; a smaller size needs less")
            came = os.read(self.process.stdout.fileno(), CHUNK)
            if not came:
                return
            self.buffer += came

    def is_running(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        """At once, whatever it does."""
        self.process.kill()
        self.process.wait()
