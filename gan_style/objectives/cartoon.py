"""Photograph to cartoon, after CartoonGAN (Chen et al. 2018) and AnimeGAN (Chen et al. 2019).

The discriminator must call fake not only what the generator paints but also cartoons without colour and
cartoons without crisp edges: it then has to look at both.
"""

from typing import Annotated, Any, ClassVar, Literal

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import Terms
from gan_style.losses import perceptual
from gan_style.losses.adversarial import one_sided
from gan_style.objectives.edges import edge_smoothed
from gan_style.objectives.game import Game, GameConfig
from gan_style.objectives.objective import Metrics, PositiveWeight, Request, Setting, Weight
from gan_style.objectives.teacher import Teacher, TeacherChoice
from gan_style.objectives.underpainting import Underpainting, on_the_easel, underpainted

Preset = Literal["animegan", "hayao", "paprika", "shinkai", "cartoongan"]
# The published rows: AnimeGAN's paper, the three styles of AnimeGANv2, CartoonGAN's paper.
WEIGHTS: dict[Preset, dict[str, float]] = {
    "animegan": {"adversarial": 300, "content": 1.5, "grey_style": 3, "colour": 10},
    "hayao": {"adversarial": 300, "content": 1.5, "grey_style": 2.5, "colour": 15, "total_variation": 1},
    "paprika": {"adversarial": 300, "content": 2, "grey_style": 0.6, "colour": 50, "total_variation": 0.1},
    "shinkai": {"adversarial": 300, "content": 1.2, "grey_style": 2, "colour": 10, "total_variation": 1},
    "cartoongan": {"adversarial": 1, "content": 10},
}
VERDICTS: dict[Preset, dict[str, float]] = {
    "animegan": {"real": 1, "fake": 1, "grey": 1, "smoothed": 0.1},
    "hayao": {"real": 1.2, "fake": 1.2, "grey": 1.2, "smoothed": 0.8},
    "paprika": {"real": 1, "fake": 1, "grey": 1, "smoothed": 0.005},
    "shinkai": {"real": 1.7, "fake": 1.7, "grey": 1.7, "smoothed": 1},
    "cartoongan": {"real": 1, "fake": 1, "smoothed": 1},
}


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed. What is not given comes from the preset."""

    adversarial: PositiveWeight
    content: Annotated[Weight, Field(description="L1 of pretrained features; random ones would only compare pixels")] = 0.0
    structure: Annotated[Weight, Field(description="coarse brightness edges: content where no pretrained features are at hand")] = 0.0
    local_colour: Annotated[Weight, Field(description="L1 of 8x8 windows' colours with the underpainting's: content too")] = 0.0
    grey_style: Weight = 0.0
    colour: Weight = 0.0
    total_variation: Weight = 0.0
    rehearsal: Annotated[Weight, Field(description="L1 of squinted cartoons drawn again; not in the papers")] = 0.0


class Verdicts(Config):
    """What each kind of picture counts in the discriminator's loss; with `grey`, smoothed cartoons are grey too."""

    real: PositiveWeight
    fake: PositiveWeight
    grey: Weight = 0.0
    smoothed: Weight = 0.0


class CartoonConfig(GameConfig):
    kind: Literal["cartoon"]
    preset: Annotated[Preset, Field(description="published weights; single ones may be given beside it")] = "animegan"
    weights: Weights
    verdicts: Verdicts
    underpainting: Underpainting = Underpainting()
    gram: perceptual.GramPreset = "animegan"
    content_features: Annotated[TeacherChoice, Field(description="for the content term, such as VGG19's block4_conv4")] = None
    style_features: TeacherChoice = None

    @model_validator(mode="before")
    @classmethod
    def fill_from_preset(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("preset", "animegan") not in WEIGHTS:
            return given
        preset = given.get("preset", "animegan")
        filled = {name: {**row[preset], **(given.get(name) or {})} for name, row in (("weights", WEIGHTS), ("verdicts", VERDICTS))}
        return {**with_tuples(given), **filled}

    @model_validator(mode="after")
    def content_has_features(self) -> "CartoonConfig":
        if self.weights.content and self.content_features is None:
            raise ValueError("weights.content: needs content_features, or set it to 0 and give `structure` a weight")
        return self


def with_tuples(given: Any) -> Any:
    """Lists as tuples: after a validator of ours pydantic no longer takes the values for JSON's."""
    if isinstance(given, dict):
        return {name: with_tuples(value) for name, value in given.items()}
    return tuple(map(with_tuples, given)) if isinstance(given, list) else given


class Cartoon(Game):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength"})

    def __init__(self, config: CartoonConfig, setting: Setting) -> None:
        super().__init__(config, setting)
        self.verdicts = config.verdicts.model_dump()
        self.rehearses = bool(self.weights["rehearsal"])
        self.style_features, self.content_features = Teacher(config.style_features), Teacher(config.content_features)
        self.teachers = {"grey_style": self.style_features, "content": self.content_features}

    def step(self, batch: Any) -> Metrics:
        def generator_terms() -> tuple[Terms, Terms]:
            rehearsed = batch.target if self.rehearses else None
            seen = on_the_easel(batch.source, rehearsed, self.config.underpainting, self.random)
            fakes = self.generator(seen, training=True)
            # The discriminator moves first, on these very fakes.
            critic = self.move_discriminator(lambda: self.discriminator_terms(batch.target, ops.stop_gradient(fakes)))
            return self.generator_terms(batch, fakes, ground=seen[: batch.source.shape[0]]), critic

        painter, critic = self.move_generator(generator_terms)
        return {"generator": painter, "discriminator": critic}

    def discriminator_terms(self, cartoon: Any, fake: Any) -> Terms:
        loss = 0.0
        for name, pictures in {"real": cartoon, "fake": fake, **self.negatives(cartoon)}.items():
            logits = self.discriminator(pictures, training=True)
            loss = loss + self.verdicts[name] * one_sided(self.config.adversarial, logits, real=name == "real")
        return {"adversarial": loss}

    def negatives(self, cartoon: Any) -> dict[str, Any]:
        """Cartoons that lack something: colour, or crisp edges."""
        negatives = {}
        if self.verdicts["grey"]:
            negatives["grey"] = perceptual.grey(cartoon)
        if self.verdicts["smoothed"]:
            negatives["smoothed"] = edge_smoothed(perceptual.grey(cartoon) if self.verdicts["grey"] else cartoon)
        return negatives

    def generator_terms(self, batch: Any, fakes: Any, ground: Any) -> Terms:
        fake, again = ops.split(fakes, 2, axis=0) if self.rehearses else (fakes, None)
        terms: Terms = {"adversarial": self.adversarial.generator(self.discriminator(fakes, training=True))}
        if self.weights["content"]:
            terms["content"] = perceptual.feature_likeness(self.content_features(fake), self.content_features(batch.source))
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(fake, batch.source)
        if self.weights["local_colour"]:
            # Of the ground, not of the photograph: held to that, contours break up into dots that let its colours through.
            terms["local_colour"] = perceptual.pooled_colour(fake, ground)
        if self.weights["grey_style"]:
            # Brightness alone: the cartoons' textures, not their colours. Unpaired over the whole batch; a rehearsed one has its own.
            compared = again if self.rehearses else fake
            painted, wanted = (self.style_features(perceptual.grey(pictures)) for pictures in (compared, batch.target))
            terms["grey_style"] = perceptual.style(painted, wanted, self.config.gram, together=not self.rehearses)
        if self.weights["colour"]:
            terms["colour"] = perceptual.yuv_colour(fake, batch.source)
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake, power=2)
        if self.rehearses:
            terms["rehearsal"] = ops.mean(ops.abs(again - batch.target))
        return terms

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        random = keras.random.SeedGenerator(request.seed or 0)
        strength = 1.0 if request.strength is None else request.strength
        seen = underpainted(images, self.config.underpainting, random, strength)
        return self.painter.at(request.strength)(seen, training=False)
