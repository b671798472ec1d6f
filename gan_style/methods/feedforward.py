"""Feed-forward style transfer (Johnson et al. 2016): perceptual losses and no discriminator.

Several styles have instance norms of their own (Dumoulin et al. 2017).
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.data.batches import Batch
from gan_style.data.kind import DataKind
from gan_style.losses import perceptual
from gan_style.methods.base.frozen_features import FrozenFeatures, FrozenFeaturesChoice, in_use
from gan_style.methods.base.generator import Generator, GeneratorConfig
from gan_style.methods.base.generator_input import (
    GeneratorInput,
    RequestedInput,
    generator_input,
    with_noise,
    with_targets,
)
from gan_style.methods.base.identity import IdentityPhases
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, TermWeights, Weight
from gan_style.methods.base.motion import Frames
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.style_maps import as_weights, by_masks, check_names, everywhere
from gan_style.methods.base.tiling import Tiling, tiling
from gan_style.optim.player import Terms
from gan_style.system.errors import UserError
from gan_style.system.random import Random, integers
from gan_style.system.tensor import Tensor


class Weights(TermWeights):
    style: PositiveWeight = 1.0
    content: Annotated[
        Weight, Field(description="features of the photograph; of random ones little more than its pixels")
    ] = 1.0
    colour: Annotated[Weight, Field(description="local average colours of the photograph")] = 0.0
    structure: Annotated[Weight, Field(description="its coarse brightness edges")] = 0.0
    target_reconstruction: Annotated[
        Weight, Field(description="L1 of blurred paintings painted again; style is then theirs, each its own")
    ] = 0.0
    total_variation: Weight = 0.0
    temporal: Annotated[
        Weight,
        Field(
            description="frame differences of photographs set in motion, and of their paintings (P-FDB)",
            # Where nobody asks for it, a recipe is what it was before there was this key.
            exclude_if=lambda weight: not weight,
        ),
    ] = 0.0


class FeedForwardConfig(GeneratorConfig):
    # As in texture networks (Ulyanov et al. 2016): in a flat sky there is nothing else to paint with.
    takes_noise: ClassVar[bool] = True

    kind: Literal["feedforward"]
    generator_input: GeneratorInput = GeneratorInput()
    weights: Weights = Weights()
    gram: perceptual.GramPreset = "normalised"
    style_features: FrozenFeaturesChoice = None
    content_features: FrozenFeaturesChoice = None
    colour_gain: Annotated[
        float,
        Field(
            gt=0,
            le=16,
            description="of colours against brightness, in all that is compared with targets",
            # Where nobody asks for it, a recipe is what it was before there was this key.
            exclude_if=lambda gain: gain == 1.0,
        ),
    ] = 1.0

    @model_validator(mode="after")
    def content_is_held(self) -> Self:
        if not (self.weights.content or self.weights.colour or self.weights.structure):
            raise ValueError(
                "weights: nothing holds the photograph's content; give content, colour or structure a weight"
            )
        return self

    @model_validator(mode="after")
    def targets_are_blurred(self) -> Self:
        if self.weights.target_reconstruction and not self.generator_input.removes_anything():
            raise ValueError(
                "weights.target_reconstruction: paintings are painted again from what "
                "generator_input.input_blur or abstraction leave of them, and there is neither"
            )
        return self


class FeedForward(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"strength", "styles", "masks", "seed", "stroke_scale"})

    def __init__(self, config: FeedForwardConfig, setting: Setting) -> None:
        self.config, self.weights, self.styles = config, dict(config.weights), setting.styles
        network = self.build_network(config)
        self.generator = Generator("generator", network, config, setting.steps)
        steps = config.main_steps(setting.steps)
        self.player = config.generator_optimizer.player("generator", [network], steps)
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        self.requested_input = RequestedInput(partial(generator_input, how=config.generator_input))
        self.style_features = FrozenFeatures(config.style_features)
        self.style = StyleLoss(self.style_features, config.gram, self.colourful)
        self.content_features = FrozenFeatures(config.content_features)
        super().__init__(
            setting,
            networks={"generator": network},
            players=[self.player],
            memory={"random": [self.random.state]},
            features=in_use(self.weights, style=self.style_features, content=self.content_features),
            style_loss=self.style,
            identity=IdentityPhases(config, setting.steps, [self.generator], self.in_any_style),
        )

    def build_network(self, config: FeedForwardConfig) -> keras.Model:
        if not self.styles:
            return config.generator()
        if config.generator.kind != "resnet" or config.generator.norm != "instance":
            raise UserError(
                "method.generator: several styles need instance norms of their own, "
                "as 'resnet' with norm 'instance' has"
            )
        return config.generator(styles=len(self.styles))

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        cls.needs_many_pictures(data)

    def step(self, batch: Batch) -> Metrics:
        terms = self.player.minimize(lambda: self.terms(batch), self.weights)
        self.generator.update_ema(self.player.optimizer.iterations)
        return {"generator": terms}

    def terms(self, batch: Batch) -> Terms:
        """Of photographs painted and, where targets are reconstructed, of blurred paintings painted again."""
        source, target, both = batch.source, batch.target, bool(self.weights["target_reconstruction"])
        how = self.config.generator_input
        frames = Frames(source, self.random, moving=bool(self.weights["temporal"]))
        seen = generator_input(frames.pictures, how, frames.random)
        seen = with_targets(seen, target if both else None, how, self.random)
        # The n-th painting is of the style that the n-th photograph is to have, as is its next frame.
        styles = ops.concatenate([batch.style] * 3)[: seen.shape[0]] if self.styles else None
        painted = self.paint(
            self.generator.network, seen, self.maps_of(styles, seen), frames.random, training=True
        )
        fakes, next_fake = frames.apart(painted)
        fake, again = fakes[: source.shape[0]], fakes[source.shape[0] :]
        terms: Terms = {"style": self.style_distance(again if both else fake, target)}
        terms |= frames.terms(fake, next_fake)
        if both:
            terms["target_reconstruction"] = ops.mean(ops.abs(self.colourful(again - target)))
        if self.weights["content"]:
            features = self.content_features
            terms["content"] = perceptual.feature_content(features(fake), features(source))
        if self.weights["colour"]:
            terms["colour"] = perceptual.pooled_colour(fake, source)
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(fake, source)
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake)
        return terms

    def style_distance(self, fake: Tensor, target: Tensor) -> Tensor:
        # A painting painted again has its own Gram to reach, a photograph only what one style's paintings
        # have in common; of several styles, each photograph meets a picture of its own style.
        own = self.weights["target_reconstruction"] or self.styles
        return self.style(fake, target, in_common=not own)

    def colourful(self, pictures: Tensor) -> Tensor:
        """As they are compared with targets: colours, which contrast less than brightness, count for more."""
        return perceptual.with_colour_gain(pictures, self.config.colour_gain)

    def paint(
        self,
        network: Callable[..., Tensor],
        seen: Tensor,
        maps: Tensor,
        random: Random,
        *,
        training: bool,
    ) -> Tensor:
        seen = with_noise(seen, self.generator.network.inputs[0].shape[-1] - 3, random)
        return network(seen if maps is None else [seen, maps], training=training)

    def in_any_style(self, network: keras.Model, pictures: Tensor) -> Tensor:
        """Pictures given back, each in any of the styles, if there are several."""
        drawn = None
        if self.styles:
            drawn = integers((pictures.shape[0],), len(self.styles), self.random)
        return self.paint(network, pictures, self.maps_of(drawn, pictures), self.random, training=True)

    def maps_of(self, styles: Tensor, pictures: Tensor) -> Tensor:
        """A map (N, H, W, styles) of one style for each picture, where there are several."""
        return everywhere(ops.one_hot(styles, len(self.styles)), pictures) if self.styles else None

    def tiling(self) -> Tiling | None:
        return tiling(self.generator.ema.network, self.config.generator_input)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        """In the styles named, blended or by regions; by default in all of them alike."""
        self.check_request(request)
        seen, random = self.requested_input(request, images)
        painter, maps = (
            self.generator.at(request.strength),
            request.inner(self.requested_maps(images, request)),
        )
        return self.paint(painter, seen, maps, random, training=False)

    def requested_maps(self, images: Tensor, request: Request) -> Tensor:
        if not self.styles:
            return None
        if request.maps is not None:
            return request.maps(images)
        if request.masks is not None:
            return by_masks(request.masks, self.styles, images)
        weights = as_weights(request.styles or dict.fromkeys(self.styles, 1.0), self.styles)
        return everywhere(ops.convert_to_tensor(weights[None] / weights.sum()), images)

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        check_names(request, self.styles)
