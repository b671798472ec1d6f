"""metrics.jsonl: one JSON object a line, each with its `step`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def is_loss(name: str) -> bool:
    """Whether a logged number is a loss term, as `generator/adversarial` or `G_AB/cycle`."""
    return "/" in name and not name.startswith(("validation/", "learning_rate/"))


def short_name(name: str) -> str:
    """`generator/adversarial` as `G adversarial`."""
    player, term = name.split("/")
    return f"{ {'generator': 'G', 'discriminator': 'D'}.get(player, player) } {term}"


class MetricsFile:
    """One JSON object a line, each with its `step`. Reopened at a step, it forgets what came after it."""

    def __init__(self, path: Path, first_step: int) -> None:
        self.path = path
        kept = [line for line in _lines(path) if line["step"] <= first_step]
        partial = path.with_suffix(".partial")
        partial.write_text("".join(json.dumps(line) + "\n" for line in kept))
        partial.replace(path)
        self.file = path.open("a", buffering=1)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.file.write(json.dumps({"step": step, **values}) + "\n")

    def close(self) -> None:
        self.file.close()


def _lines(path: Path) -> list[dict[str, Any]]:
    """The readable lines; a crash may have cut the last one."""
    lines = []
    for text in path.read_text().splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break
    return lines
