"""One-directional translation: a generator against a PatchGAN, with perceptual and Gram style losses.

Goodfellow et al. 2014; patches as in Isola et al. 2017; Gram style as in Gatys et al. 2016. The pictures are
unpaired, so Grams are of the whole batch at once; a painting that is painted again has its own to reach, too.
"""

from functools import partial
from typing import Annotated, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.data.batches import Batch
from gan_style.losses import perceptual
from gan_style.methods.base.discriminator import AdversarialConfig, Discriminator, GameWeights
from gan_style.methods.base.frozen_features import FrozenFeatures, FrozenFeaturesChoice, in_use
from gan_style.methods.base.generator import Generator
from gan_style.methods.base.generator_input import (
    GeneratorInput,
    RequestedInput,
    generator_input,
    with_noise,
    with_targets,
)
from gan_style.methods.base.identity import IdentityPhases
from gan_style.methods.base.method import AnyWeight, Method, Metrics, Setting
from gan_style.methods.base.motion import Frames
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.tiling import Tiling, tiling
from gan_style.optim.image_pool import MOST_FAKES, ImagePool
from gan_style.optim.player import Terms
from gan_style.system.random import Random
from gan_style.system.tensor import Tensor


class Weights(GameWeights):
    adversarial: AnyWeight = 1.0
    colour: Annotated[AnyWeight, Field(description="local average colours of the photograph")] = 10.0
    structure: Annotated[AnyWeight, Field(description="its coarse brightness edges")] = 0.0
    content: Annotated[AnyWeight, Field(description="perceptual loss: features of the photograph")] = 0.0
    style: Annotated[AnyWeight, Field(description="Grams of features of the target pictures")] = 0.0
    target_reconstruction: Annotated[AnyWeight, Field(description="L1 of blurred targets painted again")] = (
        0.0
    )
    total_variation: AnyWeight = 0.0
    temporal: Annotated[
        AnyWeight,
        Field(
            description="frame differences of photographs set in motion, and of their paintings (P-FDB)",
            # Where nobody asks for it, a recipe is what it was before there was this key.
            exclude_if=lambda weight: not weight,
        ),
    ] = 0.0


class GanConfig(AdversarialConfig):
    takes_noise: ClassVar[bool] = True

    kind: Literal["gan"]
    weights: Weights = Weights()
    generator_input: GeneratorInput = GeneratorInput()
    gram: perceptual.GramPreset = "normalised"
    style_features: FrozenFeaturesChoice = None
    content_features: FrozenFeaturesChoice = None
    colour_gain: Annotated[
        float,
        Field(gt=0, le=16, description="of colours against brightness, in all that is compared with targets"),
    ] = 1.0
    pool_size: Annotated[
        int,
        Field(ge=0, description="fakes kept to be shown to the discriminator again"),
        MOST_FAKES,
    ] = 0
    ema_decay: Annotated[
        float, Field(ge=0, lt=1, description="of the generator's moving average, which paints; 0: none")
    ] = 0.999

    @model_validator(mode="after")
    def generator_has_something_to_learn(self) -> Self:
        if not any(value for name, value in self.weights.model_dump().items() if name != "r1"):
            raise ValueError("weights: all of them are 0")
        if not self.weights.adversarial and self.weights.r1:
            raise ValueError("weights.r1: it penalises the discriminator, and weights.adversarial is 0")
        return self


class Gan(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength", "stroke_scale"})

    def __init__(self, config: GanConfig, setting: Setting) -> None:
        self.config, self.weights = config, dict(config.weights)
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        network = config.generator()
        self.generator = Generator("generator", network, config, setting.steps)
        self.generator_player = config.generator_player([network], setting.steps)
        self.discriminator = Discriminator("discriminator", config, setting, self.random)
        self.requested_input = RequestedInput(partial(generator_input, how=config.generator_input))
        self.style_features = FrozenFeatures(config.style_features)
        self.style = StyleLoss(self.style_features, config.gram, self.colourful)
        self.content_features = FrozenFeatures(config.content_features)
        self.pool = ImagePool(config.pool_size, (setting.crop, setting.crop, 3), setting.seed)
        super().__init__(
            setting,
            networks={"generator": network, "discriminator": self.discriminator.network},
            players=[self.generator_player, self.discriminator.player],
            memory={"pool": self.pool.variables(), "random": [self.random.state]},
            features=[
                *in_use(self.weights, style=self.style_features, content=self.content_features),
                *self.discriminator.looks_through(),
            ],
            style_loss=self.style,
            identity=IdentityPhases(config, setting.steps, [self.generator], self.forward),
        )

    def step(self, batch: Batch) -> Metrics:
        source, target = batch.source, batch.target
        again = target if self.weights["target_reconstruction"] else None
        frames = Frames(source, self.random, moving=bool(self.weights["temporal"]))
        seen = generator_input(frames.pictures, self.config.generator_input, frames.random)
        seen = with_targets(seen, again, self.config.generator_input, self.random)
        with self.generator_player.record() as tape:
            painted = self.forward(self.generator.network, seen, frames.random)
            fakes, next_fake = frames.apart(painted)

        generator = self.generator_player.minimize(
            lambda: self.generator_terms(source, target, fakes) | frames.terms(fakes, next_fake),
            self.weights,
            tape,
        )
        self.generator.update_ema(self.generator_player.optimizer.iterations)
        if not self.weights["adversarial"]:
            return {"generator": generator}

        old_fakes = self.pool.exchange(ops.stop_gradient(fakes))
        discriminator = self.discriminator.update(
            lambda: self.discriminator.terms(self.colourful(target), self.colourful(old_fakes))
        )
        return {"generator": generator, "discriminator": discriminator}

    def generator_terms(self, source: Tensor, target: Tensor, fakes: Tensor) -> Terms:
        """`fakes`: of the photographs and, where targets are reconstructed, then of the blurred targets."""
        both = bool(self.weights["target_reconstruction"])
        fake, again = ops.split(fakes, 2, axis=0) if both else (fakes, None)
        terms = self.content_terms(fake, source)
        if self.weights["adversarial"]:
            terms["adversarial"] = self.discriminator.generator_loss(self.colourful(fakes))
        if both:
            terms["target_reconstruction"] = ops.mean(ops.abs(self.colourful(again - target)))
        if self.weights["style"]:
            terms["style"] = (
                self.style.of_photographs_and_targets(fakes, target)
                if both
                else self.style(fake, target, together=True)
            )
        return terms

    def content_terms(self, fake: Tensor, source: Tensor) -> Terms:
        terms: Terms = {}
        if self.weights["colour"]:
            terms["colour"] = perceptual.pooled_colour(fake, source)
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(fake, source)
        if self.weights["content"]:
            features = self.content_features
            terms["content"] = perceptual.feature_content(features(fake), features(source))
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake)
        return terms

    def colourful(self, pictures: Tensor) -> Tensor:
        """As they are compared with targets: colours, which contrast less than brightness, count for more."""
        return perceptual.with_colour_gain(pictures, self.config.colour_gain)

    def forward(self, network: keras.Model, seen: Tensor, random: Random = None) -> Tensor:
        return network(with_noise(seen, network.input.shape[-1] - 3, random or self.random), training=True)

    def tiling(self) -> Tiling | None:
        return tiling(self.generator.ema.network, self.config.generator_input)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        seen, random = self.requested_input(request, images)
        seen = with_noise(seen, self.generator.network.input.shape[-1] - 3, random)
        return self.generator.at(request.strength)(seen, training=False)
