"""Where a training's numbers go: the metrics file always, Weights & Biases beside it."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from gan_style.tracking.metrics_file import MetricsFile
from gan_style.tracking.wandb_run import Wandb, WandbRun


class Tracker(WandbRun):
    """The metrics file and the W&B run of one training run."""

    def __init__(self, folder: Path, first_step: int, settings: Wandb, **identity: Any) -> None:
        self.metrics = MetricsFile(folder / "metrics.jsonl", first_step)
        super().__init__(folder, settings, **identity)

    def log(self, step: int, values: Mapping[str, Any]) -> None:
        self.metrics.log(step, values)
        super().log(step, values)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.metrics.close()
        super().__exit__(kind, error, trace)
