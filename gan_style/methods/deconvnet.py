"""The encoder-deconvolution network: one style, minimising the sum of |F(x) - A|^2 and lambda |x - y|^2.

x is what the network paints, y the photograph, F statistics of frozen features and A those of the style's
pictures.
"""

from functools import partial
from typing import Annotated, ClassVar, Literal

import keras
from keras import ops
from pydantic import Field

from gan_style.data.batches import Batch
from gan_style.losses import perceptual
from gan_style.losses.statistics import statistics_distance
from gan_style.methods.base.frozen_features import FrozenFeatures, FrozenFeaturesChoice
from gan_style.methods.base.generator import Generator, GeneratorConfig
from gan_style.methods.base.generator_input import GeneratorInput, RequestedInput, generator_input
from gan_style.methods.base.identity import IdentityPhases, in_training
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, TermWeights, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.tiling import Tiling, tiling
from gan_style.optim.player import Terms
from gan_style.system.tensor import Tensor


class Weights(TermWeights):
    style: PositiveWeight = 1.0
    mse: Annotated[Weight, Field(description="lambda: mean squared difference to the photograph")] = 1.0


class DeconvNetConfig(GeneratorConfig):
    kind: Literal["deconvnet"]
    generator_input: GeneratorInput = GeneratorInput()
    weights: Weights = Weights()
    statistics: Annotated[
        Literal["moments"] | perceptual.GramPreset,
        Field(
            description="F: means and deviations of channels, or their products, "
            "compared as this preset of Grams does"
        ),
    ] = "relative"
    style_features: FrozenFeaturesChoice = None


class DeconvNet(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"strength", "seed", "stroke_scale"})

    def __init__(self, config: DeconvNetConfig, setting: Setting) -> None:
        self.config, self.weights = config, config.weights.model_dump()
        network = config.generator()
        self.generator = Generator("generator", network, config, setting.steps)
        steps = config.main_steps(setting.steps)
        self.player = config.generator_optimizer.player("generator", [network], steps)
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        self.requested_input = RequestedInput(partial(generator_input, how=config.generator_input))
        self.style_features = FrozenFeatures(config.style_features)
        preset = "relative" if config.statistics == "moments" else config.statistics
        self.style = StyleLoss(self.style_features, preset)
        super().__init__(
            setting,
            networks={"generator": network},
            players=[self.player],
            memory={"random": [self.random.state]},
            features=[self.style_features],
            style_loss=self.style,
            identity=IdentityPhases(config, setting.steps, [self.generator], in_training),
        )

    def step(self, batch: Batch) -> Metrics:
        terms = self.player.minimize(lambda: self.terms(batch.source, batch.target), self.weights)
        self.generator.update_ema(self.player.optimizer.iterations)
        return {"generator": terms}

    def terms(self, source: Tensor, target: Tensor) -> Terms:
        seen = generator_input(source, self.config.generator_input, self.random)
        fake = self.generator.network(seen, training=True)
        # No photograph has a partner among the paintings: A is what all of them have in common.
        if self.config.statistics == "moments":
            painted, wanted = self.style_features(fake), self.style_features(target)
            terms: Terms = {"style": statistics_distance(painted, wanted, in_common=True)}
        else:
            terms = {"style": self.style(fake, target, in_common=True)}
        if self.weights["mse"]:
            terms["mse"] = ops.mean(ops.square(fake - source))
        return terms

    def tiling(self) -> Tiling | None:
        return tiling(self.generator.ema.network, self.config.generator_input)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        seen, _ = self.requested_input(request, images)
        return self.generator.at(request.strength)(seen, training=False)
