"""What one job of a cluster does: its commands one after the other, until it must give way."""

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_style.cluster.children import POLL_SECONDS, Child, stop

# Sent before the time is up; a job that is pre-empted may have SIGTERM first.
GIVE_WAY_SECONDS = 10.0
GIVE_WAY = (signal.SIGUSR2, signal.SIGTERM)


class JobFailed(Exception):
    """Whoever looks at the job's own log reads why."""


@dataclass
class Job:
    """Commands by the name of what they do, each of which goes on where it was stopped."""

    name: str
    stages: list[tuple[str, list[str]]]
    log: Path
    finished: Path  # the file that is written when all is done
    child: Child | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "child": None}

    def __call__(self) -> None:
        os.environ["WANDB_MODE"] = "offline"  # compute nodes see no server; the login node uploads
        for what, command in self.stages:
            self.child = Child(command, self.log)
            while (end := self.child.poll()) is None:
                time.sleep(POLL_SECONDS)
            if end.code in [128 + number for number in GIVE_WAY]:
                time.sleep(GIVE_WAY_SECONDS)  # this process has the signal too, and is about to be ended
            if end.code:
                raise JobFailed(f"{self.name}: {what} failed (exit code {end.code})\n{end.last_words}")

    def checkpoint(self) -> Any:
        """Called where the time is up: the training saves itself, and the job is queued again as it was."""
        from submitit.helpers import DelayedSubmission

        if self.child:
            stop([self.child])
        return DelayedSubmission(self)
