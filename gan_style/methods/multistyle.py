"""One generator for several styles: by name, blended, by regions, or each region in the style that suits it.

Styles are instance norms of their own (Dumoulin et al. 2017), mixed for every pixel by a map of weights. The
discriminator also names the style of every patch (an auxiliary classifier, Odena et al. 2017), and a small
attention network learns the map itself: regions in which the discriminator is deceived best and recognises
the style that was meant.
"""

from functools import partial
from typing import Annotated, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config.bounds import MOST_FILTERS
from gan_style.data.batches import Batch
from gan_style.data.kind import DataKind
from gan_style.losses import perceptual, style_maps
from gan_style.methods.base.discriminator import (
    AdversarialConfig,
    Discriminator,
    GameWeights,
    mean_over_heads,
)
from gan_style.methods.base.frozen_features import FrozenFeatures, FrozenFeaturesChoice, in_use
from gan_style.methods.base.generator import Generator
from gan_style.methods.base.generator_input import GeneratorInput, RequestedInput, with_noise
from gan_style.methods.base.identity import IdentityPhases
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_inputs import StyleInputs
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.style_maps import as_weights, by_masks, check_names, everywhere
from gan_style.methods.base.tiling import Tiling, seen_through, tiling
from gan_style.networks.attention import build_attention
from gan_style.networks.graph import Graph
from gan_style.optim.player import Terms
from gan_style.system import replicas
from gan_style.system.random import Random, integers
from gan_style.system.tensor import Tensor

# Of the discriminator, which tells real from fake and names the style.
CLASSIFIES = {"style_classification": 1.0}  # what the discriminator learns beside its game


class Weights(GameWeights):
    adversarial: PositiveWeight = 1.0
    style_classification: Annotated[
        PositiveWeight, Field(description="the discriminator's classifier must see the style that was meant")
    ] = 1.0
    colour: Annotated[
        Weight, Field(description="L1 of 8x8 windows' colours with those of the generator's input")
    ] = 4.0
    target_reconstruction: Annotated[
        Weight, Field(description="L1 of blurred paintings painted again in their own style")
    ] = 8.0
    style: Annotated[Weight, Field(description="Grams of paintings painted again")] = 0.5
    map_balance: Annotated[Weight, Field(description="every style has its share of the attention map")] = 1.0
    map_entropy: Annotated[
        Weight, Field(description="every pixel of the map is in one style rather than in a mixture")
    ] = 0.5
    map_smoothness: Annotated[Weight, Field(description="total variation of the map")] = 1.0


class MultiStyleConfig(AdversarialConfig):
    takes_noise: ClassVar[bool] = True

    kind: Literal["multistyle"]
    weights: Weights = Weights()
    generator_input: GeneratorInput = GeneratorInput()
    style_inputs: Annotated[
        dict[str, GeneratorInput], Field(description="styles whose generator_input is another")
    ] = Field(default={})
    gram: perceptual.GramPreset = "normalised"
    style_features: FrozenFeaturesChoice = None
    attention_filters: Annotated[int, Field(ge=1), MOST_FILTERS] = 16
    colour_transfer: Annotated[
        bool, Field(description="photographs are brought to the style's colours before they are painted")
    ] = True

    @model_validator(mode="after")
    def has_conditional_norms(self) -> Self:
        if self.generator.kind != "resnet" or self.generator.norm != "instance":
            raise ValueError(
                "generator: styles are instance norms of their own, "
                "which only 'resnet' with norm 'instance' has"
            )
        if self.weights.style and not self.weights.target_reconstruction:
            raise ValueError(
                "weights.style: it compares paintings painted again, "
                "which need a weight for `target_reconstruction`"
            )
        return self


class MultiStyle(Method):
    understands: ClassVar[frozenset[str]] = frozenset(
        {"seed", "strength", "styles", "attention", "masks", "stroke_scale"}
    )

    def __init__(self, config: MultiStyleConfig, setting: Setting) -> None:
        self.config, self.weights, self.styles = config, config.weights.model_dump(), setting.styles
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        network = config.generator(styles=len(self.styles))
        self.attention = build_attention(len(self.styles), config.attention_filters)
        inputs = config.style_inputs, config.generator_input
        self.inputs = StyleInputs(*inputs, self.styles, recolour=config.colour_transfer)
        self.discriminator = Discriminator(
            "discriminator", config, setting, self.random, outputs=1 + len(self.styles), weights=CLASSIFIES
        )
        self.generator = Generator("generator", network, config, setting.steps)
        self.generator_player = config.generator_player([network, self.attention], setting.steps)
        self.requested_input = RequestedInput(self.inputs.requested)
        self.painted_maps = Graph(self.attention)
        self.style_features = FrozenFeatures(config.style_features)
        self.style = StyleLoss(self.style_features, config.gram)
        learning = {"generator": network, "attention": self.attention}
        super().__init__(
            setting,
            networks=learning | {"discriminator": self.discriminator.network},
            players=[self.generator_player, self.discriminator.player],
            copies={"palettes": self.inputs.palettes},
            memory={"random": [self.random.state]},
            features=[*in_use(self.weights, style=self.style_features), *self.discriminator.looks_through()],
            style_loss=self.style,
            identity=IdentityPhases(config, setting.steps, [self.generator], self.in_any_style),
        )

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        cls.needs_many_pictures(data)
        if not data.style_names():
            raise ValueError("data.kind: 'multistyle' learns several styles, from a 'gallery'")

    def step(self, batch: Batch) -> Metrics:
        source, target, named = batch.source, batch.target, self.maps_of(batch.style, batch.source)
        if self.config.colour_transfer:
            self.inputs.observe_colours(batch)
        half = source[: replicas.half(source.shape[0])]
        photographs = ops.concatenate([source, half])  # in the batch's styles, and by the learned map
        with self.generator_player.record() as tape:
            learned = self.attention(half, training=True)
            photo_maps = ops.concatenate([named, learned])
            inputs = self.inputs.of_photographs(photographs, photo_maps, self.random)
            seen = self.inputs.recoloured(inputs, photo_maps)
            shown, maps = self.append_targets(seen, photo_maps, target, named)
            fakes = self.forward(self.generator.network, shown, maps)

        generator = self.generator_player.minimize(
            lambda: self.generator_terms(fakes, seen, target, maps, learned), self.weights, tape
        )
        self.generator.update_ema(self.generator_player.optimizer.iterations)
        judged = ops.stop_gradient(fakes)
        discriminator = self.discriminator.update(lambda: self.discriminator_terms(target, judged, named))
        return {"generator": generator, "discriminator": discriminator}

    def generator_terms(
        self, fakes: Tensor, seen: Tensor, target: Tensor, maps: Tensor, learned: Tensor
    ) -> Terms:
        """`fakes`: what became of the photographs `seen` and, after them, of the blurred targets."""
        fake, again = fakes[: seen.shape[0]], fakes[seen.shape[0] :]
        logits, styles = self.classify(fakes)
        classified = partial(style_maps.style_classification, maps=maps)
        terms: Terms = {
            "adversarial": mean_over_heads(self.discriminator.loss.generator, logits),
            "style_classification": mean_over_heads(classified, styles),
        }
        if self.weights["colour"]:
            # With the input: held to the photograph, contours break up into dots that let it through.
            terms["colour"] = perceptual.pooled_colour(fake, ops.stop_gradient(seen))
        if self.weights["target_reconstruction"]:
            terms["target_reconstruction"] = ops.mean(ops.abs(again - target))
        if self.weights["style"]:
            terms["style"] = self.style(again, target)
        if self.weights["map_balance"]:
            terms["map_balance"] = style_maps.style_imbalance(learned)
        if self.weights["map_entropy"]:
            terms["map_entropy"] = style_maps.map_entropy(learned)
        if self.weights["map_smoothness"]:
            terms["map_smoothness"] = perceptual.total_variation(learned)
        return terms

    def discriminator_terms(self, target: Tensor, fakes: Tensor, named: Tensor) -> Terms:
        logits, styles = self.classify(ops.concatenate([target, fakes]))
        count, lost = target.shape[0], self.discriminator.loss.discriminator
        real_logits, fake_logits = [one[:count] for one in logits], [one[count:] for one in logits]
        classified = partial(style_maps.style_classification, maps=named)
        return {
            "adversarial": mean_over_heads(lost, real_logits, fake_logits),
            "style_classification": mean_over_heads(classified, [one[:count] for one in styles]),
        } | self.discriminator.penalty(target)

    def classify(self, pictures: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """For every patch, of each scale or head: real or fake, and logits of its style."""
        logits = self.discriminator.logits(pictures)
        return [one[..., :1] for one in logits], [one[..., 1:] for one in logits]

    def append_targets(self, seen: Tensor, maps: Tensor, target: Tensor, named: Tensor) -> tuple:
        """Where targets are reconstructed: blurred ones behind the photographs, in their own styles."""
        if not self.weights["target_reconstruction"]:
            return seen, maps
        again = self.inputs.of_targets(target, named, self.random)
        return ops.concatenate([seen, again]), ops.concatenate([maps, named])

    def maps_of(self, styles: Tensor, pictures: Tensor) -> Tensor:
        """A map (N, H, W, styles) of one style for each picture."""
        return everywhere(ops.one_hot(styles, len(self.styles)), pictures)

    def forward(self, network: keras.Model, seen: Tensor, maps: Tensor) -> Tensor:
        return network([self.noised(network, seen, self.random), maps], training=True)

    def noised(self, network: keras.Model, seen: Tensor, random: Random) -> Tensor:
        return with_noise(seen, network.inputs[0].shape[-1] - 3, random)

    def in_any_style(self, network: keras.Model, pictures: Tensor) -> Tensor:
        drawn = integers((pictures.shape[0],), len(self.styles), self.random)
        return self.forward(network, pictures, self.maps_of(drawn, pictures))

    def tiling(self) -> Tiling | None:
        return seen_through(tiling(self.generator.ema.network, *self.inputs.places), tiling(self.attention))

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        maps = self.requested_maps(images, request)
        seen, random = self.requested_input(request, images, maps)
        seen, maps = self.noised(self.generator.network, seen, random), request.inner(maps)
        return self.generator.at(request.strength)([seen, maps], training=False)

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        check_names(request, self.styles)

    def requested_maps(self, images: Tensor, request: Request) -> Tensor:
        """As masks say, or as weights say everywhere; by default as the attention network learned."""
        if request.maps is not None:
            return request.maps(images)
        if request.masks is not None:
            return by_masks(request.masks, self.styles, images)
        weights = None if request.styles is None else as_weights(request.styles, self.styles)
        if weights is not None and not request.attention:
            return everywhere(ops.convert_to_tensor(weights[None] / weights.sum()), images)
        learned = self.painted_maps(images, training=False)
        if weights is None:
            return learned
        # The map among the styles that were named, those with more weight preferred.
        preferred = learned * ops.convert_to_tensor(weights) + 1e-6 * ops.convert_to_tensor(weights)
        return preferred / ops.sum(preferred, axis=-1, keepdims=True)
