"""Who can paint: what is included, and the runs that have a checkpoint."""

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from gan_style.experiment import saved
from gan_style.experiment.card import ANY, cards
from gan_style.experiment.runs import Run
from gan_style.system import included
from gan_style.system.hardware import cores
from gan_style.web.runs import named_runs

FIRST = "oil"  # as of the commands
MOST = 100  # runs that are offered, the newest
FIRST_SECONDS, NEXT_SECONDS = 20.0, 3.0  # to wait for where nothing is known yet, and for new runs
CELL = (260, 260, 516, 516)  # of an included painter's sheet: its second painting

Describe = Callable[[list[str], Callable[[dict[str, Any]], None]], None]


@dataclass(frozen=True)
class Painter:
    name: str  # included/oil, or oil/default/seed0
    run: Run
    about: str
    machine: str  # the settings that decide its exact numbers


def of_packed(threads: int | None) -> str:
    """The machine of included painters."""
    return f"float32/{threads or cores()}"


def of_run(run: Run, threads: int | None) -> str:
    told = run.summary() | saved.recorded(run.checkpoints)
    return f"{told.get('precision', 'float32')}/{threads or told.get('threads', 1)}"


@cache
def included_painters(threads: int | None) -> dict[str, Painter]:
    found = {}
    order = sorted(cards().items(), key=lambda item: (item[0] != FIRST, item[1].styles == [ANY]))
    for name, card in order:
        if card.kind == "painter":
            run = Run(included.FOLDER / name)
            painter = Painter(f"{included.PREFIX}{name}", run, card.about, of_packed(threads))
            found[painter.name] = painter
    return found


class Painters:
    """By name, and what may be asked of each."""

    def __init__(self, root: Path, threads: int | None, describe: Describe) -> None:
        self.root, self.threads, self.describe = root, threads, describe
        self.known: dict[tuple[str, float], dict[str, Any]] = {}  # by folder, and the time of its recipe
        self.asked: set[tuple[str, float]] = set()
        self.answered = threading.Condition()

    def all(self) -> dict[str, Painter]:
        found = dict(included_painters(self.threads))
        for name, run in list(named_runs(self.root).items())[:MOST]:
            if run.has_checkpoint() and ".old-" not in run.folder.name:
                found[name] = Painter(name, run, "", of_run(run, self.threads))
        return found

    def told(self) -> list[dict[str, Any]]:
        """Those of which it is known what may be asked; that is waited for, new runs not for long."""
        painters = self.all()
        keys = {name: key_of(painter) for name, painter in painters.items()}
        self.ask([key for key in keys.values() if key not in self.asked])
        with self.answered:
            seconds = NEXT_SECONDS if self.known else FIRST_SECONDS
            self.answered.wait_for(lambda: self.known.keys() >= set(keys.values()), seconds)
        told = []
        for name, painter in painters.items():
            may = self.known.get(keys[name])
            if may and "error" not in may:
                ours = included.is_included(painter.run.folder)
                told.append({"name": name, "about": painter.about, "included": ours, **may})
        return told

    def ask(self, keys: list[tuple[str, float]]) -> None:
        if not keys:
            return
        self.asked |= set(keys)

        def hear(told: dict[str, Any]) -> None:
            with self.answered:
                self.known |= {key: told.get(key[0], {"error": "unknown"}) for key in keys}
                self.asked -= {key for key in keys if "error" in self.known[key]}  # they are asked for again
                self.answered.notify_all()

        self.describe([folder for folder, _ in keys], hear)

    def may(self, painter: Painter) -> dict[str, Any]:
        """What may be asked of it, as far as it is known."""
        return self.known.get(key_of(painter), {})


def key_of(painter: Painter) -> tuple[str, float]:
    try:
        written = painter.run.config.stat().st_mtime
    except OSError:
        written = 0.0
    return str(painter.run.folder.absolute()), written


def swatch(name: str) -> bytes | None:
    """What an included painter made of one photograph, as WebP."""
    return cut_out(name) if f"{included.PREFIX}{name}" in included_painters(None) else None


@cache  # of names that are there alone: anybody may ask for others
def cut_out(name: str) -> bytes:
    file = io.BytesIO()
    with Image.open(included.FOLDER / name / "sheet.jpg") as sheet:
        sheet.crop(CELL).save(file, "WEBP", quality=85)
    return file.getvalue()
