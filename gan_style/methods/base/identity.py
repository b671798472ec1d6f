"""The first and the last steps of a training, in which generators only learn to return their input."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from gan_style.methods.base.generator import Generator, GeneratorConfig
from gan_style.optim.player import Player, Terms
from gan_style.system.tensor import Tensor

Forward = Callable[[keras.Model, Tensor], Tensor]


class IdentityPhases:
    """Identity warm-up before a method's own steps, and identity finetuning after them.

    `generators`: of photographs and, where there is a second one, of target pictures. `forward` runs a
    network as the method does, with whatever it takes beside the pictures.
    """

    def __init__(
        self, config: GeneratorConfig, steps: int, generators: Sequence[Generator], forward: Forward
    ) -> None:
        self.warmup_steps = config.identity_warmup
        self.last_main_step = steps - config.finetune_steps(steps)
        self.generators, self.forward = generators, forward

    @property
    def players(self) -> list[Player]:
        both = [player for one in self.generators for player in (one.finetuning, one.warm_up)]
        return [player for player in both if player]

    def copies(self) -> dict[str, keras.Model]:
        return {name: copy for generator in self.generators for name, copy in generator.copies().items()}

    def step_at(self, step: int, main: Callable[[Any], Any]) -> Callable[[Any], Any]:
        if step < self.warmup_steps:
            return self.identity_warmup
        return main if step < self.last_main_step else self.identity_finetune

    def phases(self, steps: int) -> dict[str, int]:
        warmup = min(self.warmup_steps, steps)
        main = max(0, self.last_main_step - warmup)
        return {"identity_warmup": warmup, "step": main, "identity_finetune": steps - warmup - main}

    def identity_warmup(self, batch: Any) -> Mapping[str, Terms]:
        metrics = {}
        for generator, images in self.pairs(batch):
            metrics[generator.label] = self.minimize(generator.warm_up, generator.network, images)
            generator.update_ema(0)
        return metrics

    def identity_finetune(self, batch: Any) -> Mapping[str, Terms]:
        return {
            generator.label: self.minimize(generator.finetuning, generator.identity, images)
            for generator, images in self.pairs(batch)
        }

    def pairs(self, batch: Any) -> Iterable[tuple[Generator, Tensor]]:
        return zip(self.generators, (batch.source, batch.target), strict=False)

    def minimize(self, player: Any, network: Any, images: Tensor) -> Terms:
        def terms() -> Terms:
            return {"reconstruction": ops.mean(ops.abs(self.forward(network, images) - images))}

        return player.minimize(terms, {"reconstruction": 1.0})

    def check_learned(self) -> None:
        """Raise where `--strength` has nothing to paint with."""
        for generator in self.generators:
            generator.learned_identity()


def in_training(network: keras.Model, images: Tensor) -> Tensor:
    """The forward pass of a network that takes nothing but pictures."""
    return network(images, training=True)
