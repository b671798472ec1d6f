"""A film that is being painted: OUTPUT.parts, with pieces of it that are done and what the next one needs.

A piece is done once its .json is there, which is written last, after the state at its end.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from gan_style.system import disk
from gan_style.system.errors import UserError

SETTINGS, LOCK, PREVIEW = "settings.json", "lock", "preview.jpg"
OWN = re.compile(r"settings\.json|lock|preview\.jpg|\d{6}\.(mp4|webm|json|npz)|(whole|sound)\.\w+")


@dataclass(frozen=True)
class Done:
    """What was painted up to a time, of `frames` frames."""

    parts: list[tuple[Path, int]]  # and the time of each one's first frame
    last: int | None = None  # time of the last frame
    frames: int = 0
    state: dict[str, np.ndarray] | None = None


@dataclass(frozen=True)
class Parts:
    output: Path

    @property
    def folder(self) -> Path:
        return self.output.with_name(f"{self.output.name}.parts")

    def settle(self, settings: dict[str, Any]) -> None:
        """The same film in the same way, or what was begun is not gone on with."""
        file = self.folder / SETTINGS
        if not file.is_file():
            if others := [one.name for one in self.folder.iterdir() if one.name != LOCK]:
                raise UserError(f"{self.folder}: holds {others[0]}, which is no part of a film; move it away")
            disk.write(file, json_of(settings))
            return
        try:
            before = disk.read_json(file)
        except (OSError, ValueError):
            before = {}
        if changed := sorted(key for key in settings if before.get(key) != settings[key]):
            raise UserError(
                f"{self.folder}: was begun with another {', '.join(changed)}; remove it to begin anew"
            )

    def remove(self) -> None:
        """All that was written here, and nothing else."""
        for path in self.folder.iterdir():
            if OWN.fullmatch(path.name):
                path.unlink()
        with suppress(OSError):  # it holds something of somebody else's
            self.folder.rmdir()

    def file(self, number: int, suffix: str) -> Path:
        return self.folder / f"{number:06}{suffix}"

    def done(self, suffix: str) -> Done:
        """All parts up to the first that is missing; only the last one's state is kept."""
        parts: list[tuple[Path, int]] = []
        last, frames, state = None, 0, None
        while (told := self.told(len(parts))) and (film := self.file(len(parts), suffix)).is_file():
            parts.append((film, told["first"]))
            last, frames = told["last"], told["frames"]
        if parts:
            state = self.state(len(parts) - 1)
        return Done(parts, last, frames, state) if state or not parts else Done([])

    def told(self, number: int) -> dict[str, int]:
        try:
            told = disk.read_json(self.file(number, ".json"))
            return {key: int(told[key]) for key in ("first", "last", "frames")}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def state(self, number: int) -> dict[str, np.ndarray] | None:
        """None where it is damaged: then all is painted anew."""
        try:
            with np.load(self.file(number, ".npz"), allow_pickle=False) as arrays:
                return dict(arrays)
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            return None

    def close(self, number: int, first: int, last: int, frames: int, state: dict[str, np.ndarray]) -> None:
        """After its film was written."""
        with disk.replacing(self.file(number, ".npz")) as file:
            np.savez(file, **state)  # type: ignore[arg-type]
        disk.write(self.file(number, ".json"), json_of({"first": first, "last": last, "frames": frames}))
        self.file(number - 1, ".npz").unlink(missing_ok=True)


def json_of(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=1, sort_keys=True) + "\n"
