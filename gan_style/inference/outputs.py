"""The folder that paintings go to, and which of its files this command painted and may replace."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gan_style.system import images
from gan_style.system.disk import file_sha256, parsed, read_small, refuse_odd, replacing
from gan_style.system.errors import UserError

SHEET, LEDGER = "sheet", ".painted.jsonl"
NAMED = 3  # of the files that are in the way


class Ledger:
    """What was painted into a folder: in a hidden file there, one line each, a name and a sha256."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LEDGER
        self.hashes: dict[str, set[str]] = {}  # by name; one that is painted again has several
        for name, digest in self._read():
            self.hashes.setdefault(name, set()).add(digest)

    def _read(self) -> Iterator[tuple[str, str]]:
        """The lines that can be read; what is damaged is no proof that a file is ours."""
        try:
            lines = read_small(self.path).splitlines()
        except (OSError, ValueError):
            return
        for line in lines:
            try:
                note = parsed(line)
                yield str(note["name"]), str(note["sha256"])
            except (ValueError, KeyError, TypeError):
                continue

    def holds(self, path: Path) -> bool:
        """Whether the file is as it was painted; one that was changed since is not ours any more."""
        known = self.hashes.get(path.name, set())
        return bool(known) and path.is_file() and not path.is_symlink() and file_sha256(path) in known

    def note(self, name: str, digest: str) -> None:
        self.hashes.setdefault(name, set()).add(digest)
        with self.path.open("a") as file:
            file.write(json.dumps({"name": name, "sha256": digest}) + "\n")


@dataclass
class Outputs:
    """Paintings by name. What somebody else made, or changed, is replaced only with `overwrite`."""

    folder: Path
    sources: Iterable[Path] = ()  # which are never written over
    overwrite: bool = False
    protected: set[tuple[int, int]] = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise UserError(f"{self.folder}: paintings go into a folder, and this is a file")
        refuse_odd(self.folder / LEDGER)
        self.protected = {identity(source) for source in self.sources}
        self.ledger = Ledger(self.folder)

    def planned(self) -> list[tuple[Path, Path]]:
        """Where each picture goes: by its name, numbered where two pictures share one."""
        pairs, used = [], {SHEET}
        for file in self.sources:
            stem, number = file.stem, 2
            while stem in used:
                stem, number = f"{file.stem}-{number}", number + 1
            used.add(stem)
            # By its name; `write` asks again, when it knows the picture's format.
            pairs.append((file, self.folder / f"{stem}{images.stored_suffix(file.suffix)}"))
        self._refuse([reason for _, path in pairs if (reason := self.obstacle(path))])
        return pairs

    def _refuse(self, reasons: list[str]) -> None:
        if reasons:
            first, *others = reasons[:NAMED]
            others += [f"and {len(reasons) - NAMED} more"] if len(reasons) > NAMED else []
            raise UserError("\n  ".join([f"{first}; nothing was painted, choose another --output", *others]))

    def obstacle(self, path: Path) -> str:
        """Why a file of this name may not be written, or nothing."""
        if not os.path.lexists(path):
            return ""
        if path.exists() and identity(path) in self.protected:
            return f"{path} is one of the pictures to paint, and is never written over"
        if path.is_dir() or not (self.overwrite or self.ledger.holds(path)):
            return f"{path} is there already, and not as gan-style painted it (--overwrite replaces it)"
        return ""

    def write(self, path: Path, picture: images.Picture) -> Path:
        """Store a painting; the suffix is that of its format. Returns the path."""
        path = path.with_suffix(images.STORED_AS[picture.format])
        if reason := self.obstacle(path):
            raise UserError(reason)
        with replacing(path, durable=False) as file:
            images.save(file, picture)
            file.seek(0)
            # Noted first: a crash in between leaves a note of what is not there, which does no harm.
            self.ledger.note(path.name, hashlib.file_digest(file, "sha256").hexdigest())
        return path


def unpainted(files: Iterable[Path]) -> list[Path]:
    """Those that were not painted by this command."""
    ledger = cache(Ledger)
    return [file for file in files if not ledger(file.parent).holds(file)]


def refuse_inputs(written: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Before anything is computed: no picture that is looked at is written over."""
    known = {identity(one) for one in inputs}
    for path in written:
        if path.exists() and identity(path) in known:
            raise UserError(f"{path} is one of the pictures to look at; choose another --output")


def identity(path: Path) -> tuple[int, int]:
    """What a file is, by whatever name or link."""
    status = path.stat()
    return status.st_dev, status.st_ino
