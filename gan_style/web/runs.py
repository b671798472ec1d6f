"""The runs as the page shows them: status, losses, sheets, alarms."""

import math
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from gan_style.experiment.runs import Run, all_runs
from gan_style.system.errors import UserError
from gan_style.tracking.metrics_file import read_metrics

SHEET = re.compile(r"step-(\d{8})\.png")
METRICS = "metrics.jsonl"
END = 20_000  # bytes of it, which hold the last lines
MOST = 200  # runs
POINTS = 400  # of a curve; the means of neighbours where there are more
LATEST = ("experiment", "variant", "seed", "step", "steps", "seconds", "images_per_second", "precision")
LEFT_OUT = "learning_rate/"


class Runs:
    """By name, and only as they are found below the root: a name is never made into a path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def all(self) -> dict[str, Run]:
        return dict(list(named_runs(self.root).items())[:MOST])

    def told(self) -> list[dict[str, Any]]:
        return [self.of(name, run) for name, run in self.all().items()]

    def of(self, name: str, run: Run) -> dict[str, Any]:
        summary = run.summary()
        facts = {key: summary[key] for key in LATEST if is_plain(summary.get(key))}
        alarms = [
            {key: alarm[key] for key in ("name", "step", "seen", "advice") if is_plain(alarm.get(key))}
            for alarm in summary.get("alarms", [])
        ]
        # The summary is written now and then, the log often.
        going = max(facts.get("step", 0), last_step(run))
        return {
            "name": name,
            "status": run.status(),
            **facts,
            "step": going,
            "age": round(run.age()),
            "alarms": alarms,
            "sheets": sorted(sheets(run)),
        }


def named_runs(root: Path) -> dict[str, Run]:
    """Every run, newest first; those whose names are no text cannot be told of."""
    found = {run.folder.relative_to(root).as_posix(): run for run in all_runs(root)}
    return {name: run for name, run in found.items() if name.encode(errors="ignore").decode() == name}


def is_plain(value: Any) -> bool:
    """What JSON can say."""
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def sheets(run: Run) -> dict[int, Path]:
    """By step; none through a link."""
    try:
        run.check_links()
    except UserError:
        return {}
    found = {}
    for path in run.samples.glob("step-*.png"):
        if (named := SHEET.fullmatch(path.name)) and path.is_file() and not path.is_symlink():
            found[int(named[1])] = path
    return found


def last_step(run: Run) -> int:
    """Of the log; it is asked for often, and only the end of it is read."""
    steps = [0]
    with suppress(OSError):
        steps += (int(line["step"]) for line in read_metrics(run.folder / METRICS, last=END))
    return steps[-1]


def curves(run: Run) -> dict[str, Any]:
    """`terms`: by name the steps and values that were logged; `last`: the last step."""
    path = run.folder / METRICS
    try:
        about = path.stat()
    except OSError:
        return {"terms": {}, "last": None}
    return _curves(path, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=32)
def _curves(path: Path, size: int, written: int) -> dict[str, Any]:
    terms: dict[str, tuple[list[float], list[float]]] = {}
    last = None
    for line in read_metrics(path):
        last = int(line["step"])
        for name, value in line.items():
            if name != "step" and not name.startswith(LEFT_OUT) and math.isfinite(value):
                steps, values = terms.setdefault(name, ([], []))
                steps.append(line["step"])
                values.append(value)
    return {"terms": {name: thinned(*term) for name, term in terms.items()}, "last": last}


def thinned(steps: list[float], values: list[float]) -> dict[str, list[float]]:
    """At most so many points, each the mean of its neighbours."""
    width = math.ceil(len(steps) / POINTS)
    starts = range(0, len(steps), width)

    def means(numbers: list[float]) -> list[float]:
        parts = (numbers[start : start + width] for start in starts)
        return [float(f"{sum(part) / len(part):.6g}") for part in parts]

    return {"steps": means(steps), "values": means(values)}
