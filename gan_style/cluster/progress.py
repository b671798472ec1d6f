"""A table under way, as its user sees it: live on a terminal, one line for each event elsewhere."""

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gan_style.system.progress import say

REFRESH_SECONDS = 0.5

Row = tuple[str, str, float, str]  # cell, stage, seconds since it began, its last line


class TableProgress:
    """Counts cells and shows those that run."""

    def __init__(self, total: int, finished: int, seconds_left: Callable[[], float | None]) -> None:
        self.total, self.finished, self.failed = total, finished, 0
        self.seconds_left = seconds_left
        self.shown = 0.0
        self.live = Live(auto_refresh=False) if Console().is_terminal else None

    def __enter__(self) -> Self:
        if self.live:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self.live.update(Text(self.counts(0)), refresh=True)
            self.live.stop()

    def tell(self, text: str) -> None:
        """An event; it stays on the screen."""
        if self.live:
            self.live.console.print(Text(text))
        else:
            say(text)

    def counts(self, running: int) -> str:
        left = self.total - self.finished - self.failed - running
        seconds = self.seconds_left()
        told = f"{self.finished} finished, {running} running, {self.failed} failed, {left} left"
        to_go = f"; about {duration(seconds)} to go" if seconds else ""
        return f"{told} of {self.total}{to_go}"

    def show(self, running: Sequence[Row]) -> None:
        if not self.live or time.monotonic() - self.shown < REFRESH_SECONDS:
            return
        self.shown = time.monotonic()
        table = Table.grid(padding=(0, 2))
        for cell, stage, seconds, line in running:
            last = Text(line, overflow="ellipsis", no_wrap=True)
            table.add_row(Text(cell), Text(stage), duration(seconds), last)
        self.live.update(Group(table, Text(self.counts(len(running)))), refresh=True)


def duration(seconds: float) -> str:
    """Seconds as 2:05, or 1 h 20 min."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60}:{whole % 60:02d}"
