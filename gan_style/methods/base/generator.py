"""A generator with its EMA, and the weights between it and the identity, which `--strength` paints with.

Style strength is a matter of weights (Deep Network Interpolation, Wang et al. 2019): at the end of the
training a copy of the finished generator is finetuned to the identity, until it gives the photograph back.
The weights between the two paint fewer and fainter strokes, not the photograph shining through a painting.
"""

from typing import Annotated, ClassVar, Self

import keras
import numpy as np
from pydantic import Field, model_validator

from gan_style.config.model import Config
from gan_style.methods.base.choices import GeneratorChoice, OptimizerChoice
from gan_style.networks.graph import Graph
from gan_style.optim.ema import MovingAverage
from gan_style.optim.optimizers import Adam
from gan_style.optim.player import Player
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

# Quick, because nobody plays against it: after 300 steps photographs come back at 48 dB, at 3e-4 at 42.
FINETUNING = Adam(learning_rate=1e-3)


class GeneratorConfig(Config):
    """What every method says of its generators."""

    takes_noise: ClassVar[bool] = False

    generator: GeneratorChoice
    generator_optimizer: OptimizerChoice = Adam()
    ema_decay: Annotated[
        float, Field(ge=0, lt=1, description="of the generator's moving average, which paints; 0: none")
    ] = 0.0
    identity_warmup: Annotated[
        int, Field(ge=0, description="first steps, in which the generator only learns the identity")
    ] = 0
    identity_finetune: Annotated[
        float, Field(ge=0, lt=1, description="share of the steps, the last, that teach what --strength needs")
    ] = 0.0

    @model_validator(mode="after")
    def noise_is_given(self) -> Self:
        if not self.takes_noise and getattr(self.generator, "noise_channels", None):
            raise ValueError("generator.noise_channels: this method gives its generator none")
        return self

    def finetune_steps(self, steps: int) -> int:
        return round(self.identity_finetune * steps)

    def main_steps(self, steps: int) -> int:
        """The steps between identity warm-up and identity finetuning."""
        return max(1, steps - self.finetune_steps(steps) - self.identity_warmup)


class Generator:
    """A network, its EMA, and a copy of it that is finetuned to the identity."""

    def __init__(
        self, name: str, network: keras.Model, config: GeneratorConfig, steps: int, label: str = ""
    ) -> None:
        self.name, self.network, self.label = name, network, label or name  # the label is for logs
        self.ema = MovingAverage(network, config.ema_decay)
        finetune_steps = config.finetune_steps(steps)
        self.identity = keras.models.clone_model(network) if finetune_steps else None
        self.finetuning: Player | None = None
        if self.identity:
            self.identity.set_weights(network.get_weights())
            self.finetuning = FINETUNING.player(f"{name}_identity", [self.identity], finetune_steps)
        self.warm_up: Player | None = None
        if config.identity_warmup:
            # Adam's memory of the warm-up's tiny gradients would make the next steps far too large.
            optimizer = config.generator_optimizer
            self.warm_up = optimizer.player(f"{name}_warmup", [network], config.identity_warmup)
        self.painter = Graph(self.ema.network)
        self.between: Graph | None = None  # weights on the way from the identity to the EMA
        self.strength: float | None = None  # of what lies between

    def update_ema(self, step: Tensor) -> None:
        """After an update: the average moves on, and identity finetuning would start from there."""
        self.ema.update(step)
        if self.identity:
            for copied, variable in zip(self.identity.weights, self.ema.network.weights, strict=True):
                copied.assign(variable)

    def copies(self) -> dict[str, keras.Model]:
        averages = {f"ema/{self.name}": self.ema.network} if self.ema.decay else {}
        return averages | ({f"identity/{self.name}": self.identity} if self.identity else {})

    def at(self, strength: float | None) -> Graph:
        """The network that paints: the EMA, or weights so far on the way from the identity to it."""
        if strength is None:
            return self.painter
        identity, ema = self.learned_identity(), self.ema.network
        if self.between is None:
            self.between = Graph(keras.models.clone_model(ema))
        if self.strength != strength:
            triples = zip(self.between.function.weights, identity.weights, ema.weights, strict=True)
            for variable, start, end in triples:
                variable.assign(start + strength * (end - start))
            self.strength = strength
        return self.between

    def learned_identity(self) -> keras.Model:
        """The network that gives photographs back, or an error that says why there is none."""
        if self.identity is None:
            raise UserError("strength: this run was not finetuned to the identity (identity_finetune is 0)")
        pairs = zip(self.identity.weights, self.ema.network.weights, strict=True)
        if all(np.array_equal(start, end) for start, end in pairs):
            raise UserError(
                "strength: the identity is learned in the last steps, and this checkpoint lies before them "
                "(or was packed without it, as the included ones are)"
            )
        return self.identity
