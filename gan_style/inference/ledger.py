"""What was painted into a folder: in a hidden file there, a line for each painting."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gan_style.system import disk, images
from gan_style.system.disk import file_sha256, parsed, read_small

LEDGER = ".painted.jsonl"


class Ledger:
    """By name the sha256 of each painting, and what it was made of."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LEDGER
        self.hashes: dict[str, set[str]] = {}  # by name; one that is painted again has several
        self.made: dict[tuple[str, str], tuple[str, str]] = {}  # by stem and what it was made of
        self.begun = False  # to be written to
        for line in self._read():
            self._take(line)

    def _read(self) -> Iterator[Any]:
        """The lines that can be read; what is damaged is no proof that a file is ours."""
        try:
            lines = read_small(self.path).splitlines()
        except (OSError, ValueError):
            return
        for line in lines:
            try:
                yield parsed(line)
            except ValueError:
                continue

    def _take(self, line: Any) -> None:
        try:
            name, digest, made_of = str(line["name"]), str(line["sha256"]), str(line.get("of", ""))
        except (KeyError, TypeError, AttributeError):
            return
        self.hashes.setdefault(name, set()).add(digest)
        if made_of:
            self.made[Path(name).stem, made_of] = name, digest

    def owns(self, path: Path) -> bool:
        """Whether the file is as it was painted, or was and can be read by nobody any more.

        One that was changed since, and is a picture still, is somebody's work.
        """
        known = self.hashes.get(path.name, set())
        if not known or not path.is_file() or path.is_symlink():
            return False
        return file_sha256(path) in known or is_damaged(path)

    def whole(self, stem: str, made_of: str) -> Path | None:
        """The painting of this name that was made of just this, if it is still as it was."""
        name, digest = self.made.get((stem, made_of), ("", ""))
        path = self.path.parent / name
        whole = name and path.is_file() and not path.is_symlink() and file_sha256(path) == digest
        return path if whole else None

    def note(self, name: str, digest: str, made_of: str) -> None:
        line = {"name": name, "sha256": digest, "of": made_of}
        self._take(line)
        content = json.dumps(line).encode() + b"\n"
        if not self.begun and self.path.exists():
            content = b"\n" + content  # whatever half of a line a process that was killed has left
        with self.path.open("ab", buffering=0) as file:
            disk.append(file, self.path, content)
        self.begun = True


def is_damaged(path: Path) -> bool:
    try:
        images.read(path)
    except images.BadImage:
        return True
    return False
