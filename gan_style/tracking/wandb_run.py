"""The Weights & Biases run of a run folder. Logging never stops a run."""

import netrc
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import numpy as np

from gan_style.config.model import Config
from gan_style.system.progress import warn

CONNECT_SECONDS = 3.0
INIT_SECONDS = 20.0
FINISH_SECONDS = 60.0


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
        if settings.mode != "disabled":
            self._quietly(lambda: self._start(folder, settings, identity))

    def _start(self, folder: Path, settings: Wandb, identity: Mapping[str, Any]) -> None:
        import wandb

        mode: Literal["online", "offline"] = "online" if settings.mode == "online" else "offline"
        if mode == "online" and (obstacle := why_not_online()):
            warn(f"W&B: {obstacle}; logging offline")
            mode = "offline"
        id_file = folder / "wandb-id"
        if not id_file.exists():
            id_file.write_text(secrets.token_hex(4))
        quiet = wandb.Settings(
            silent=True, console="off", init_timeout=INIT_SECONDS, save_code=False, x_disable_stats=True
        )
        fixed: dict[str, Any] = {"project": settings.project, "entity": settings.entity}
        fixed |= {"id": id_file.read_text().strip(), "resume": "allow"}

        def start(mode: Literal["online", "offline"]) -> Any:
            return wandb.init(mode=mode, dir=folder, settings=quiet, **fixed, **identity)

        try:
            self.wandb = start(mode)
        except Exception as problem:
            if mode == "offline":
                raise
            warn(f"W&B: {_first_line(problem)}; logging offline")
            self.wandb = start("offline")
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
            warn(f"W&B: {_first_line(problem)}; going on without it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.wandb:
            # In a thread, because a lost network could hold it for long.
            code = int(error is not None)
            quietly = partial(self._quietly, lambda: self.wandb.finish(exit_code=code))
            finish = threading.Thread(target=quietly, daemon=True)
            finish.start()
            finish.join(FINISH_SECONDS)
            if finish.is_alive():
                warn(f"W&B: still sending after {FINISH_SECONDS:.0f} s; leaving it")


def _first_line(problem: Exception) -> str:
    return f"{type(problem).__name__}: {str(problem).partition(chr(10))[0]}"


def why_not_online() -> str:
    """What stands between this machine and the W&B server, or nothing: W&B itself would wait long."""
    address = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai"))
    host, port = address.hostname or "", address.port or (80 if address.scheme == "http" else 443)
    if not os.environ.get("WANDB_API_KEY") and not _netrc_knows(host):
        return "no API key (run 'wandb login' or set WANDB_API_KEY)"
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except OSError as problem:
        return f"{host} cannot be reached ({problem})"
    return ""


def _netrc_knows(host: str) -> bool:
    try:
        return netrc.netrc(os.environ.get("NETRC")).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False
