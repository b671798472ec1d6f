"""CycleGAN (Zhu et al. 2017): two generators, each other's inverse, against a discriminator for each domain."""

from typing import Annotated, Any, ClassVar, Literal

import keras
from keras import ops
from pydantic import Field

from gan_style.config import Config
from gan_style.engine import Player, Terms
from gan_style.layers import BatchNorm, power_iterate
from gan_style.losses.adversarial import Family, adversarial_loss
from gan_style.networks import DiscriminatorChoice
from gan_style.objectives.objective import CRITIC_WEIGHTS, Metrics, PositiveWeight, Request, Setting, Weight
from gan_style.objectives.optimizers import Adam
from gan_style.objectives.painter import Painter, PainterConfig, PainterObjective
from gan_style.objectives.pool import ImagePool


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed.

    `identity` is absolute: the paper gives it relative to `cycle`, as 0.5 x 10.
    """

    adversarial: PositiveWeight = 1.0
    cycle: Weight = 10.0
    identity: Weight = 5.0


class CycleGanConfig(PainterConfig):
    kind: Literal["cyclegan"]
    discriminator: DiscriminatorChoice
    weights: Weights = Weights()
    adversarial: Family = "lsgan"
    discriminator_optimizer: Adam = Adam()
    pool: Annotated[int, Field(ge=0, description="fakes kept to be shown to the discriminators again")] = 50


class CycleGan(PainterObjective):
    understands: ClassVar[frozenset[str]] = frozenset({"direction", "strength"})
    directions: ClassVar[tuple[str, ...]] = ("source_to_target", "target_to_source")

    def __init__(self, config: CycleGanConfig, setting: Setting) -> None:
        super().__init__(config, setting)
        self.config = config
        self.weights = config.weights.model_dump()
        self.adversarial = adversarial_loss(config.adversarial)
        self.source_to_target, self.target_to_source = config.generator(), config.generator()
        self.source_discriminator, self.target_discriminator = config.discriminator(), config.discriminator()
        self.forth = Painter("source_to_target", self.source_to_target, config, setting.steps)
        self.back = Painter("target_to_source", self.target_to_source, config, setting.steps)
        self.painters = [self.forth, self.back]
        # Batch norm alone makes a picture depend on what is beside it.
        self.apart = any(isinstance(layer, BatchNorm) for layer in (*self.source_to_target.layers, *self.source_discriminator.layers))
        generators = [self.source_to_target, self.target_to_source]
        self.generators_player = config.generator_optimizer.player("generators", generators, self.game_steps)
        discriminators = [self.source_discriminator, self.target_discriminator]
        self.discriminators_player = config.discriminator_optimizer.player("discriminators", discriminators, self.game_steps)
        self.source_pool = ImagePool(config.pool, (setting.crop, setting.crop, 3), 2 * setting.seed)
        self.target_pool = ImagePool(config.pool, (setting.crop, setting.crop, 3), 2 * setting.seed + 1)

    def step(self, batch: Any) -> Metrics:
        painters, (fake_source, fake_target) = self.generators_player.minimize(lambda: self.generator_terms(batch), self.weights)
        for painter in self.painters:
            painter.follow(self.generators_player.optimizer.iterations)
        shown = self.source_pool.exchange(fake_source), self.target_pool.exchange(fake_target)
        for discriminator in (self.source_discriminator, self.target_discriminator):
            power_iterate(discriminator)
        critics, _ = self.discriminators_player.minimize(lambda: self.discriminator_terms(batch, *shown), CRITIC_WEIGHTS)
        return {"generators": painters, "discriminators": critics}

    def generator_terms(self, batch: Any) -> tuple[Terms, tuple[Any, Any]]:
        source, target = batch.source, batch.target
        fake_target, same_target = self.translate_and_keep(self.source_to_target, source, target)
        fake_source, same_source = self.translate_and_keep(self.target_to_source, target, source)
        terms: Terms = {}
        verdicts = self.source_discriminator(fake_source, training=True), self.target_discriminator(fake_target, training=True)
        terms["adversarial"] = self.adversarial.generator(verdicts[0]) + self.adversarial.generator(verdicts[1])
        if self.weights["cycle"]:
            cycled_source = self.target_to_source(fake_target, training=True)
            cycled_target = self.source_to_target(fake_source, training=True)
            terms["cycle"] = distance(cycled_source, source) + distance(cycled_target, target)
        if self.weights["identity"]:
            terms["identity"] = distance(same_source, source) + distance(same_target, target)
        return terms, (ops.stop_gradient(fake_source), ops.stop_gradient(fake_target))

    def translate_and_keep(self, generator: keras.Model, domain: Any, other: Any) -> tuple[Any, Any]:
        """One domain translated, and the other, which is already what the generator makes, run through it too."""
        if not self.weights["identity"]:
            return generator(domain, training=True), None
        return self.together(generator, domain, other)

    def together(self, network: keras.Model, first: Any, second: Any) -> tuple[Any, Any]:
        """Two batches through one network; in one call where it looks at each picture alone."""
        if self.apart:
            return network(first, training=True), network(second, training=True)
        both = network(ops.concatenate([first, second], axis=0), training=True)
        halves = ops.split(both, [first.shape[0]], axis=0)
        return halves[0], halves[1]

    def discriminator_terms(self, batch: Any, fake_source: Any, fake_target: Any) -> tuple[Terms, None]:
        def verdict(discriminator: keras.Model, real: Any, fake: Any) -> Any:
            return self.adversarial.discriminator(*self.together(discriminator, real, fake))

        seen = verdict(self.source_discriminator, batch.source, fake_source)
        return {"adversarial": seen + verdict(self.target_discriminator, batch.target, fake_target)}, None

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        painter = self.back if request.direction == "target_to_source" else self.forth
        return painter.at(request.strength)(images, training=False)

    def networks(self) -> dict[str, keras.Model]:
        return {
            "source_to_target": self.source_to_target,
            "target_to_source": self.target_to_source,
            "source_discriminator": self.source_discriminator,
            "target_discriminator": self.target_discriminator,
        }

    def players(self) -> list[Player]:
        return [self.generators_player, self.discriminators_player, *self.lesson_players()]

    def memory(self) -> dict[str, list[Any]]:
        return {"source_pool": self.source_pool.variables(), "target_pool": self.target_pool.variables()}


def distance(cycled: Any, original: Any) -> Any:
    return ops.mean(ops.abs(cycled - original))
