"""Pictures out of a zip or tar archive that nobody vouches for: only below a folder, not without end."""

import errno
import gzip
import io
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from gan_style.system.errors import UserError
from gan_style.system.images import SUFFIXES
from gan_style.system.progress import transfer

MAX_FILES = 200_000
MAX_BYTES = 40 * 10**9
# Pictures are compressed already; small archives may hold a few that compress well.
MAX_RATIO, ALWAYS_ALLOWED = 20, 16 * 10**6
MAX_AT_ONCE = 2**20
MAX_DEPTH = 20  # folders within folders
NO_NAME = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL)


@dataclass(frozen=True)
class Member:
    """A file in an archive; `trouble` says why nobody should want it."""

    name: str
    size: int
    open: Callable[[], IO[bytes] | None]
    trouble: str = ""


def unpack(archive: Path, folder: Path, origin: str) -> None:
    """Write the archive's pictures below a new folder, or none if anything is wrong with any member.

    `origin`: where the archive came from, for messages.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        _unpack(archive, folder, origin)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _unpack(archive: Path, folder: Path, origin: str) -> None:
    allowed = min(MAX_BYTES, max(ALWAYS_ALLOWED, MAX_RATIO * archive.stat().st_size))
    total = 0
    try:
        with transfer(None, 0, f"unpacking {origin}") as advance:
            for number, member in enumerate(members(archive, origin), start=1):
                # Both libraries give no more bytes of a member than it declares: this bounds what is written.
                total += member.size
                if number > MAX_FILES or total > allowed:
                    limit = f"{MAX_FILES:,} files" if number > MAX_FILES else f"{allowed:,} bytes"
                    reason = f"it unpacks to more than {limit}, which no such set does"
                    raise UserError(f"{origin}: {reason}; nothing is kept of it")
                if is_picture(checked(member, origin)):
                    _write(member, folder, origin)
                    advance(member.size)
    except (UserError, MemoryError):
        raise
    except Exception as problem:  # both libraries raise whatever they like on damaged archives
        # Damaged ones may also lead to before their start, which no file has.
        if isinstance(problem, OSError) and problem.errno not in (None, errno.EINVAL):
            raise  # of the disk, not of the archive
        what = str(problem) or type(problem).__name__
        raise UserError(f"{origin}: the archive is damaged or cut off: {what}") from None


def members(archive: Path, origin: str) -> Iterator[Member]:
    """All files in a zip or tar archive, in its order; folders are left out."""
    if zipfile.is_zipfile(archive):
        yield from _zip_members(archive)
    else:
        yield from _tar_members(archive, origin)


def _zip_members(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            # The upper half holds the Unix mode, where the archive was made on one.
            kind = stat.S_IFMT(info.external_attr >> 16)
            odd = "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else "is a link or a device"
            if info.flag_bits & 1:
                odd = "is encrypted"
            if not info.is_dir() or odd:
                yield Member(info.orig_filename, info.file_size, partial(file.open, info), odd)


def _tar_members(archive: Path, origin: str) -> Iterator[Member]:
    with archive.open("rb") as file:
        start = file.read(24)
    with gzip.open(archive) if start.startswith(b"\x1f\x8b") else archive.open("rb") as stream:
        try:
            tar = tarfile.TarFile(fileobj=_Sips(stream))
        except tarfile.ReadError:
            reason = f"no whole zip, tar or tar.gz archive; it starts with {start!r}"
            raise UserError(f"{origin}: {reason}") from None
        for count, info in enumerate(tar, start=1):
            # Which the library would keep, each with all that is said of all of them.
            tar.members = []  # type: ignore[attr-defined]
            if count > MAX_FILES:
                raise UserError(f"{origin}: it has more than {MAX_FILES:,} entries; nothing is kept of it")
            odd = "" if info.isreg() else "is a link or a device"
            if not info.isdir():
                yield Member(info.name, info.size, partial(tar.extractfile, info), odd)


class _Sips(io.BufferedIOBase):
    """A stream that gives little at a time: tarfile reads a header whole, however long it says it is."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self.stream = stream

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= MAX_AT_ONCE:
            raise tarfile.ReadError(f"a header of {size:,} bytes")
        return self.stream.read(size)

    def seek(self, place: int, whence: int = 0) -> int:
        return self.stream.seek(place, whence)

    def tell(self) -> int:
        return self.stream.tell()


def checked(member: Member, origin: str) -> PurePosixPath:
    """The member's path, which must lie below the folder it is unpacked into."""
    path = PurePosixPath(member.name)
    trouble = member.trouble
    if not member.name.isprintable():
        trouble = "has control characters in its name"
    elif path.is_absolute() or ".." in path.parts or "\\" in member.name:
        trouble = "leads out of its folder"
    elif len(path.parts) > MAX_DEPTH:
        trouble = f"lies more than {MAX_DEPTH} folders deep"
    if trouble:
        raise refusal(member, origin, trouble)
    return path


def refusal(member: Member, origin: str, trouble: str) -> UserError:
    name = member.name if len(member.name) <= 100 else f"{member.name[:100]}..."
    return UserError(f"{origin}: {name!r} in it {trouble}; nothing is kept of such an archive")


def is_picture(path: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def _write(member: Member, folder: Path, origin: str) -> None:
    content = member.open()
    assert content is not None
    with content, _new_file(folder / member.name, member, origin) as file:
        shutil.copyfileobj(content, file)


def _new_file(path: Path, member: Member, origin: str) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # "x": a name that comes twice is refused, whatever the file system takes for the same name.
        return path.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise refusal(member, origin, "comes twice") from None
    except OSError as problem:
        if problem.errno in NO_NAME:
            raise refusal(member, origin, "has a name that this disk does not take") from None
        raise
