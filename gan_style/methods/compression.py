"""A trained painter into a smaller one, after OMGD (Ren et al. 2021): the student never sees a discriminator.

The teacher's painting is all that the student is held to: its structure, its features, their Grams, and how
strong its channels are inside. Other than in the paper the teacher does not learn on meanwhile.
"""

from functools import partial
from typing import Annotated, ClassVar, Literal

import keras
from keras import layers, ops
from pydantic import Field

from gan_style.config.places import Place
from gan_style.data.batches import Batch
from gan_style.losses import perceptual
from gan_style.losses.similarity import structural_dissimilarity
from gan_style.methods.base.frozen_features import FrozenFeatures, FrozenFeaturesChoice
from gan_style.methods.base.generator import Generator, GeneratorConfig
from gan_style.methods.base.generator_input import GeneratorInput, RequestedInput, generator_input, with_noise
from gan_style.methods.base.identity import IdentityPhases
from gan_style.methods.base.method import Method, Metrics, Setting, TermWeights, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.teacher import Teacher, every, with_features
from gan_style.methods.base.tiling import Tiling, tiling
from gan_style.optim.player import Terms
from gan_style.system.random import Random
from gan_style.system.tensor import Tensor

# Of a crop, in each direction, whose Grams are compared one by one. With one Gram a crop the student left the
# grain that it could not place to a corner.
CELLS = 4


class Weights(TermWeights):
    """The paper's where losses are the paper's own; Grams are in other units here."""

    l1: Annotated[Weight, Field(description="of pixels")] = 0.0
    ssim: Annotated[Weight, Field(description="1 - SSIM")] = 10.0
    features: Annotated[Weight, Field(description="L1 of frozen features")] = 10.0
    style: Annotated[Weight, Field(description="Grams of frozen features, of each sixteenth of a crop")] = 8.0
    total_variation: Annotated[Weight, Field(description="of the student's painting")] = 0.0
    channels: Annotated[
        Weight, Field(description="squared error of channels' means, in residual blocks that both have")
    ] = 50.0


class CompressionConfig(GeneratorConfig):
    takes_noise: ClassVar[bool] = True

    kind: Literal["compression"]
    teacher: Annotated[
        str,
        Field(description="run folder of a trained painter, or included/NAME"),
        Place("run folder", inside=("checkpoints",)),
    ]
    generator_input: GeneratorInput = GeneratorInput()
    weights: Weights = Weights()
    gram: perceptual.GramPreset = "normalised"
    frozen_features: FrozenFeaturesChoice = None
    colour_gain: Annotated[
        float,
        Field(gt=0, le=16, description="of colours against brightness, in all that is compared"),
    ] = 4.0
    ema_decay: Annotated[
        float, Field(ge=0, lt=1, description="of the generator's moving average, which paints; 0: none")
    ] = 0.999


class Compression(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength", "stroke_scale"})

    def __init__(self, config: CompressionConfig, setting: Setting) -> None:
        self.config, self.weights = config, config.weights.model_dump()
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        network: keras.Model = config.generator()
        self.generator = Generator("generator", network, config, setting.steps)
        learners = [network]
        if setting.teacher:  # not where it only paints
            self.teacher = Teacher(setting.teacher, network, config.generator_input)
            if self.weights["channels"]:
                self.teacher.refuse_nothing_in_common()
            self.student = with_features(network, self.teacher.layers)
            self.adaptors = build_adaptors(self.student, self.teacher.with_features)
            learners += self.adaptors
        steps = config.main_steps(setting.steps)
        self.player = config.generator_optimizer.player("generator", learners, steps)
        self.requested_input = RequestedInput(partial(generator_input, how=config.generator_input))
        self.frozen = FrozenFeatures(config.frozen_features)
        self.style = StyleLoss(self.frozen, config.gram, self.colourful, CELLS)
        looked_through = self.weights["features"] or self.weights["style"]
        super().__init__(
            setting,
            networks={"generator": network},
            players=[self.player],
            memory={"random": [self.random.state], "adaptors": weights_of(learners[1:])},
            features=[self.frozen] if looked_through else [],
            style_loss=self.style if self.weights["style"] else None,
            identity=IdentityPhases(config, setting.steps, [self.generator], self.forward),
        )

    def step(self, batch: Batch) -> Metrics:
        seen = generator_input(batch.source, self.config.generator_input, self.random)
        seen = self.with_noise(seen, self.random)  # the same dabs and the same noise for both
        wanted, features = self.teacher(seen)
        generator = self.player.minimize(lambda: self.terms(seen, wanted, features), self.weights)
        self.generator.update_ema(self.player.optimizer.iterations)
        return {"generator": generator}

    def terms(self, seen: Tensor, wanted: Tensor, features: list[Tensor]) -> Terms:
        fake, *own = every(self.student(seen, training=True))
        terms = self.picture_terms(fake, wanted)
        if self.weights["channels"]:
            told = zip(self.adaptors, own, features, strict=True)
            terms["channels"] = sum(channel_distance(*layer) for layer in told)
        return terms

    def picture_terms(self, fake: Tensor, wanted: Tensor) -> Terms:
        terms: Terms = {}
        if self.weights["l1"]:
            terms["l1"] = ops.mean(ops.abs(fake - wanted))
        if self.weights["ssim"]:
            terms["ssim"] = structural_dissimilarity(fake, wanted, self.config.colour_gain)
        if self.weights["features"]:
            told = (self.frozen(self.colourful(pictures)) for pictures in (fake, wanted))
            terms["features"] = perceptual.feature_l1(*told)
        if self.weights["style"]:
            terms["style"] = self.style(fake, wanted)
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake)
        return terms

    def colourful(self, pictures: Tensor) -> Tensor:
        """With colours as strong as brightness: strokes' colours would fade while nobody asks for them."""
        return perceptual.with_colour_gain(pictures, self.config.colour_gain)

    def with_noise(self, seen: Tensor, random: Random) -> Tensor:
        return with_noise(seen, self.generator.network.input.shape[-1] - 3, random)

    def forward(self, network: keras.Model, seen: Tensor) -> Tensor:
        return network(self.with_noise(seen, self.random), training=True)

    def tiling(self) -> Tiling | None:
        return tiling(self.generator.ema.network, self.config.generator_input)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        seen, random = self.requested_input(request, images)
        return self.generator.at(request.strength)(self.with_noise(seen, random), training=False)


def channel_distance(adaptor: keras.layers.Dense, own: Tensor, features: Tensor) -> Tensor:
    """Mean squared difference of channels' strengths, their means over the picture."""
    told, wanted = (ops.mean(ops.cast(one, "float32"), axis=(1, 2)) for one in (own, features))
    return ops.mean(ops.square(adaptor(told) - wanted))


def build_adaptors(student: keras.Model, teacher: keras.Model) -> list[keras.layers.Dense]:
    """From the strengths of the student's channels to those of the teacher's, of each layer that both tell.

    The paper's 1x1 convolutions before the mean: the mean of what they make is what they make of the mean.
    """
    adaptors = []
    for own, features in zip(student.outputs[1:], teacher.outputs[1:], strict=True):
        adaptors.append(layers.Dense(features.shape[-1], dtype="float32"))
        adaptors[-1].build((None, own.shape[-1]))
    return adaptors


def weights_of(layers: list[keras.layers.Layer]) -> list[keras.Variable]:
    return [weight for layer in layers for weight in layer.weights]
