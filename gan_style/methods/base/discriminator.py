"""What adversarial methods share in their YAML; `players` is for one generator and one discriminator."""

from collections.abc import Sequence

import keras

from gan_style.methods.base.choices import DiscriminatorChoice, GanLoss, OptimizerChoice
from gan_style.methods.base.generator import GeneratorConfig
from gan_style.optim.optimizers import Adam
from gan_style.optim.player import Player

# The weight of a discriminator's only term.
DISCRIMINATOR_WEIGHTS = {"adversarial": 1.0}


class AdversarialConfig(GeneratorConfig):
    discriminator: DiscriminatorChoice
    discriminator_optimizer: OptimizerChoice = Adam()
    gan_loss: GanLoss = "lsgan"

    def players(
        self, learners: Sequence[keras.Model], discriminator: keras.Model, steps: int
    ) -> tuple[Player, Player]:
        """The generator's, with the small networks that learn with it, and the discriminator's."""
        main_steps = self.main_steps(steps)
        return (
            self.generator_optimizer.player("generator", learners, main_steps),
            self.discriminator_optimizer.player("discriminator", [discriminator], main_steps),
        )
