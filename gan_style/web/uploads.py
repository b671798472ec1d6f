"""Pictures that were sent, in a folder of this process alone, which goes with it."""

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gan_style.system.locks import exclusive, is_locked
from gan_style.system.opening import BadImage, kind_of, opened
from gan_style.web import limits

PREFIX, LOCK = "gan-style-page-", "lock"
NEW = 60.0  # seconds in which the folder of another process may not have its lock yet


@dataclass
class Upload:
    """A picture as it came, known to be one by its header."""

    path: Path
    name: str  # of the file, for people: never a path
    kind: str  # such as JPEG
    width: int
    height: int
    bytes: int
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    used: float = field(default_factory=time.monotonic)

    def told(self) -> dict[str, str | int]:
        return {name: getattr(self, name) for name in ("id", "name", "kind", "width", "height", "bytes")}


class Uploads:
    """By ids that nobody can guess. The oldest go when there are too many of them."""

    def __init__(self) -> None:
        sweep()
        self.held = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # for this user alone
        self.held.enter_context(exclusive(self.folder / LOCK, lambda: None))
        self.known: dict[str, Upload] = {}
        self.guard = threading.Lock()

    def place(self) -> Path:
        """For a file, or a folder, that is to come."""
        return self.folder / secrets.token_hex(16)

    def keep(self, path: Path, name: str) -> Upload:
        """A file that has come whole; BadImage where it is no picture, or has too many pixels."""
        name = plain(name)
        try:
            with opened(path) as image:
                upload = Upload(path, name, kind_of(image), *image.size, path.stat().st_size)
        except BadImage as problem:
            raise BadImage(f"{name}: {problem}") from None
        except Exception as problem:  # decoders raise whatever they like on damaged files
            raise BadImage(f"{name}: cannot be decoded: {problem or type(problem).__name__}") from None
        if upload.width * upload.height > limits.PIXELS:
            size = f"{upload.width}x{upload.height} pixels"
            raise BadImage(f"{name}: {size} are more than the page's limit of {limits.PIXELS:,}")
        with self.guard:
            self.known[upload.id] = upload
        return upload

    def get(self, id: str) -> Upload | None:
        with self.guard:
            if found := self.known.get(id):
                found.used = time.monotonic()
            return found

    def expire(self, needed: Iterable[str]) -> None:
        """What nobody asked for in a while, and the oldest where they are too many; never what is needed."""
        needed = set(needed)
        with self.guard:
            free = [one for one in self.known.values() if one.id not in needed]
            free.sort(key=lambda one: one.used)
            total = sum(one.bytes for one in self.known.values())
            for one in free:
                old = time.monotonic() - one.used > limits.IDLE_SECONDS
                if old or len(self.known) > limits.KEPT_UPLOADS or total > limits.KEPT_BYTES:
                    total -= self.known.pop(one.id).bytes
                    one.path.unlink(missing_ok=True)

    def forget(self, id: str) -> bool:
        with self.guard:
            found = self.known.pop(id, None)
        if found:
            found.path.unlink(missing_ok=True)
        return found is not None

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.held.close()


def plain(name: str) -> str:
    """The last part of a name, without what would move a cursor or end a header; at most so long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[-limits.NAME :].strip(". ") or "picture"


def sweep() -> None:
    """Folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            new = time.time() - folder.stat().st_mtime < NEW
            if not (new or folder.is_symlink() or not (folder / LOCK).is_file() or is_locked(folder / LOCK)):
                shutil.rmtree(folder)
