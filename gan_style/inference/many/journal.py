"""What a shard has done: OUTPUT/.shards/007-of-064.jsonl, a line for each picture."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from gan_style.system import disk
from gan_style.system.locks import is_locked

FOLDER = ".shards"


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of the work that goes into `output`. Its number is counted from 0."""

    output: Path
    number: int
    count: int

    def __str__(self) -> str:
        return f"shard {self.number} of {self.count}"

    @property
    def tar(self) -> Path:
        return self.output / f"painted-{self.label}.tar"

    @property
    def label(self) -> str:
        width = max(3, len(str(self.count)))
        return f"{self.number:0{width}}-of-{self.count:0{width}}"

    def file(self, suffix: str) -> Path:
        return self.output / FOLDER / f"{self.label}{suffix}"

    def log(self) -> Path:
        return self.file(".log")

    def lock(self) -> Path:
        return self.file(".lock")

    def end(self) -> Path:
        """The file that tells what became of it; it is there once all pictures were tried."""
        return self.file(".json")

    def result_file(self) -> Path:
        return self.end()

    def list_hash(self) -> str:
        """Of its list as it is now."""
        return disk.file_sha256(self.file(".list"))

    def is_finished(self) -> bool:
        """Whether all that is in its list now was tried."""
        try:
            return bool(disk.read_json(self.end())["list"] == self.list_hash())
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def is_held(self) -> bool:
        return self.lock().is_file() and is_locked(self.lock())

    def told(self) -> dict[str, int]:
        """What its end says: how many pictures were painted, have failed, and can be tried again."""
        try:
            told: dict[str, int] = disk.read_json(self.end())
            return {key: int(told[key]) for key in ("painted", "failed", "again")}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


@dataclass
class Journal:
    """By the name of each picture or tar what became of it, the last word last."""

    path: Path
    files: dict[str, str] = field(default_factory=dict)  # where it is, below the output folder
    sizes: dict[str, int] = field(default_factory=dict)  # its bytes
    pictures: dict[str, int] = field(default_factory=dict)  # in it: of a picture 1
    failures: dict[str, str] = field(default_factory=dict)  # why
    file: BinaryIO | None = None  # once written to; opened once, as on a cluster that costs time

    @classmethod
    def read(cls, path: Path) -> "Journal":
        """What is damaged, as the last line of a process that was killed, is no proof of anything."""
        journal = cls(path)
        for line in path.read_bytes().splitlines() if path.is_file() else []:
            try:
                journal.take(json.loads(line))  # names may be of any bytes
            except (ValueError, KeyError, TypeError):
                continue
        return journal

    def take(self, line: Mapping[str, Any]) -> None:
        name = str(line["name"])
        if "failed" in line:
            self.failures[name] = str(line["failed"])
            return
        # What failed before did not this time, or is tried again: also what is in a tar.
        for one in [one for one in self.failures if one == name or one.startswith(f"{name}/")]:
            if one == name or "again" in line:
                self.failures.pop(one)
        if "again" not in line:
            self.files[name], self.sizes[name] = str(line["file"]), int(line["bytes"])
            self.pictures[name] = int(line["pictures"])

    def write(self, **line: Any) -> None:
        self.take(line)
        content = json.dumps(line).encode() + b"\n"
        if self.file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.file = self.path.open("ab", buffering=0)
            content = b"\n" + content  # whatever half of a line a process that was killed has left
        disk.append(self.file, self.path, content)

    def painted(self, name: str, file: str, size: int, pictures: int = 1) -> None:
        self.write(name=name, file=file, bytes=size, pictures=pictures)

    def again(self, name: str) -> None:
        """Forget what failed of it."""
        if any(one == name or one.startswith(f"{name}/") for one in self.failures):
            self.write(name=name, again=True)

    def failed(self, name: str, reason: str) -> None:
        self.write(name=name, failed=reason)

    def holds(self, name: str, output: Path) -> bool:
        """Whether the file is there as it was painted, by its size."""
        if name not in self.sizes:
            return False
        path = output / self.files[name]
        return path.is_file() and path.stat().st_size == self.sizes[name]
