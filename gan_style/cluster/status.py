"""What has become of the jobs that were submitted. Files tell it; Slurm only what waits and what runs."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from gan_style.cluster.ledger import Entry
from gan_style.system.errors import UserError
from gan_style.system.progress import say

FINISHED, OVER = "finished", "not running"


def state(entry: Entry, known: Mapping[str, str]) -> str:
    if entry.number in known:
        return known[entry.number]
    return FINISHED if entry.is_finished() else OVER


def named(entries: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    """Those of these names or numbers; of an array's number all of it."""
    found = []
    for name in names:
        fitting = [
            entry for entry in entries if name in (entry.name, entry.number, entry.number.partition("_")[0])
        ]
        if not fitting:
            raise UserError(f"{name}: there is no such job; `gan-style jobs` lists them")
        found += fitting
    return found


def print_jobs(entries: Sequence[Entry], known: Mapping[str, str]) -> None:
    shown = Table(box=None, header_style="bold")
    for heading in ("job", "name", "state", "last line of its log"):
        shown.add_column(heading, overflow="fold", no_wrap=heading == "job")
    counts: dict[str, int] = {}
    for entry in entries:
        told = state(entry, known)
        counts[told.partition(" (")[0]] = counts.get(told.partition(" (")[0], 0) + 1
        shown.add_row(entry.number, entry.name, told, entry.last_line())
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(shown)
    say(", ".join(f"{count} {told}" for told, count in counts.items()))
    if counts.get(OVER):
        say("what is not running was stopped, or failed: `gan-style jobs log NAME` shows its log, and the")
        say("command that submitted it submits what is left once more")
