"""The training run as its user sees it: a live bar on a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from gan_style.system.progress import PLAIN_LINE_SECONDS, say
from gan_style.tracking.metrics_file import short_name

NOT_SHOWN = ("total", "gradient_norm")


class TrainingBar:
    """Step, losses, images a second and the time left."""

    def __init__(self, steps: int, first_step: int) -> None:
        self.steps, self.first_step = steps, first_step
        self.started = self.said = time.monotonic()
        self.bar: Progress | None = None
        if Console().is_terminal:
            steps_done = ("step", MofNCompleteColumn(), BarColumn(), "{task.fields[losses]}")
            self.bar = Progress(*steps_done, TimeElapsedColumn(), "left", TimeRemainingColumn())
            self.task = self.bar.add_task("training", total=steps, completed=first_step, losses="compiling")

    def update(self, step: int, metrics: Mapping[str, float], speed: float) -> None:
        shown = {name: value for name, value in metrics.items() if name.split("/")[-1] not in NOT_SHOWN}
        losses = "  ".join(f"{short_name(name)} {value:.3f}" for name, value in shown.items())
        losses += f"  {speed:.0f} images/s"
        if self.bar is not None:
            self.bar.update(self.task, completed=step, losses=losses)
            return
        now = time.monotonic()
        if step == self.first_step + 1 or step == self.steps or now - self.said > PLAIN_LINE_SECONDS:
            self.said = now
            left = (now - self.started) / (step - self.first_step) * (self.steps - step)
            say(f"step {step:,}/{self.steps:,}  {losses}  {_minutes(left)} left")

    def __enter__(self) -> Self:
        if self.bar is not None:
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.stop()


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
