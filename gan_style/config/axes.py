"""What a sweep varies a key over: a list of values, or numbers between two ends."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from gan_style.config.model import Config

MOST_TRIALS = 1_000  # every one is a recipe to read, and hours of training
FARTHEST = 10**18


class Range(Config):
    """Numbers between two ends, both included; whole numbers where both ends are written as such."""

    low: Annotated[int | float, Field(alias="from", ge=-FARTHEST, le=FARTHEST)]
    high: Annotated[int | float, Field(alias="to", ge=-FARTHEST, le=FARTHEST)]
    scale: Literal["linear", "log"] = "linear"
    count: Annotated[int | None, Field(ge=2, le=MOST_TRIALS, description="how many, for a grid")] = None

    @model_validator(mode="after")
    def ends_are_in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"from {self.low} to {self.high}: the second end must be the larger one")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"from {self.low}: a logarithmic range begins above 0")
        if self.count and len(set(self.values(self.count))) < self.count:
            raise ValueError(
                f"{self.count} whole numbers do not fit from {self.low} to {self.high}; "
                f"write {self.low}.0 for fractions"
            )
        return self

    def is_whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    def at(self, share: float) -> int | float:
        """The number at a share of the way, rounded to three digits so that its name tells all of it."""
        if self.scale == "log":
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        return round(value) if self.is_whole() else float(f"{value:.3g}")

    def values(self, count: int) -> list[Any]:
        return [self.at(index / (count - 1)) for index in range(count)]


def _form(value: Any) -> str:
    return "range" if isinstance(value, dict) else "list"


Axis = Annotated[
    Annotated[Range, Tag("range")] | Annotated[tuple[Any, ...], Field(min_length=1), Tag("list")],
    Discriminator(_form),
]


def drawn(axis: Axis, share: float) -> Any:
    return axis.at(share) if isinstance(axis, Range) else axis[int(share * len(axis))]
