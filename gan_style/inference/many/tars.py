"""Tars of pictures in WebDataset's layout: what belongs to one sample shares its name up to the first dot."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from gan_style.system import disk
from gan_style.system.errors import UserError

BLOCK = 512  # bytes; all that a tar holds is rounded up to them


@contextmanager
def reading(path: Path) -> Iterator[tarfile.TarFile]:
    """One that is not compressed, or one clear error, whenever that shows."""
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
            check_end(path, tar)
    except tarfile.TarError as problem:
        raise UserError(f"{path}: cannot be read as a tar: {problem}") from None
    except OSError as problem:
        raise UserError(f"{path}: cannot be read: {problem.strerror or problem}") from None


def check_end(path: Path, tar: tarfile.TarFile) -> None:
    """Of one that was read to its end: tarfile takes a cut or damaged member for that."""
    with path.open("rb") as file:
        file.seek(tar.offset)
        if file.read(BLOCK) != bytes(BLOCK):
            raise UserError(f"{path}: is cut, or damaged, at byte {tar.offset}")


class TarOutput:
    """A tar that is written under a name of its own and renamed when it is complete.

    What a process that was killed has left of it is gone on with, behind its last complete member.
    """

    def __init__(self, final: Path) -> None:
        self.final = final
        self.partial = partial_of(final)
        final.parent.mkdir(parents=True, exist_ok=True)
        disk.refuse_odd(self.partial)
        self.names, self.end = complete(self.partial)
        self.file = self.partial.open("r+b") if self.end else disk.created(self.partial)
        self.file.truncate(self.end)
        self.file.seek(self.end)
        self.tar = tarfile.open(fileobj=self.file, mode="w")  # noqa: SIM115 (closed by `finish`)

    def add(self, name: str, content: bytes, like: tarfile.TarInfo | None = None) -> None:
        """With the times and owners of `like`, or with none: the same pictures give the same tar."""
        entry = tarfile.TarInfo(name)
        if like is not None:
            entry.mtime, entry.mode = like.mtime, like.mode
        entry.size = len(content)
        with disk.writing(self.partial, len(content)):
            self.tar.addfile(entry, io.BytesIO(content))
        self.names.add(name)
        self.end = self.tar.offset

    def finish(self) -> int:
        """Write its end; returns its bytes. It has its name when it is renamed."""
        self.tar.close()
        self.file.close()
        return self.partial.stat().st_size

    def abandon(self) -> None:
        """Where it is not finished: what was being added is taken back."""
        if not self.file.closed:
            self.file.flush()
            self.file.truncate(self.end)
            self.file.close()


def partial_of(final: Path) -> Path:
    return final.with_name(f".{final.name}.partial")


def complete(path: Path) -> tuple[set[str], int]:
    """The members of a tar whose bytes are all there, and where the last of them ends."""
    names: set[str] = set()
    end, size = 0, path.stat().st_size if path.is_file() else 0
    if not size:
        return names, end
    try:
        with tarfile.open(path, "r:") as tar:
            while (member := tar.next()) is not None:
                behind = member.offset_data + -(-member.size // BLOCK) * BLOCK
                if behind > size:
                    break
                names.add(member.name)
                end = behind
    except tarfile.TarError:
        pass  # the header of the next one is torn
    return names, end


def stored_name(name: str, suffix: str) -> str:
    """What a painting of the picture `name` is called, as a file: as the picture is, if its format stays."""
    path = PurePosixPath(name)
    same = path.suffix.lower() == suffix or {path.suffix.lower(), suffix} == {".jpeg", ".jpg"}
    same = same or {path.suffix.lower(), suffix} == {".tiff", ".tif"}
    return name if same else name + suffix


def sample_name(name: str) -> str:
    """The same in a tar, where a sample's name ends at its first dot; with a mark, as others lack dots."""
    path = PurePosixPath(name)
    if "." not in path.stem:
        return name
    mark = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:6]
    return str(path.with_name(f"{path.stem.replace('.', '_')}-{mark}{path.suffix}"))
