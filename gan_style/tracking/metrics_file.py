"""metrics.jsonl: one JSON object a line, each with its `step`."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from gan_style.system import disk

LONGEST = 1_000_000  # bytes of a line that is believed; ours have a few hundred


def is_loss(name: str) -> bool:
    """Whether a logged number is a loss term, as `generator/adversarial` or `G_AB/cycle`."""
    return "/" in name and not name.startswith(("validation/", "learning_rate/"))


def short_name(name: str) -> str:
    """`generator/adversarial` as `G adversarial`."""
    player, _, term = name.partition("/")
    return f"{ {'generator': 'G', 'discriminator': 'D'}.get(player, player) } {term}"


def read_metrics(path: Path, last: int | None = None) -> Iterator[dict[str, float]]:
    """The numbers of every line that can be read, or of those in so many bytes at the end."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        if last is not None:
            file.seek(max(0, path.stat().st_size - last))
        yield from (line for _, line in _pieces(file) if line)


class MetricsFile:
    """One JSON object a line, each with its `step`. Reopened at a step, it forgets what came after it.

    A line that cannot be read stays where it is, with the line before it: it may be all that is left of it.
    """

    def __init__(self, path: Path, first_step: int) -> None:
        self.path = path
        with disk.replacing(path) as kept:
            keeping = True
            for piece, line in self._before():
                keeping = line["step"] <= first_step if line else keeping
                kept.write(piece if keeping else b"")
        self.file = path.open("ab", buffering=0)

    def _before(self) -> Iterator[tuple[bytes, dict[str, float] | None]]:
        if self.path.is_file():
            with self.path.open("rb") as file:
                yield from _pieces(file)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        disk.append(self.file, self.path, (json.dumps({"step": step, **values}) + "\n").encode())

    def close(self) -> None:
        self.file.close()


def _pieces(file: BinaryIO) -> Iterator[tuple[bytes, dict[str, float] | None]]:
    """Each line and its numbers, none where it is damaged; one that is too long comes in pieces."""
    begins = True
    while piece := file.readline(LONGEST):
        ends = piece.endswith(b"\n")
        last = not ends and len(piece) < LONGEST
        line = _numbers(piece) if begins and (ends or last) else None
        if last and not line:
            return  # cut by a crash
        yield piece + b"\n" * last, line
        begins = ends


def _numbers(text: bytes) -> dict[str, float] | None:
    try:
        told = disk.parsed(text)
        found = {name: float(value) for name, value in told.items() if type(value) in (int, float)}
    except (ValueError, OverflowError, AttributeError):
        return None
    step: Any = found.get("step")
    return found if step is not None and math.isfinite(step) else None
