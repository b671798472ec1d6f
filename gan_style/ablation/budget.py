"""How long every variant is trained: its own steps, equally many, or for an equally long time.

Equal time is timed once and frozen as steps in a file beside the results, so that a table that was killed,
or is continued on another day or machine, stays the same table.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gan_style.evaluation.budget import Budget, Frozen, Timed, read, time_label
from gan_style.system import disk
from gan_style.system.hardware import processor
from gan_style.system.progress import say, warn

BUSY = 0.5  # processes that wanted a core, on average over the last minute

# A variant's milliseconds a step and its threads, where it runs at all.
Timer = Callable[[str], tuple[float, int] | None]


def equal_steps(steps: int, variants: Sequence[str]) -> Budget:
    return Budget(f"{steps} steps", dict.fromkeys(variants, steps))


def budget_file(results: Path, minutes: float) -> Path:
    return results / f"budget-{minutes:g}min.json"


def freeze(path: Path, minutes: float, recipes: Mapping[str, str], timer: Timer) -> Budget:
    """Time the variants that the file does not know, or knows by another recipe, and write each down."""
    frozen = read(path, minutes)
    known = frozen.known(recipes)
    tell_what_is_known(path, frozen, len(known), len(recipes))
    for variant, recipe in recipes.items():
        if variant not in known and (measured := timer(variant)):
            ms_per_step, threads = measured
            elsewhere = processor() if processor() != frozen.hardware else None
            steps = max(1, round(minutes * 60_000 / ms_per_step))
            timed = Timed(ms_per_step=ms_per_step, steps=steps, recipe=recipe, hardware=elsewhere)
            changed = {"threads": frozen.threads or threads, "variants": {**frozen.variants, variant: timed}}
            frozen = frozen.model_copy(update=changed)
            _write(path, frozen)
            pace = f"{ms_per_step:.1f} ms a step with {threads} threads"
            say(f"timed {variant}: {pace}, {timed.steps:,} steps in {time_label(minutes)}")
    return frozen.budget(recipes)


def tell_what_is_known(path: Path, frozen: Frozen, known: int, count: int) -> None:
    if known:
        reused = f"{path} is reused for {known} of {count} variants"
        say(f"budget of {time_label(frozen.minutes)}: {reused}, timed on {frozen.hardware}")
        if frozen.hardware != processor() and known < count:
            unequal = "equal time on different machines is not quite equal"
            warn(f"the others are timed here, on {processor()}: {unequal}")
    if known < count and (load := os.getloadavg()[0]) > BUSY:
        fewer = "what is timed now will be given fewer steps than it deserves"
        warn(f"this machine is busy (load {load:.1f}); {fewer}")


def _write(path: Path, frozen: Frozen) -> None:
    disk.write(path, json.dumps(frozen.model_dump(mode="json"), indent=1) + "\n")
