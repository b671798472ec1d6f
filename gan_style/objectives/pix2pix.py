"""pix2pix (Isola et al. 2017): a generator that has seen the answer, against a discriminator that sees photo and picture."""

from typing import Any, ClassVar, Literal

import keras
from keras import ops

from gan_style.config import Config
from gan_style.engine import Player, Terms
from gan_style.layers import dropout_seeded, power_iterate
from gan_style.losses.adversarial import Family, adversarial_loss
from gan_style.networks import DiscriminatorChoice
from gan_style.objectives.objective import CRITIC_WEIGHTS, Metrics, PositiveWeight, Request, Setting, Weight
from gan_style.objectives.optimizers import Adam
from gan_style.objectives.painter import Painter, PainterConfig, PainterObjective


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    adversarial: PositiveWeight = 1.0
    likeness: Weight = 100.0


class Pix2PixConfig(PainterConfig):
    kind: Literal["pix2pix"]
    discriminator: DiscriminatorChoice
    weights: Weights = Weights()
    adversarial: Family = "bce"
    discriminator_optimizer: Adam = Adam()
    dropout_when_painting: bool = True  # as published: it is the only source of variety


class Pix2Pix(PainterObjective):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength"})
    pairing: ClassVar[str | None] = "paired"

    def __init__(self, config: Pix2PixConfig, setting: Setting) -> None:
        super().__init__(config, setting)
        self.config = config
        self.weights = config.weights.model_dump()
        self.adversarial = adversarial_loss(config.adversarial)
        self.generator: keras.Model = config.generator()
        self.discriminator: keras.Model = config.discriminator(channels=6)
        self.painter = Painter("generator", self.generator, config, setting.steps)
        self.painters = [self.painter]
        self.generator_player = config.generator_optimizer.player("generator", [self.generator], self.game_steps)
        self.discriminator_player = config.discriminator_optimizer.player("discriminator", [self.discriminator], self.game_steps)

    def step(self, batch: Any) -> Metrics:
        def generator_terms() -> tuple[Terms, Terms]:
            fake = self.generator(batch.source, training=True)
            # The discriminator moves first, on this very fake: with dropout a second one would differ.
            critic = self.improve_discriminator(batch, ops.stop_gradient(fake))
            return self.generator_terms(batch, fake), critic

        painter, critic = self.generator_player.minimize(generator_terms, self.weights)
        self.painter.follow(self.generator_player.optimizer.iterations)
        return {"generator": painter, "discriminator": critic}

    def improve_discriminator(self, batch: Any, fake: Any) -> Terms:
        def terms() -> tuple[Terms, None]:
            real_logits, fake_logits = self.judge(batch.source, batch.target), self.judge(batch.source, fake)
            return {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}, None

        power_iterate(self.discriminator)
        return self.discriminator_player.minimize(terms, CRITIC_WEIGHTS)[0]

    def generator_terms(self, batch: Any, fake: Any) -> Terms:
        terms: Terms = {"adversarial": self.adversarial.generator(self.judge(batch.source, fake))}
        if self.weights["likeness"]:
            terms["likeness"] = ops.mean(ops.abs(fake - batch.target))
        return terms

    def judge(self, source: Any, picture: Any) -> Any:
        return self.discriminator(ops.concatenate([source, picture], axis=-1), training=True)

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        network = self.painter.at(request.strength)
        with dropout_seeded(network, request.seed or 0):
            return network(images, training=self.config.dropout_when_painting)

    def networks(self) -> dict[str, keras.Model]:
        return {"generator": self.generator, "discriminator": self.discriminator}

    def players(self) -> list[Player]:
        return [self.generator_player, self.discriminator_player, *self.lesson_players()]
