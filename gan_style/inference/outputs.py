"""The folder that paintings go to, and which of its files this command painted and may replace."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gan_style.inference.ledger import LEDGER, Ledger
from gan_style.system import images
from gan_style.system.disk import file_sha256, refuse_odd, replacing
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.rows.saving import RowPainting, save

SHEET = "sheet"
NAMED = 3  # of the files that are in the way


def painting_into(folder: Path) -> AbstractContextManager[None]:
    """One process at a time."""

    def busy() -> None:
        raise UserError(f"{folder}: another process is painting into this folder")

    return exclusive(folder / ".painting.lock", busy)


@dataclass
class Outputs:
    """Paintings by name. What somebody else made, or changed, is replaced only with `overwrite`."""

    folder: Path
    sources: Iterable[Path] = ()  # which are never written over
    overwrite: bool = False
    settings: str = ""  # a hash of all that decides how a picture is painted
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
        if path.is_dir() or not (self.overwrite or self.ledger.owns(path)):
            return f"{path} is there already, and not as gan-style painted it (--overwrite replaces it)"
        return ""

    def made_of(self, source: Path) -> str:
        """The picture's content, and the settings; nothing where it cannot be read."""
        try:
            return hashlib.sha256(f"{self.settings} {file_sha256(source)}".encode()).hexdigest()
        except OSError:
            return ""

    def done(self, source: Path, target: Path) -> Path | None:
        """The painting, where painting this source anew would give just that."""
        return None if self.overwrite else self.ledger.whole(target.stem, self.made_of(source))

    def write(self, path: Path, picture: images.Picture | RowPainting, made_of: str = "") -> Path:
        """Store a painting, perhaps while it is painted; its suffix tells the format. Returns the path."""
        path = path.with_suffix(images.STORED_AS[picture.format])
        if reason := self.obstacle(path):
            raise UserError(reason)
        with replacing(path, durable=False) as file:
            if isinstance(picture, RowPainting):
                save(file, picture)
            else:
                images.save(file, picture)
            file.seek(0)
            # Noted first: a crash in between leaves a note of what is not there, which does no harm.
            self.ledger.note(path.name, hashlib.file_digest(file, "sha256").hexdigest(), made_of)
        return path


def unpainted(files: Iterable[Path]) -> list[Path]:
    """Those that were not painted by this command."""
    ledger = cache(Ledger)
    return [file for file in files if not ledger(file.parent).owns(file)]


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
