"""The Weights & Biases run of a run folder. Logging never stops a run."""

import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np

from gan_style.config.model import Config
from gan_style.system.progress import warn
from gan_style.tracking.wandb_server import prepare, safe, why_not_online

FINISH_SECONDS = 60.0
LONGEST_ID = 64  # characters


class Wandb(Config):
    mode: Literal["offline", "online", "disabled"] = "offline"
    project: str = "gan-style"
    entity: str | None = None


def identity(folder: Path, config: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What W&B calls a run and sorts it by, from its config and the `facts` of summary.json."""
    return {
        "group": facts.get("experiment", folder.parent.parent.name),
        "name": f"{folder.parent.name}-seed{facts.get('seed', 0)}",
        "tags": [config["method"]["kind"], facts.get("variant", folder.parent.name)],
        "config": config,
    }


class WandbRun:
    """The W&B run of a run folder: begun by training, taken up again by whatever comes later."""

    def __init__(self, folder: Path, settings: Wandb, **identity: Any) -> None:
        self.wandb: Any = None
        self.left = False  # still sending, and told so
        if settings.mode != "disabled":
            self._quietly(lambda: self._start(folder, settings, identity))

    def _start(self, folder: Path, settings: Wandb, identity: Mapping[str, Any]) -> None:
        online = settings.mode == "online"
        obstacle = why_not_online() if online else prepare()
        import wandb

        place: dict[str, Any] = {"dir": folder, "id": _id(folder), "resume": "allow"}
        start = partial(wandb.init, project=settings.project, entity=settings.entity, **place, **identity)
        if online and not obstacle:
            before = _online_parts(folder)
            try:
                self.wandb = start(mode="online")
            except Exception as problem:
                obstacle = _first_line(problem)
                _forget(_online_parts(folder) - before)
        if not self.wandb:
            if obstacle:
                warn(f"W&B: {obstacle}; logging offline")
            self.wandb = start(mode="offline")
        # W&B's own step restarts when an offline run is resumed.
        self.wandb.define_metric("step")
        self.wandb.define_metric("*", step_metric="step")

    def log(self, step: int, values: Mapping[str, Any]) -> None:
        self._quietly(lambda: self.wandb and self.wandb.log({"step": step, **values}))

    def log_sheet(self, step: int, sheet: np.ndarray, name: str = "sheet") -> None:
        def send() -> None:
            import wandb

            self.wandb.log({"step": step, name: wandb.Image(sheet)})

        if self.wandb:
            self._quietly(send)

    def alert(self, title: str, text: str) -> None:
        self._quietly(lambda: self.wandb and self.wandb.alert(title=title, text=text))

    def log_table(self, step: int, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        def send() -> None:
            import wandb

            table = wandb.Table(columns=list(columns), data=[list(row) for row in rows])
            self.wandb.log({"step": step, name: table})

        if self.wandb:
            self._quietly(send)

    def summarise(self, summary: Mapping[str, Any]) -> None:
        self._quietly(lambda: self.wandb and self.wandb.summary.update(dict(summary)))

    def _quietly(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except Exception as problem:  # whatever W&B raises, the run goes on
            self.wandb = None
            if not self.left:
                warn(f"W&B: {_first_line(problem)}; going on without it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.wandb:
            # In a thread, because a lost network could hold it for long.
            finish = threading.Thread(target=self._finish, args=[int(error is not None)], daemon=True)
            finish.start()
            finish.join(FINISH_SECONDS)
            if finish.is_alive():
                self.left = True
                warn(f"W&B: still sending after {FINISH_SECONDS:.0f} s; leaving it")

    def _finish(self, code: int) -> None:
        self._quietly(lambda: self.wandb.finish(exit_code=code))


def _first_line(problem: Exception) -> str:
    return safe(f"{type(problem).__name__}: {str(problem).partition(chr(10))[0]}")


def _id(folder: Path) -> str:
    """The run's, made up once; whatever comes later takes up the same run."""
    path = folder / "wandb-id"
    known = path.read_text(errors="replace").strip() if path.is_file() else ""
    if not (known.isascii() and known.isalnum() and len(known) <= LONGEST_ID):
        known = secrets.token_hex(4)
        path.write_text(known)
    return known


def _online_parts(folder: Path) -> set[Path]:
    return set(folder.glob("wandb/run-*"))


def _forget(parts: set[Path]) -> None:
    """Begin anew: W&B's service holds on to the ID of a run that did not start, and keeps files of it."""
    import wandb

    with suppress(SystemExit):
        wandb.teardown()
    for part in parts:
        shutil.rmtree(part, ignore_errors=True)
    prepare()
