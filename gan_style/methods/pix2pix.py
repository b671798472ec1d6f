"""pix2pix (Isola et al. 2017): paired pictures, and a discriminator that sees photograph and painting."""

from typing import ClassVar, Literal

import keras
from keras import ops

from gan_style.data.batches import Batch
from gan_style.data.kind import DataKind
from gan_style.losses.adversarial import ADVERSARIAL
from gan_style.methods.base.choices import GanLoss
from gan_style.methods.base.discriminator import DISCRIMINATOR_WEIGHTS, AdversarialConfig
from gan_style.methods.base.generator import Generator
from gan_style.methods.base.identity import IdentityPhases, in_training
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, TermWeights, Weight
from gan_style.methods.base.request import Request
from gan_style.networks.layers.dropout import dropout_seeded
from gan_style.networks.layers.spectral import power_iterate
from gan_style.optim.player import Terms
from gan_style.system.tensor import Tensor


class Weights(TermWeights):
    adversarial: PositiveWeight = 1.0
    l1: Weight = 100.0


class Pix2PixConfig(AdversarialConfig):
    kind: Literal["pix2pix"]
    weights: Weights = Weights()
    gan_loss: GanLoss = "bce"
    dropout_when_painting: bool = True  # as published: it is the only source of variety


class Pix2Pix(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength"})

    def __init__(self, config: Pix2PixConfig, setting: Setting) -> None:
        self.config, self.weights = config, config.weights.model_dump()
        self.adversarial = ADVERSARIAL[config.gan_loss]
        network: keras.Model = config.generator()
        self.discriminator: keras.Model = config.discriminator(channels=6)
        self.generator = Generator("generator", network, config, setting.steps)
        players = config.players([network], self.discriminator, setting.steps)
        self.generator_player, self.discriminator_player = players
        super().__init__(
            setting,
            networks={"generator": network, "discriminator": self.discriminator},
            players=players,
            identity=IdentityPhases(config, setting.steps, [self.generator], in_training),
        )

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        super().accepts(data)
        if data.pairing != "paired":
            raise ValueError(f"data.pairing: 'pix2pix' learns from paired pictures, these are {data.pairing}")

    def step(self, batch: Batch) -> Metrics:
        # Recorded once: with dropout, a second fake would be another one.
        with self.generator_player.record() as tape:
            fake = self.generator.network(batch.source, training=True)

        power_iterate(self.discriminator)
        discriminator = self.discriminator_player.minimize(
            lambda: self.discriminator_terms(batch, ops.stop_gradient(fake)), DISCRIMINATOR_WEIGHTS
        )
        generator = self.generator_player.minimize(
            lambda: self.generator_terms(batch, fake), self.weights, tape
        )
        self.generator.update_ema(self.generator_player.optimizer.iterations)
        return {"generator": generator, "discriminator": discriminator}

    def discriminator_terms(self, batch: Batch, fake: Tensor) -> Terms:
        real_logits, fake_logits = self.logits(batch.source, batch.target), self.logits(batch.source, fake)
        return {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}

    def generator_terms(self, batch: Batch, fake: Tensor) -> Terms:
        terms: Terms = {"adversarial": self.adversarial.generator(self.logits(batch.source, fake))}
        if self.weights["l1"]:
            terms["l1"] = ops.mean(ops.abs(fake - batch.target))
        return terms

    def logits(self, source: Tensor, picture: Tensor) -> Tensor:
        return self.discriminator(ops.concatenate([source, picture], axis=-1), training=True)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        painter = self.generator.at(request.strength)
        with dropout_seeded(painter.function, request.seed or 0):
            return painter(images, training=self.config.dropout_when_painting)
