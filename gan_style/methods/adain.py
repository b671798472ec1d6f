"""AdaIN (Huang & Belongie 2017), any style at once: features with a style's moments, decoded."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Annotated, ClassVar, Literal

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.bounds import MOST_FILTERS
from gan_style.config.model import Config
from gan_style.data.batches import Batch
from gan_style.data.kind import DataKind
from gan_style.features import FeatureBank
from gan_style.losses import perceptual
from gan_style.losses.statistics import Moments, adain, moments, statistics_distance
from gan_style.methods.base.choices import FeatureChoice, OptimizerChoice
from gan_style.methods.base.encoder import Encoder, EncoderChoice, cropped
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, TermWeights, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_maps import check_style_images
from gan_style.methods.base.tiling import Tiling, tiling_of
from gan_style.networks.colour_transfer import colour_matched
from gan_style.networks.decoder import build_decoder
from gan_style.networks.graph import Graph
from gan_style.networks.layers.statistics import of_the_whole, summed_over_tiles
from gan_style.optim.ema import MovingAverage
from gan_style.optim.optimizers import Adam
from gan_style.optim.player import Terms
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor


class Weights(TermWeights):
    content: PositiveWeight = 1.0
    statistics: PositiveWeight = 10.0
    reconstruction: Annotated[
        Weight, Field(description="photographs decoded from their own features, mean squared error")
    ] = 0.0
    total_variation: Weight = 0.0


class AdaInConfig(Config):
    kind: Literal["adain"]
    encoder: EncoderChoice = None
    loss_features: Annotated[
        FeatureChoice | None, Field(description="a bank that the losses see through instead of the encoder")
    ] = None
    decoder_filters: Annotated[
        int | None,
        Field(ge=4, description="of the decoder's first layer, halved at each enlargement"),
        MOST_FILTERS,
    ] = None
    skips: Annotated[
        int,
        Field(ge=0, le=4, description="skip connections to the decoder from so many finer sizes"),
    ] = 0
    weights: Weights = Weights()
    optimizer: OptimizerChoice = Adam(learning_rate=1e-4, beta_1=0.9)
    ema_decay: Annotated[
        float, Field(ge=0, lt=1, description="of the decoder's moving average, which paints; 0: none")
    ] = 0.0


class AdaIn(Method):
    understands: ClassVar[frozenset[str]] = frozenset(
        {"style_images", "masks", "strength", "keep_colour", "stroke_scale"}
    )

    def __init__(self, config: AdaInConfig, setting: Setting) -> None:
        self.weights: dict[str, float] = config.weights.model_dump()
        self.encoder = Encoder(config.encoder)
        self.loss_features = config.loss_features
        deepest = self.encoder.deepest
        self.layers = self.encoder.pyramid(config.skips)
        self.decoder = build_decoder(
            [self.encoder.channels[layer] for layer in self.layers],
            self.encoder.halvings[deepest],
            config.decoder_filters,
        )
        self.ema = MovingAverage(self.decoder, config.ema_decay)
        self.painter = Graph(self.ema.network)
        self.player = config.optimizer.player("decoder", [self.decoder], setting.steps)
        super().__init__(
            setting,
            networks={"decoder": self.decoder},
            players=[self.player],
            copies={"ema/decoder": self.ema.network} if self.ema.decay else {},
            features=[self.encoder],
        )

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        cls.needs_many_pictures(data)

    @cached_property
    def critic(self) -> Encoder:
        """What the losses see through. A run must paint where its weights are absent."""
        return Encoder(self.loss_features) if self.loss_features else self.encoder

    def prepare(self) -> None:
        self.critic(ops.zeros((1, self.crop, self.crop, 3)))
        super().prepare()

    def trained_with(self) -> list[FeatureBank]:
        return list(dict.fromkeys([self.encoder.bank, self.critic.bank]))

    def step(self, batch: Batch) -> Metrics:
        terms = self.player.minimize(lambda: self.terms(batch.source, batch.target), self.weights)
        self.ema.update(self.player.optimizer.iterations)
        return {"decoder": terms}

    def terms(self, photographs: Tensor, paintings: Tensor) -> Terms:
        """The decoded picture has the features it was decoded from, and its painting's moments.

        Where the losses see through other features, these are as AdaIN makes them of what those see.
        """
        pictures, count = ops.concatenate([photographs, paintings]), photographs.shape[0]
        encoded, features = self.encoder(pictures), []
        for layer in self.layers:
            content, painted = ops.split(encoded[layer], [count])
            styled = adain(content, moments(painted))
            features.append(ops.concatenate([styled, content]) if self.weights["reconstruction"] else styled)
        decoded = cropped(self.decoder(features, training=True), photographs)
        fake, again = decoded[:count], decoded[count:]
        maps = encoded if self.critic is self.encoder else self.critic(pictures)
        seen = self.critic(fake)
        style = {layer: features[count:] for layer, features in maps.items()}
        deepest = self.critic.deepest
        wanted = adain(maps[deepest][:count], moments(style[deepest]))
        terms: Terms = {
            "content": ops.mean(ops.square(seen[deepest] - wanted)),
            "statistics": statistics_distance(seen, style),
        }
        if self.weights["reconstruction"]:
            terms["reconstruction"] = ops.mean(ops.square(again - photographs))
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake)
        return terms

    def tiling(self) -> Tiling | None:
        def paint(images: Tensor) -> Tensor:
            return cropped(self.ema.network(self.encoded(images), training=False), images)

        found = tiling_of(paint, 2 ** self.encoder.halvings[self.encoder.deepest], 3)
        return found and replace(found, surveyed=True)

    def survey(self, images: Tensor, request: Request) -> None:
        self.styled(self.encoded(images), images, request)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        """In the style of the request's pictures.

        Below full strength, `1 - strength` of what the decoder loses of the photograph is added back.
        """
        self.check_request(request)
        strength = request.amount()
        content = self.encoded(images)
        styled = self.styled(content, images, request)
        if request.tile:
            content = [request.inner(one, images.shape[1] // one.shape[1]) for one in content]
        images = request.inner(images)
        features = [one + strength * (other - one) for one, other in zip(content, styled, strict=True)]
        painted = self.decoded(features, images)
        return (
            painted
            if request.is_full()
            else painted + (1.0 - strength) * (images - self.decoded(content, images))
        )

    def encoded(self, images: Tensor) -> list[Tensor]:
        """What the decoder sees: the deepest features, and with skips the finer ones."""
        maps = self.encoder(images)
        return [maps[layer] for layer in self.layers]

    def decoded(self, features: list[Tensor], like: Tensor) -> Tensor:
        return cropped(self.painter(features, training=False), like)

    def styled(self, content: list[Tensor], images: Tensor, request: Request) -> list[Tensor]:
        """The moments of each style picture, in its region or everywhere; elsewhere the photograph's."""
        pictures = request.style_images or ()
        shares = np.array([weight for _, weight in pictures], np.float32)
        shares, mixed = shares / shares.sum(), []

        def palette(pixels: np.ndarray) -> list[Moments]:
            style = ops.convert_to_tensor(pixels[None])
            style = colour_matched(style, images) if request.keep_colour else style
            return [moments(features) for features in self.encoded(style)]

        palettes = [of_the_whole(partial(palette, pixels)) for pixels, _ in pictures]
        masks = None if request.masks is None else stacked(request.masks, len(pictures), images.shape[:3])
        for layer, features, *styles in zip(self.layers, content, *palettes, strict=True):
            regions = None if masks is None else self.encoder.regions(masks, layer)
            if request.tile:
                cell = images.shape[1] // features.shape[1]
                features, regions = request.inner(features, cell), request.inner(regions, cell)
            mixed.append(mixture(features, styles, shares, regions))
        return mixed

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        if not request.style_images:
            raise UserError(
                "this method paints in the style of any picture: name one, or several, "
                "with --style-image FILE[=WEIGHT]"
            )
        check_style_images(request.style_images, request.masks)

    def default_request(self, seed: int, style: str = "", style_image: np.ndarray | None = None) -> Request:
        request = super().default_request(seed, style)
        return request if style_image is None else replace(request, style_images=((style_image, 1.0),))


def mixture(content: Tensor, styles: Sequence[Moments], shares: np.ndarray, regions: Tensor | None) -> Tensor:
    """AdaIN with the moments of several styles: as features, mixed by their shares.

    With regions (N, h, w, styles) each style has its own, and what none of them covers stays as it is.
    """
    wanted, mixed = ops.convert_to_tensor(shares), 0.0
    if regions is not None:
        wanted = shared_out(regions, wanted)
        mixed = (1.0 - ops.sum(wanted, axis=-1, keepdims=True)) * content
    for number, style in enumerate(styles):
        region = None if regions is None else regions[..., number : number + 1]
        own = summed_over_tiles(moments, content, region)
        mixed = mixed + wanted[..., number : number + 1] * adain(content, style, own)
    return mixed


def stacked(masks: Mapping[str, np.ndarray], count: int, shape: tuple[int, int, int]) -> Tensor:
    """Masks (H, W), or (N, H, W), numbered as the style pictures are: (N, H, W, count)."""
    some = [np.broadcast_to(masks.get(str(number + 1), 0.0), shape) for number in range(count)]
    return ops.convert_to_tensor(np.stack(some, axis=-1).astype(np.float32))


def shared_out(regions: Tensor, weights: Tensor) -> Tensor:
    """How much each region (N, h, w, K) paints in every place: the weights decide where they overlap."""
    wanted = regions * weights
    covered = ops.minimum(ops.sum(regions, axis=-1, keepdims=True), 1.0)
    return covered * wanted / (ops.sum(wanted, axis=-1, keepdims=True) + 1e-6)
