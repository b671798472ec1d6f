"""How long every variant is trained: its own steps, equally many steps, or for an equally long time.

Equal time is timed once and frozen as steps in a file beside the results, so that a table that was killed,
or is continued on another day or machine, stays the same table.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from gan_style.config.model import Config
from gan_style.system.errors import UserError
from gan_style.system.hardware import processor
from gan_style.system.progress import say, warn

FULL = "full"  # the label where every recipe keeps its own steps
BUSY = 0.5  # processes that wanted a core, on average over the last minute


@dataclass(frozen=True)
class Budget:
    """Steps of each variant that does not keep its recipe's own, and milliseconds of a step where they are known."""

    label: str
    steps: dict[str, int] = field(default_factory=dict)
    ms_per_step: dict[str, float] = field(default_factory=dict)

    def overrides(self, variant: str) -> tuple[str, ...]:
        return (f"train.steps={self.steps[variant]}",) if variant in self.steps else ()


class Timed(Config):
    """A variant's step, and how many of them fill the time."""

    ms_per_step: float = Field(gt=0)
    steps: int = Field(ge=1)
    recipe: str | None = None  # hash of what was timed; files from before it was noted are believed
    hardware: str | None = Field(
        default=None, exclude_if=lambda value: value is None
    )  # where it is not the others'


class Frozen(Config):
    """The file: budget-5min.json."""

    minutes: float
    hardware: str
    threads: int
    variants: dict[str, Timed]

    def known(self, recipes: Mapping[str, str]) -> dict[str, Timed]:
        """Those that were timed with the recipe, named by its hash, that they have now."""
        found = {variant: self.variants[variant] for variant in recipes if variant in self.variants}
        return {
            variant: timed for variant, timed in found.items() if timed.recipe in (None, recipes[variant])
        }

    def budget(self, recipes: Mapping[str, str]) -> Budget:
        known = self.known(recipes)
        return Budget(
            time_label(self.minutes),
            {variant: timed.steps for variant, timed in known.items()},
            {variant: timed.ms_per_step for variant, timed in known.items()},
        )


Timer = Callable[
    [str], tuple[float, int] | None
]  # a variant's milliseconds a step and its threads, where it runs at all


def equal_steps(steps: int, variants: Sequence[str]) -> Budget:
    return Budget(f"{steps} steps", dict.fromkeys(variants, steps))


def time_label(minutes: float) -> str:
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"


def budget_file(results: Path, minutes: float) -> Path:
    return results / f"budget-{minutes:g}min.json"


def read(path: Path, minutes: float) -> Frozen:
    """What is frozen already; where there is no file, nothing is."""
    if not path.exists():
        return Frozen(minutes=minutes, hardware=processor(), threads=0, variants={})
    try:
        return Frozen.model_validate_json(path.read_text())
    except ValueError as problem:
        raise UserError(
            f"{path}: this is no budget: {problem}; without the file the variants are timed anew"
        ) from None


def freeze(path: Path, minutes: float, recipes: Mapping[str, str], timer: Timer) -> Budget:
    """Time the variants that the file does not know, or knows by another recipe; each is written down before the next."""
    frozen = read(path, minutes)
    known = frozen.known(recipes)
    if known:
        say(
            f"budget of {time_label(minutes)}: {path} is reused for {len(known)} of {len(recipes)} variants, timed on {frozen.hardware}"
        )
        if frozen.hardware != processor() and len(known) < len(recipes):
            warn(
                f"the others are timed here, on {processor()}: equal time on different machines is not quite equal"
            )
    if len(known) < len(recipes) and (load := os.getloadavg()[0]) > BUSY:
        warn(
            f"this machine is busy (load {load:.1f}); what is timed now will be given fewer steps than it deserves"
        )
    for variant, recipe in recipes.items():
        if variant not in known and (measured := timer(variant)):
            ms_per_step, threads = measured
            elsewhere = processor() if processor() != frozen.hardware else None
            steps = max(1, round(minutes * 60_000 / ms_per_step))
            timed = Timed(ms_per_step=ms_per_step, steps=steps, recipe=recipe, hardware=elsewhere)
            frozen = frozen.model_copy(
                update={"threads": frozen.threads or threads, "variants": {**frozen.variants, variant: timed}}
            )
            _write(path, frozen)
            say(
                f"timed {variant}: {ms_per_step:.1f} ms a step with {threads} threads, {timed.steps:,} steps in {time_label(minutes)}"
            )
    return frozen.budget(recipes)


def _write(path: Path, frozen: Frozen) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(frozen.model_dump(mode="json"), indent=1) + "\n")
    partial.replace(path)
