"""One-directional translation: a generator against a PatchGAN, with content and Gram style terms.

Goodfellow et al. 2014; patches as in Isola et al. 2017; Gram style as in Gatys et al. 2016, over a whole
batch at once because the batches are unpaired.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import Terms, gradient
from gan_style.losses import perceptual
from gan_style.objectives.diffaugment import Policy, augmented
from gan_style.objectives.game import Game, GameConfig
from gan_style.objectives.objective import Metrics, Request, Setting, Weight
from gan_style.objectives.painter import with_noise
from gan_style.objectives.pool import ImagePool
from gan_style.objectives.teacher import Teacher, TeacherChoice
from gan_style.objectives.underpainting import Underpainting, on_the_easel, underpainted


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    adversarial: Weight = 1.0
    colour: Weight = 10.0
    structure: Weight = 0.0
    feature: Weight = 0.0
    style: Weight = 0.0
    rehearsal: Weight = 0.0
    total_variation: Weight = 0.0
    r1: Weight = 0.0


class GanConfig(GameConfig):
    takes_noise: ClassVar[bool] = True

    kind: Literal["gan"]
    weights: Weights = Weights()
    underpainting: Underpainting = Underpainting()
    gram: perceptual.GramPreset = "relative"
    style_features: TeacherChoice = None
    content_features: TeacherChoice = None
    pool: Annotated[int, Field(ge=0, description="fakes kept to be shown to the discriminator again")] = 0
    average: Annotated[float, Field(ge=0, lt=1, description="decay of the generator's moving average, which paints; 0: none")] = 0.999
    augment: Annotated[tuple[Policy, ...], Field(description="what the discriminator sees is changed so")] = ()

    @model_validator(mode="after")
    def generator_has_something_to_learn(self) -> Self:
        if not any(value for name, value in self.weights.model_dump().items() if name != "r1"):
            raise ValueError("weights: all of them are 0")
        if not self.weights.adversarial and self.weights.r1:
            raise ValueError("weights.r1: it is part of the adversarial game, whose weight is 0")
        return self


class Gan(Game):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength"})

    def __init__(self, config: GanConfig, setting: Setting) -> None:
        super().__init__(config, setting)
        self.rehearses = bool(self.weights["rehearsal"])
        self.style_features, self.content_features = Teacher(config.style_features), Teacher(config.content_features)
        self.teachers = {"style": self.style_features, "feature": self.content_features}
        self.pool = ImagePool(config.pool, (setting.crop, setting.crop, 3), setting.seed)

    def step(self, batch: Any) -> Metrics:
        painter, fake = self.move_generator(lambda: self.generator_terms(batch))
        if not self.weights["adversarial"]:
            return {"generator": painter}
        shown = self.pool.exchange(ops.stop_gradient(fake))
        critic = self.move_discriminator(lambda: self.discriminator_terms(batch, shown), self.weights)
        return {"generator": painter, "discriminator": critic}

    def run(self, network: keras.Model, pictures: Any) -> Any:
        return self.paint(network, pictures, self.random, training=True)

    def generator_terms(self, batch: Any) -> tuple[Terms, Any]:
        """The batch's photographs painted and, in rehearsal, its paintings painted again from what squinting leaves of them."""
        rehearsed = batch.target if self.rehearses else None
        seen = on_the_easel(batch.source, rehearsed, self.config.underpainting, self.random)
        fakes = self.paint(self.generator, seen, self.random, training=True)
        fake, again = ops.split(fakes, 2, axis=0) if self.rehearses else (fakes, None)
        terms = self.content_terms(fake, batch.source)
        if self.weights["adversarial"]:
            terms["adversarial"] = self.adversarial.generator(self.judge(fakes))
        if self.rehearses:
            terms["rehearsal"] = ops.mean(ops.abs(again - batch.target))
        if self.weights["style"]:
            # A rehearsed painting has its own Gram to reach; photographs only have the paintings' common one.
            painted, wanted = (self.style_features(images) for images in (again if self.rehearses else fake, batch.target))
            terms["style"] = perceptual.style(painted, wanted, self.config.gram, together=not self.rehearses)
        return terms, fakes

    def content_terms(self, fake: Any, source: Any) -> Terms:
        terms: Terms = {}
        if self.weights["colour"]:
            terms["colour"] = perceptual.pooled_colour(fake, source)
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(fake, source)
        if self.weights["feature"]:
            terms["feature"] = perceptual.feature_content(self.content_features(fake), self.content_features(source))
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake)
        return terms

    def discriminator_terms(self, batch: Any, fake: Any) -> Terms:
        # No batch norm anywhere: real and fake in one call give what two calls would.
        logits = self.judge(ops.concatenate([batch.target, fake], axis=0))
        real_logits, fake_logits = ops.split(logits, [batch.target.shape[0]], axis=0)
        terms: Terms = {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}
        if self.weights["r1"]:
            terms["r1"] = self.r1_penalty(batch.target)
        return terms

    def judge(self, images: Any) -> Any:
        return self.discriminator(augmented(images, self.config.augment, self.random), training=True)

    def r1_penalty(self, real: Any) -> Any:
        """Half the squared gradient norm at real images (Mescheder et al. 2018, equation 9)."""
        slope = gradient(lambda images: ops.sum(self.discriminator(images, training=True)), real)
        return 0.5 * ops.mean(ops.sum(ops.square(slope), axis=(1, 2, 3)))

    def paint(self, network: keras.Model, seen: Any, random: keras.random.SeedGenerator, *, training: bool) -> Any:
        return network(with_noise(seen, network.input.shape[-1] - 3, random), training=training)

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        random = keras.random.SeedGenerator(request.seed or 0)
        strength = 1.0 if request.strength is None else request.strength
        seen = underpainted(images, self.config.underpainting, random, strength)
        return self.paint(self.painter.at(request.strength), seen, random, training=False)

    def memory(self) -> dict[str, list[Any]]:
        return {"pool": self.pool.variables(), **super().memory()}
