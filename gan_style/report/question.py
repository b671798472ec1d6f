"""What an experiment asks, from the first lines of its README."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Question:
    title: str
    text: str


def question(folder: Path, name: str) -> Question:
    """The first heading, and the first paragraph below it."""
    path = folder / "README.md"
    blocks = path.read_text(encoding="utf-8", errors="replace").split("\n\n") if path.is_file() else []
    lines = [" ".join(block.split()) for block in blocks if block.strip()]
    title = next((line.lstrip("# ") for line in lines if line.startswith("# ")), name)
    return Question(title, next((line for line in lines if line[0] not in "#<|!`"), ""))
