"""Generators with all that painting needs, and the three parts of their training: warm-up, the game, the way back.

Style strength, `--strength`, is a matter of weights (Deep Network Interpolation, Wang et al. 2019): at the end
of the training a copy of the finished painter unlearns its style until it gives the photograph back. The
weights between the two belong to painters in between: fewer and fainter strokes, not the photograph shining
through a finished painting.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Self

import keras
import numpy as np
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import MovingAverage, Player, Terms
from gan_style.errors import UserError
from gan_style.networks import GeneratorChoice
from gan_style.objectives.objective import Metrics, Objective, Request, Setting, Step
from gan_style.objectives.optimizers import Adam

# Quick, because nobody plays against it: after 300 steps photographs come back at 48 dB, at 3e-4 at 42.
UNLEARNING = Adam(learning_rate=1e-3)


class PainterConfig(Config):
    """What every method says of its generators."""

    takes_noise: ClassVar[bool] = False

    generator: GeneratorChoice
    generator_optimizer: Adam = Adam()
    average: Annotated[float, Field(ge=0, lt=1, description="decay of the generator's moving average, which paints; 0: none")] = 0.0
    warm_up: Annotated[int, Field(ge=0, description="first steps, in which the generator only learns to give the photo back")] = 0
    way_back: Annotated[float, Field(ge=0, lt=1, description="share of the steps, the last ones, that teach what --strength needs")] = 0.0

    @model_validator(mode="after")
    def noise_is_given(self) -> Self:
        if not self.takes_noise and getattr(self.generator, "noise", None):
            raise ValueError("generator.noise: this method gives its generator none")
        return self


class Painter:
    """A generator, its average, and the copy of it that learns the way back to the photograph."""

    def __init__(self, name: str, network: keras.Model, config: PainterConfig, steps: int) -> None:
        self.name, self.network = name, network
        self.average = MovingAverage(network, config.average)
        way_back = round(config.way_back * steps)
        self.origin = keras.models.clone_model(network) if way_back else None
        if self.origin:
            self.origin.set_weights(network.get_weights())
        self.players = [UNLEARNING.player(f"{name}_way_back", [self.origin], way_back)] if self.origin else []
        self.between: tuple[float, keras.Model] | None = None
        if config.warm_up:
            # Adam's memory of the warm-up's tiny gradients would make the first steps of the game far too large.
            self.players.append(config.generator_optimizer.player(f"{name}_warm_up", [network], config.warm_up))

    def follow(self, iterations: Any) -> None:
        """After a step of the game: the average moves on, and the way back would start from there."""
        self.average.update(iterations)
        if self.origin:
            for kept, variable in zip(self.origin.weights, self.average.network.weights, strict=True):
                kept.assign(variable)

    def copies(self) -> dict[str, keras.Model]:
        averages = {f"averages/{self.name}": self.average.network} if self.average.decay else {}
        return averages | ({f"origins/{self.name}": self.origin} if self.origin else {})

    def at(self, strength: float | None) -> keras.Model:
        """The network that paints; with a strength, the one whose weights lie so far on the way from the photograph to it."""
        if strength is None:
            return self.average.network
        if self.between is None or self.between[0] != strength:
            network = keras.models.clone_model(self.average.network)
            for variable, start, end in zip(network.weights, self.learned_origin().weights, self.average.network.weights, strict=True):
                variable.assign(start + strength * (end - start))
            self.between = strength, network
        return self.between[1]

    def learned_origin(self) -> keras.Model:
        """The network that gives photographs back, or an error that says why there is none."""
        if self.origin is None:
            raise UserError("strength: this run did not learn the way back to the photograph (objective.way_back is 0)")
        pairs = zip(self.origin.weights, self.average.network.weights, strict=True)
        if all(np.array_equal(start, end) for start, end in pairs):
            raise UserError("strength: the way back to the photograph is learned in the last steps, and this checkpoint lies before them")
        return self.origin


class PainterObjective(Objective):
    """A method that trains painters. `step` is its game; before and after it they learn to give pictures back."""

    painters: Sequence[Painter]  # of photographs, and, where there is a second one, of target pictures

    def __init__(self, config: PainterConfig, setting: Setting) -> None:
        self.warm_up_steps = config.warm_up
        self.last_game_step = setting.steps - round(config.way_back * setting.steps)
        self.game_steps = max(1, self.last_game_step - config.warm_up)

    def step_at(self, step: int) -> Step:
        if step < self.warm_up_steps:
            return self.warm_up_step
        return self.step if step < self.last_game_step else self.way_back_step

    @abstractmethod
    def step(self, batch: Any) -> Metrics:
        """One step of the game."""

    def warm_up_step(self, batch: Any) -> Metrics:
        metrics = {}
        for painter, pictures in zip(self.painters, (batch.source, batch.target), strict=False):
            metrics[painter.name] = self.learn_to_give_back(painter.players[-1], painter.network, pictures)
            painter.follow(0)
        return metrics

    def way_back_step(self, batch: Any) -> Metrics:
        metrics = {}
        for painter, pictures in zip(self.painters, (batch.source, batch.target), strict=False):
            metrics[painter.name] = self.learn_to_give_back(painter.players[0], painter.origin, pictures)
        return metrics

    def learn_to_give_back(self, player: Player, network: Any, pictures: Any) -> Terms:
        def terms() -> tuple[Terms, None]:
            return {"reconstruction": ops.mean(ops.abs(self.run(network, pictures) - pictures))}, None

        return player.minimize(terms, {"reconstruction": 1.0})[0]

    def run(self, network: keras.Model, pictures: Any) -> Any:
        """The pictures through a generator, with whatever else it takes."""
        return network(pictures, training=True)

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        if request.strength is not None:
            for painter in self.painters:
                painter.learned_origin()

    def copies(self) -> dict[str, keras.Model]:
        return {name: copy for painter in self.painters for name, copy in painter.copies().items()}

    def lesson_players(self) -> list[Player]:
        return [player for painter in self.painters for player in painter.players]


def with_noise(pictures: Any, channels: int, random: keras.random.SeedGenerator) -> Any:
    """Fresh noise beside the picture, for a network that takes any."""
    if not channels:
        return pictures
    noise = keras.random.normal((*ops.shape(pictures)[:3], channels), seed=random)
    return ops.concatenate([pictures, noise], axis=-1)
