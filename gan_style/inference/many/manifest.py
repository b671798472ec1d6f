"""What is to be painted: a text file that names pictures, folders of them, and tars, one a line."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.folders import files_below

TAR = ".tar"
KNOWN = {*images.SUFFIXES, TAR}


@dataclass(frozen=True)
class Unit:
    """A picture, or a tar of pictures: what is painted in one shard. `name` is its place in the output."""

    name: str
    path: Path

    @property
    def is_tar(self) -> bool:
        return self.path.suffix.lower() == TAR

    def key(self) -> int:
        """A hash of the name: the same on every machine, whatever else the list holds."""
        return int.from_bytes(hashlib.sha256(self.name.encode(errors="surrogateescape")).digest()[:8])

    def shard(self, count: int) -> int:
        return self.key() % count


def units(manifest: Path) -> Iterator[Unit]:
    """In the order of the list, read as it is needed; empty lines and comments (#) are left out."""
    with manifest.open(encoding="utf-8", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.rstrip("\r\n")
            if not text.strip() or text.startswith("#"):
                continue
            # By its name alone: whether it is there shows when it is painted, and asking takes time.
            if os.path.splitext(text)[1].lower() in KNOWN:
                path = Path(text).expanduser()
                yield Unit(place(path), path)
            elif (folder := Path(text).expanduser()).is_dir():
                yield from in_folder(folder)
            else:
                found = "neither a folder, nor a picture or .tar by its name"
                raise UserError(f"{manifest}:{number}: {text}: {found}")


def in_folder(folder: Path) -> Iterator[Unit]:
    for file in files_below(folder):
        if file.suffix.lower() in KNOWN:
            yield Unit(place(file), file)


def place(path: Path) -> str:
    """The path as it was given, below the output folder and never out of it."""
    parts = [part for part in PurePosixPath(path).parts if part not in ("/", ".", "..")]
    return "/".join(parts)
