"""What may be said when a painting is asked for."""

from typing import Annotated, Literal

from pydantic import Field

from gan_style.config.model import Config

FULL = 1_000_000  # pixels: no picture is longer
Id = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=500)]


class Order(Config):
    """What is left out is as `gan-style sample` has it without the option."""

    photograph: Id
    painter: Text
    style: Text | None = None
    style_image: Id | None = None
    strength: Annotated[float, Field(ge=0, le=1)] | None = None
    size: Annotated[int, Field(ge=16, le=FULL)] | Literal["full"] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None

    def pixels(self, usual: int | None) -> int | None:
        """The working size; none while it is not known, and the recipe decides when it is painted."""
        return FULL if self.size == "full" else self.size or usual
