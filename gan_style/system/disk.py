"""Files written whole or not at all, small JSON read warily, and a full disk told in one line."""

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from typing import Any, BinaryIO

from gan_style.system.errors import RunError, UserError

FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "no file may become that large here",
}
LARGEST_JSON = 64_000_000  # bytes
LONGEST_PARTIAL = 50  # characters of a name that its temporary one repeats: four bytes each, of 255


class FullDisk(RunError):
    """There is no room for a file; what had been written of it is gone again."""


def is_full(problem: OSError) -> bool:
    return problem.errno in FULL


def free(path: Path) -> int:
    """Bytes on the disk where the path is or will be; quotas are not known."""
    there = next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())
    return shutil.disk_usage(there).free


def size(count: float) -> str:
    for unit, bytes_of_it in (("GB", 1e9), ("MB", 1e6)):
        if count >= bytes_of_it / 10:
            return f"{count / bytes_of_it:,.1f} {unit}"
    return f"{count:,.0f} bytes"


def why_full(path: Path, problem: OSError, needed: int = 0) -> str:
    wanted = f"{size(needed)} are needed and " if needed else ""
    return f"{path}: {FULL[problem.errno or 0]}: {wanted}{size(free(path))} are free"


@contextmanager
def writing(path: Path, needed: int = 0) -> Iterator[None]:
    """What the system refuses while a file of so many bytes is written becomes one sentence that names it."""
    try:
        yield
    except OSError as problem:
        if is_full(problem):
            raise FullDisk(why_full(path, problem, needed)) from None
        raise UserError(f"{path}: cannot be written: {problem.strerror or problem}") from None


@contextmanager
def replacing(path: Path, needed: int = 0, *, durable: bool = True) -> Iterator[BufferedRandom]:
    """A file that takes the place of `path` once all of it is written; until then nothing is changed.

    `durable`: not before it is on the disk. What can be made again need not wait for that.
    """
    partial = path.with_name(f".{shortened(path.name)}.partial")
    with writing(path, needed):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with created(partial) as file:
                yield file
                if durable:
                    flush(file)
            partial.replace(path)
        except BaseException:
            if partial.is_file():
                partial.unlink()
            raise


def shortened(name: str) -> str:
    """A name with room for more, and no other file's: two may be written side by side."""
    if len(name) <= LONGEST_PARTIAL:
        return name
    mark = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]
    return f"{name[: LONGEST_PARTIAL - len(mark) - 1]}-{mark}"


def created(path: Path) -> BufferedRandom:
    """A new file of this name in the place of whatever stood there; never one that a link leads to."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666), "w+b")


def refuse_odd(path: Path) -> None:
    """What is appended to, or locked, must be a plain file: a pipe would be waited for, a link leads away."""
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise UserError(f"{path}: a plain file is needed here, and this is none; move it away")


def write(path: Path, content: str | bytes) -> None:
    content = content.encode() if isinstance(content, str) else content
    with replacing(path, len(content)) as file:
        file.write(content)


@contextmanager
def replacing_folder(final: Path, needed: int) -> Iterator[Path]:
    """A folder to fill, that is renamed when all is in it, and gone if that fails."""
    partial = final.with_name(f".{final.name}.partial")
    with writing(final, needed):
        remove(partial)
        partial.mkdir(parents=True)
        try:
            yield partial
            flush_folder(partial)
            remove(final)
            partial.rename(final)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        flush_folder(final.parent)


def remove(path: Path) -> None:
    """A file, a link, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def append(file: BinaryIO, path: Path, content: bytes) -> None:
    """At the end of an unbuffered file, all of it or nothing."""
    end = os.fstat(file.fileno()).st_size
    with writing(path, len(content)):
        try:
            while content:
                content = content[file.write(content) :]
        except OSError:
            with suppress(OSError):  # a device has no length
                file.truncate(end)
            raise


def flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_small(path: Path) -> bytes:
    """All of a small file; OSError or ValueError where that is not what it is."""
    if not path.is_file():  # a folder, or a pipe that nobody writes to
        raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
    with path.open("rb") as file:
        content = file.read(LARGEST_JSON + 1)
    if len(content) > LARGEST_JSON:
        raise ValueError(f"it is larger than {size(LARGEST_JSON)}")
    return content


def parsed(text: bytes) -> Any:
    """What JSON says; ValueError whatever is wrong with it."""
    try:
        told = json.loads(text.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if b"\\u" in text:
        json.dumps(told, ensure_ascii=False).encode()  # half a character could not be printed later
    return told


def read_json(path: Path) -> Any:
    return parsed(read_small(path))
