"""A painter against one discriminator: what all methods with such a pair share."""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from gan_style.engine import Player, Terms
from gan_style.layers import power_iterate
from gan_style.losses.adversarial import Family, adversarial_loss
from gan_style.networks import DiscriminatorChoice
from gan_style.objectives.objective import CRITIC_WEIGHTS, Setting
from gan_style.objectives.optimizers import Adam
from gan_style.objectives.painter import Painter, PainterConfig
from gan_style.objectives.teacher import Taught


class GameConfig(PainterConfig):
    discriminator: DiscriminatorChoice
    adversarial: Family = "lsgan"
    discriminator_optimizer: Adam = Adam()


class Game(Taught):
    def __init__(self, config: Any, setting: Setting) -> None:
        super().__init__(config, setting)
        self.adversarial = adversarial_loss(config.adversarial)
        self.partners: dict[str, keras.Model] = {}  # small networks that learn with the generator
        self.build_networks(setting)
        self.painter = Painter("generator", self.generator, config, setting.steps)
        self.painters = [self.painter]
        learners = [self.generator, *self.partners.values()]
        self.generator_player = config.generator_optimizer.player("generator", learners, self.game_steps)
        self.discriminator_player = config.discriminator_optimizer.player("discriminator", [self.discriminator], self.game_steps)
        self.random = keras.random.SeedGenerator(setting.seed, name="random")

    def build_networks(self, setting: Setting) -> None:
        """Set `generator`, `discriminator` and `partners`; the order decides what first weights a seed gives."""
        self.generator: keras.Model = self.config.generator()
        self.discriminator: keras.Model = self.config.discriminator()

    def move_generator(self, compute_terms: Callable[[], tuple[Terms, Any]]) -> tuple[Terms, Any]:
        """One update of the generator and its partners; the average follows."""
        terms, kept = self.generator_player.minimize(compute_terms, self.weights)
        self.painter.follow(self.generator_player.optimizer.iterations)
        return terms, kept

    def move_discriminator(self, compute_terms: Callable[[], Terms], weights: Mapping[str, float] = CRITIC_WEIGHTS) -> Terms:
        """One update of the discriminator, one power iteration where it is spectrally normalised."""
        power_iterate(self.discriminator)
        return self.discriminator_player.minimize(lambda: (compute_terms(), None), weights)[0]

    def networks(self) -> dict[str, keras.Model]:
        return {"generator": self.generator, **self.partners, "discriminator": self.discriminator}

    def players(self) -> list[Player]:
        return [self.generator_player, self.discriminator_player, *self.lesson_players()]

    def memory(self) -> dict[str, list[Any]]:
        return {"random": [self.random.state]}
