"""pix2pix (Isola et al. 2017): paired pictures, and a discriminator that sees photograph and painting."""

from functools import partial
from typing import Annotated, ClassVar, Literal

import keras
from keras import ops
from pydantic import Field

from gan_style.data.batches import Batch
from gan_style.data.kind import DataKind
from gan_style.losses import perceptual
from gan_style.methods.base.choices import GanLoss
from gan_style.methods.base.discriminator import AdversarialConfig, Discriminator, GameWeights
from gan_style.methods.base.frozen_features import FrozenFeatures, FrozenFeaturesChoice, in_use
from gan_style.methods.base.generator import Generator
from gan_style.methods.base.generator_input import GeneratorInput, RequestedInput, generator_input, with_noise
from gan_style.methods.base.identity import IdentityPhases
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.tiling import Tiling, at_once
from gan_style.networks.layers.dropout import dropout_seeded
from gan_style.optim.player import Terms
from gan_style.system.tensor import Tensor


class Weights(GameWeights):
    adversarial: PositiveWeight = 1.0
    l1: Weight = 100.0
    style: Annotated[Weight, Field(description="Grams of features, each fake's to its own painting's")] = 0.0


class Pix2PixConfig(AdversarialConfig):
    takes_noise: ClassVar[bool] = True

    kind: Literal["pix2pix"]
    weights: Weights = Weights()
    gan_loss: GanLoss = "bce"
    generator_input: GeneratorInput = GeneratorInput()
    gram: perceptual.GramPreset = "normalised"
    style_features: FrozenFeaturesChoice = None
    dropout_when_painting: bool = True  # as published: where the generator takes no noise, all variety is its


class Pix2Pix(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength", "stroke_scale"})

    def __init__(self, config: Pix2PixConfig, setting: Setting) -> None:
        self.config, self.weights = config, config.weights.model_dump()
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        self.requested_input = RequestedInput(partial(generator_input, how=config.generator_input))
        network: keras.Model = config.generator()
        self.generator = Generator("generator", network, config, setting.steps)
        self.generator_player = config.generator_player([network], setting.steps)
        self.discriminator = Discriminator("discriminator", config, setting, self.random, channels=6)
        self.style_features = FrozenFeatures(config.style_features)
        self.style = StyleLoss(self.style_features, config.gram)
        super().__init__(
            setting,
            networks={"generator": network, "discriminator": self.discriminator.network},
            players=[self.generator_player, self.discriminator.player],
            memory={"random": [self.random.state]},
            features=[*in_use(self.weights, style=self.style_features), *self.discriminator.looks_through()],
            style_loss=self.style,
            identity=IdentityPhases(config, setting.steps, [self.generator], self.forward),
        )

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        super().accepts(data)
        if data.pairing != "paired":
            raise ValueError(f"data.pairing: 'pix2pix' learns from paired pictures, these are {data.pairing}")

    def step(self, batch: Batch) -> Metrics:
        seen = generator_input(batch.source, self.config.generator_input, self.random)
        # Recorded once: with dropout, a second fake would be another one.
        with self.generator_player.record() as tape:
            fake = self.forward(self.generator.network, seen)

        real, judged = pair(batch.source, batch.target), pair(batch.source, ops.stop_gradient(fake))
        discriminator = self.discriminator.update(lambda: self.discriminator.terms(real, judged))
        generator = self.generator_player.minimize(
            lambda: self.generator_terms(batch, fake), self.weights, tape
        )
        self.generator.update_ema(self.generator_player.optimizer.iterations)
        return {"generator": generator, "discriminator": discriminator}

    def generator_terms(self, batch: Batch, fake: Tensor) -> Terms:
        terms: Terms = {"adversarial": self.discriminator.generator_loss(pair(batch.source, fake))}
        if self.weights["l1"]:
            terms["l1"] = ops.mean(ops.abs(fake - batch.target))
        if self.weights["style"]:
            terms["style"] = self.style(fake, batch.target)
        return terms

    def forward(self, network: keras.Model, seen: Tensor) -> Tensor:
        return network(with_noise(seen, network.input.shape[-1] - 3, self.random), training=True)

    def tiling(self) -> Tiling:
        return at_once(self.generator.ema.network)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        painter = self.generator.at(request.strength)
        seen, random = self.requested_input(request, images)
        seen = with_noise(seen, self.generator.network.input.shape[-1] - 3, random)
        if not self.config.dropout_when_painting:
            return painter(seen, training=False)
        with dropout_seeded(painter.function, request.seed):
            return painter(seen, training=True)


def pair(source: Tensor, picture: Tensor) -> Tensor:
    """Photograph and painting side by side in the channels (N, H, W, 6)."""
    return ops.concatenate([source, picture], axis=-1)
