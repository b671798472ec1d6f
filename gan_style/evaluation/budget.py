"""What was made equal between variants: their own steps, equally many, or an equally long time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from gan_style.config.model import Config, first_complaint
from gan_style.system import disk
from gan_style.system.errors import UserError
from gan_style.system.hardware import processor

FULL = "full"  # the label where every recipe keeps its own steps


@dataclass(frozen=True)
class Budget:
    """Steps of each variant that does not keep its recipe's own, and milliseconds a step where known."""

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
    # Where it is not the others'.
    hardware: str | None = Field(default=None, exclude_if=lambda value: value is None)


class Frozen(Config):
    """The file: budget-5min.json."""

    minutes: float
    hardware: str
    threads: int
    variants: dict[str, Timed]

    def known(self, recipes: Mapping[str, str]) -> dict[str, Timed]:
        """Those that were timed with the recipe, named by its hash, that they have now."""
        found = [(variant, self.variants[variant]) for variant in recipes if variant in self.variants]
        return {variant: timed for variant, timed in found if timed.recipe in (None, recipes[variant])}

    def budget(self, recipes: Mapping[str, str]) -> Budget:
        known = self.known(recipes).items()
        steps = {variant: timed.steps for variant, timed in known}
        pace = {variant: timed.ms_per_step for variant, timed in known}
        return Budget(time_label(self.minutes), steps, pace)


def time_label(minutes: float) -> str:
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"


def read(path: Path, minutes: float) -> Frozen:
    """What is frozen already; where there is no file, nothing is."""
    if not path.exists():
        return Frozen(minutes=minutes, hardware=processor(), threads=0, variants={})
    try:
        return Frozen.model_validate_json(disk.read_small(path))
    except (OSError, ValueError) as problem:
        advice = "without the file the variants are timed anew"
        raise UserError(f"{path}: this is no budget: {first_complaint(problem)}; {advice}") from None
