"""One command at a time in a process of its own: its log, its memory, and its end."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_style.system.hardware import resident_memory

LAST_WORDS = 6  # lines of a failing command's log that are shown
POLL_SECONDS = 0.1
GRACE_SECONDS = 120.0  # for a checkpoint to be written
BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class End:
    """What became of a command: its exit code, negative for a signal, and its most memory in bytes."""

    code: int
    peak: int
    last_words: str


class Child:
    """A running command; what it says goes to the end of a log file."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log, self.started = log, time.monotonic()
        dying = [sys.executable, "-m", "gan_style.cluster.die_with_parent", str(os.getpid()), *command]
        with log.open("ab") as file:
            file.write(f"\n$ {shlex.join(command)}\n".encode())
            file.flush()
            self.start_of_log = file.tell()
            # A session of its own: Ctrl-C reaches the table alone, which stops its children in its own way.
            self.process = subprocess.Popen(
                dying, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
            )

    def poll(self) -> End | None:
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if not pid:
            return None
        code = self.process.returncode = os.waitstatus_to_exitcode(status)
        return End(code, usage.ru_maxrss * BYTES_PER_MAXRSS, "\n".join(self.lines()[-LAST_WORDS:]))

    def lines(self) -> list[str]:
        """What it said so far, without empty lines."""
        with self.log.open("rb") as file:
            file.seek(self.start_of_log)
            text = file.read().decode(errors="replace")
        return [line for line in text.splitlines() if line.strip()]

    def memory(self) -> int:
        return resident_memory(self.process.pid)


def stop(children: Sequence[Child]) -> None:
    """Ask them to end, which lets a training save itself; end those that take too long."""
    try:
        for child in children:
            child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in children:
            child.process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        pass
    finally:
        for child in children:
            child.process.kill()
            child.process.wait()
