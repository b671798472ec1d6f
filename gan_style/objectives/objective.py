"""What the loop, the checkpoints and sampling know of a method."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar

import keras
import numpy as np
from pydantic import Field

from gan_style.engine import Player
from gan_style.errors import UserError
from gan_style.features import FeatureBank

Weight = Annotated[float, Field(ge=0)]
PositiveWeight = Annotated[float, Field(gt=0)]
# What a discriminator's own loss counts: its optimizer does not care.
CRITIC_WEIGHTS = {"adversarial": 1.0}

Metrics = dict[str, Any]
Step = Callable[[Any], Metrics]
StyleImage = tuple[np.ndarray, float]  # (H, W, 3) in [-1, 1], and how much it counts


@dataclass(frozen=True)
class Request:
    """How a picture is to be translated; an objective understands some of it and refuses the rest."""

    direction: str | None = None
    styles: Mapping[str, float] | None = None
    style_images: tuple[StyleImage, ...] | None = None
    attention: bool | None = None  # the learned map decides where which style goes
    masks: Mapping[str, np.ndarray] | None = None  # (H, W) in 0..1, of each style, or of a style image by its number, from '1'
    strength: float | None = None
    keep_colour: bool | None = None  # of the photograph, whatever the style's
    seed: int | None = None


@dataclass(frozen=True)
class Subject:
    """The one picture that a method works on, and the pictures whose style it is to have, (H, W, 3) in [-1, 1]."""

    content: np.ndarray
    styles: Mapping[str, np.ndarray] = field(default_factory=dict)
    style_masks: Mapping[str, np.ndarray] = field(default_factory=dict)  # (H, W) in 0..1: what of a style picture counts
    blend: Mapping[str, float] = field(default_factory=dict)  # how much each style counts; none named: all alike
    masks: Mapping[str, np.ndarray] = field(default_factory=dict)  # (H, W) in 0..1: where the content is to have which style


@dataclass(frozen=True)
class Setting:
    """What a method has to know of its run."""

    crop: int  # pixels
    batch: int
    steps: int
    seed: int
    styles: tuple[str, ...] = ()  # by name, where there are several
    subject: Subject | None = None  # where there is only one picture


class Objective(ABC):
    """A method: its networks and players, the order in which they are updated, and how it translates.

    Everything that shapes training lives in variables that `networks`, `copies`, `players` and `memory`
    name, so that a checkpoint is complete.
    """

    understands: ClassVar[frozenset[str]] = frozenset()
    directions: ClassVar[tuple[str, ...]] = ()
    pairing: ClassVar[str | None] = None  # how sources and targets must belong together, where that matters
    needs_styles: ClassVar[bool | None] = False  # several, by name; None: one or several
    needs_style_images: ClassVar[bool] = False  # to paint at all
    one_picture: ClassVar[bool] = False  # is worked on, instead of a network that learns from many
    gives_back: ClassVar[bool] = False  # the photograph, as features remember it: there is no style to reach
    styles: tuple[str, ...] = ()  # that a request may name

    @abstractmethod
    def step_at(self, step: int) -> Step:
        """The update for this step: a function of the batch. The same function object as long as the update is the same."""

    @abstractmethod
    def networks(self) -> dict[str, keras.Model]:
        """Trained networks by name."""

    @abstractmethod
    def players(self) -> list[Player]:
        """Everybody who is updated."""

    def copies(self) -> dict[str, keras.Model]:
        """Networks that follow a trained one and that sampling needs, as `averages/generator`."""
        return {}

    def memory(self) -> dict[str, list[Any]]:
        """All other variables: pools, random generators."""
        return {}

    def prepare(self) -> None:  # noqa: B027 (most methods need nothing)
        """Build what training alone needs, so that a mistake in it shows before the first step."""

    def trained_with(self) -> Sequence[FeatureBank]:
        """Frozen features that this recipe's losses look through: they must not judge it."""
        return ()

    def training_state(self) -> dict[str, list[Any]]:
        return {f"{player.name}_optimizer": player.optimizer.variables for player in self.players()} | self.memory()

    def learning_rates(self) -> dict[str, float]:
        """`learning_rate/PLAYER` at this moment, for the log."""
        return {f"learning_rate/{player.name}": player.learning_rate() for player in self.players()}

    def findings(self) -> dict[str, Any]:
        """What the run's summary is to say of choices that the method made by itself."""
        return {}

    def is_own(self, picture: Any) -> bool:
        """Whether this picture (H, W, 3) is the one that the run works on: as it is, it is done already."""
        return False

    @abstractmethod
    def translate(self, images: Any, request: Request) -> Any:
        """Photographs (N, H, W, 3) in [-1, 1] to pictures of the same size."""

    def check_request(self, request: Request) -> None:
        for asked in fields(request):
            if getattr(request, asked.name) is not None and asked.name not in self.understands:
                known = ", ".join(sorted(self.understands)) or "nothing but the picture"
                raise UserError(f"this method does not understand '{asked.name}'; it understands: {known}")
        if request.direction is not None and request.direction not in self.directions:
            raise UserError(f"direction '{request.direction}': known here: {', '.join(self.directions)}")
