"""Photograph to cartoon, after CartoonGAN (Chen et al. 2018) and AnimeGAN (Chen et al. 2019).

The discriminator must call fake not only what the generator paints but also cartoons without colour and
cartoons without crisp edges: it then has to look at both.
"""

from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config.model import Config
from gan_style.data.batches import Batch
from gan_style.losses import perceptual
from gan_style.methods.base.discriminator import (
    AdversarialConfig,
    Discriminator,
    GameWeights,
    mean_over_heads,
)
from gan_style.methods.base.edges import edge_smoothed
from gan_style.methods.base.frozen_features import FrozenFeatures, FrozenFeaturesChoice, in_use
from gan_style.methods.base.generator import Generator
from gan_style.methods.base.generator_input import (
    GeneratorInput,
    RequestedInput,
    generator_input,
    with_targets,
)
from gan_style.methods.base.identity import IdentityPhases, in_training
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_loss import StyleLoss
from gan_style.methods.base.tiling import Tiling, tiling
from gan_style.optim.player import Terms
from gan_style.system.tensor import Tensor

Preset = Literal["animegan", "hayao", "paprika", "shinkai", "cartoongan"]
# The published rows: AnimeGAN's paper, the three styles of AnimeGANv2, CartoonGAN's paper.
WEIGHTS: dict[Preset, dict[str, float]] = {
    "animegan": {"adversarial": 300, "content": 1.5, "grey_style": 3, "colour": 10},
    "hayao": {"adversarial": 300, "content": 1.5, "grey_style": 2.5, "colour": 15, "total_variation": 1},
    "paprika": {"adversarial": 300, "content": 2, "grey_style": 0.6, "colour": 50, "total_variation": 0.1},
    "shinkai": {"adversarial": 300, "content": 1.2, "grey_style": 2, "colour": 10, "total_variation": 1},
    "cartoongan": {"adversarial": 1, "content": 10},
}
DISCRIMINATOR: dict[Preset, dict[str, float]] = {
    "animegan": {"real": 1, "fake": 1, "grey": 1, "edge_smoothed": 0.1},
    "hayao": {"real": 1.2, "fake": 1.2, "grey": 1.2, "edge_smoothed": 0.8},
    "paprika": {"real": 1, "fake": 1, "grey": 1, "edge_smoothed": 0.005},
    "shinkai": {"real": 1.7, "fake": 1.7, "grey": 1.7, "edge_smoothed": 1},
    "cartoongan": {"real": 1, "fake": 1, "edge_smoothed": 1},
}


class Weights(GameWeights):
    """What each term counts. What is not given comes from the preset."""

    adversarial: PositiveWeight
    content: Annotated[
        Weight, Field(description="L1 of pretrained features; random ones would only compare pixels")
    ] = 0.0
    structure: Annotated[
        Weight, Field(description="coarse brightness edges: content where no pretrained features are at hand")
    ] = 0.0
    local_colour: Annotated[
        Weight, Field(description="L1 of 8x8 windows' colours with the generator's input: content too")
    ] = 0.0
    grey_style: Annotated[Weight, Field(description="Grams of grey pictures")] = 0.0
    colour: Annotated[Weight, Field(description="YUV, with the photograph")] = 0.0
    total_variation: Weight = 0.0
    target_reconstruction: Annotated[
        Weight, Field(description="L1 of blurred cartoons drawn again; not in the papers")
    ] = 0.0


class DiscriminatorWeights(Config):
    """What each kind of picture counts; with `grey`, edge-smoothed cartoons are grey too."""

    real: PositiveWeight
    fake: PositiveWeight
    grey: Weight = 0.0
    edge_smoothed: Weight = 0.0


class CartoonConfig(AdversarialConfig):
    kind: Literal["cartoon"]
    preset: Annotated[Preset, Field(description="published weights; single ones may be given beside it")] = (
        "animegan"
    )
    weights: Weights
    discriminator_weights: DiscriminatorWeights
    generator_input: GeneratorInput = GeneratorInput()
    gram: perceptual.GramPreset = "animegan"
    content_features: Annotated[
        FrozenFeaturesChoice, Field(description="for the content term; the papers': VGG19's conv4_4")
    ] = None
    style_features: Annotated[
        FrozenFeaturesChoice, Field(description="for the grey_style term; the papers': VGG19's conv4_4")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def fill_from_preset(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("preset", "animegan") not in WEIGHTS:
            return given
        preset = given.get("preset", "animegan")
        rows = {"weights": WEIGHTS[preset], "discriminator_weights": DISCRIMINATOR[preset]}
        return {
            **with_tuples(given),
            **{name: {**row, **(given.get(name) or {})} for name, row in rows.items()},
        }

    @model_validator(mode="after")
    def terms_have_features(self) -> Self:
        """Weights go with features: through random ones, the published ones come to next to nothing."""
        missing = [
            f"weights.{term} needs {features}"
            for term, features in (("content", "content_features"), ("grey_style", "style_features"))
            if getattr(self.weights, term) and getattr(self, features) is None
        ]
        if missing:
            advice = (
                "the published weights are for VGG19's conv4_4; without it set them to 0 and use `structure`"
            )
            raise ValueError(f"{' and '.join(missing)}; {advice}")
        return self


def with_tuples(given: Any) -> Any:
    """Lists as tuples: after a validator of ours pydantic no longer takes the values for JSON's."""
    if isinstance(given, dict):
        return {name: with_tuples(value) for name, value in given.items()}
    return tuple(map(with_tuples, given)) if isinstance(given, list) else given


class Cartoon(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength", "stroke_scale"})

    def __init__(self, config: CartoonConfig, setting: Setting) -> None:
        self.config, self.weights = config, config.weights.model_dump()
        self.discriminator_weights = config.discriminator_weights.model_dump()
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        network = config.generator()
        self.generator = Generator("generator", network, config, setting.steps)
        self.generator_player = config.generator_player([network], setting.steps)
        self.discriminator = Discriminator("discriminator", config, setting, self.random)
        self.requested_input = RequestedInput(partial(generator_input, how=config.generator_input))
        self.style_features = FrozenFeatures(config.style_features)
        self.style = StyleLoss(self.style_features, config.gram, seen=perceptual.grey)
        self.content_features = FrozenFeatures(config.content_features)
        super().__init__(
            setting,
            networks={"generator": network, "discriminator": self.discriminator.network},
            players=[self.generator_player, self.discriminator.player],
            memory={"random": [self.random.state]},
            features=[
                *in_use(self.weights, grey_style=self.style_features, content=self.content_features),
                *self.discriminator.looks_through(),
            ],
            style_loss=self.style,
            identity=IdentityPhases(config, setting.steps, [self.generator], in_training),
        )

    def step(self, batch: Batch) -> Metrics:
        source, cartoon = batch.source, batch.target
        again = cartoon if self.weights["target_reconstruction"] else None
        seen = generator_input(source, self.config.generator_input, self.random)
        with self.generator_player.record() as tape:
            shown = with_targets(seen, again, self.config.generator_input, self.random)
            fakes = self.generator.network(shown, training=True)

        judged = ops.stop_gradient(fakes)
        discriminator = self.discriminator.update(lambda: self.discriminator_terms(cartoon, judged))
        generator = self.generator_player.minimize(
            lambda: self.generator_terms(source, cartoon, fakes, seen), self.weights, tape
        )
        self.generator.update_ema(self.generator_player.optimizer.iterations)
        return {"generator": generator, "discriminator": discriminator}

    def discriminator_terms(self, cartoon: Tensor, fakes: Tensor) -> Terms:
        loss = 0.0
        for name, pictures in {"real": cartoon, "fake": fakes, **self.negatives(cartoon)}.items():
            losses = self.discriminator.loss
            lost = losses.on_real if name == "real" else losses.on_fake
            logits = self.discriminator.logits(pictures)
            loss = loss + self.discriminator_weights[name] * mean_over_heads(lost, logits)
        return {"adversarial": loss} | self.discriminator.penalty(cartoon)

    def negatives(self, cartoon: Tensor) -> dict[str, Tensor]:
        """Cartoons that lack something: colour, or crisp edges."""
        negatives, grey = {}, self.discriminator_weights["grey"]
        if grey:
            negatives["grey"] = perceptual.grey(cartoon)
        if self.discriminator_weights["edge_smoothed"]:
            negatives["edge_smoothed"] = edge_smoothed(perceptual.grey(cartoon) if grey else cartoon)
        return negatives

    def generator_terms(self, source: Tensor, cartoon: Tensor, fakes: Tensor, seen: Tensor) -> Terms:
        """`fakes`: photographs drawn and, where targets are reconstructed, cartoons drawn again."""
        both = bool(self.weights["target_reconstruction"])
        fake, again = ops.split(fakes, 2, axis=0) if both else (fakes, None)
        terms: Terms = {"adversarial": self.discriminator.generator_loss(fakes)}
        if self.weights["content"]:
            features = self.content_features
            terms["content"] = perceptual.feature_l1(features(fake), features(source))
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(fake, source)
        if self.weights["local_colour"]:
            # With what was seen, not with the photograph: contours then break up into dots that let its
            # colours through.
            terms["local_colour"] = perceptual.pooled_colour(fake, seen)
        if self.weights["grey_style"]:
            # Brightness alone: the cartoons' textures, not their colours. Unpaired over the whole batch; a
            # reconstructed one has its own.
            terms["grey_style"] = self.style(again if both else fake, cartoon, together=not both)
        if self.weights["colour"]:
            terms["colour"] = perceptual.yuv_colour(fake, source)
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake, power=2)
        if both:
            terms["target_reconstruction"] = ops.mean(ops.abs(again - cartoon))
        return terms

    def tiling(self) -> Tiling | None:
        return tiling(self.generator.ema.network, self.config.generator_input)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        seen, _ = self.requested_input(request, images)
        return self.generator.at(request.strength)(seen, training=False)
