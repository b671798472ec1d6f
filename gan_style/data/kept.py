"""What is kept on disk and not believed: files with hashes, and notes that carry a hash of their own."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gan_style.system.disk import FullDisk, is_full, read_json, replacing, why_full, writing
from gan_style.system.errors import UserError

NAMED = 5


def write_note(path: Path, content: Any) -> None:
    write_whole(path, json.dumps({"content": content, "sha256": _seal(content)}).encode())


def read_note(path: Path) -> Any:
    """What was written; None where there is no note, half of one, or one that something else wrote."""
    try:
        note = read_json(path)
        return note["content"] if note["sha256"] == _seal(note["content"]) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write_whole(path: Path, content: bytes) -> None:
    """All of it under its name, or nothing; what a power cut takes all the same, its hash will tell."""
    with writing(path):
        clear(path)
    with replacing(path, len(content), durable=False) as file:
        file.write(content)


def clear(path: Path) -> None:
    """Make place for a file where a folder is."""
    if path.is_dir():
        set_aside(path)


def set_aside(path: Path) -> None:
    """Hide what does not belong to the cache; it may be dear to somebody."""
    path.rename(path.with_name(f".{path.name}.stray"))


@contextmanager
def into_cache(folder: Path) -> Iterator[None]:
    """Where the disk refuses, one sentence of what to do."""
    try:
        yield
    except OSError as problem:
        path = Path(os.fsdecode(problem.filename or folder))
        if is_full(problem):
            raise FullDisk(why_full(path, problem)) from None
        advice = "choose another folder for prepared pictures with GAN_STYLE_CACHE"
        raise UserError(f"{path}: {problem.strerror or problem}; {advice}") from None


def listing(names: Sequence[str]) -> str:
    """A few of them, for a message."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _seal(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
