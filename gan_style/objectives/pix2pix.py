"""pix2pix (Isola et al. 2017): a generator that has seen the answer, against a discriminator that sees photo and picture."""

from typing import Any, ClassVar, Literal

from keras import ops

from gan_style.config import Config
from gan_style.engine import Terms
from gan_style.layers import dropout_seeded
from gan_style.losses.adversarial import Family
from gan_style.objectives.game import Game, GameConfig
from gan_style.objectives.objective import Metrics, PositiveWeight, Request, Setting, Weight


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    adversarial: PositiveWeight = 1.0
    likeness: Weight = 100.0


class Pix2PixConfig(GameConfig):
    kind: Literal["pix2pix"]
    weights: Weights = Weights()
    adversarial: Family = "bce"
    dropout_when_painting: bool = True  # as published: it is the only source of variety


class Pix2Pix(Game):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength"})
    pairing: ClassVar[str | None] = "paired"

    def build_networks(self, setting: Setting) -> None:
        self.generator = self.config.generator()
        self.discriminator = self.config.discriminator(channels=6)

    def step(self, batch: Any) -> Metrics:
        def generator_terms() -> tuple[Terms, Terms]:
            fake = self.generator(batch.source, training=True)
            # The discriminator moves first, on this very fake: with dropout a second one would differ.
            critic = self.move_discriminator(lambda: self.discriminator_terms(batch, ops.stop_gradient(fake)))
            return self.generator_terms(batch, fake), critic

        painter, critic = self.move_generator(generator_terms)
        return {"generator": painter, "discriminator": critic}

    def discriminator_terms(self, batch: Any, fake: Any) -> Terms:
        real_logits, fake_logits = self.judge(batch.source, batch.target), self.judge(batch.source, fake)
        return {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}

    def generator_terms(self, batch: Any, fake: Any) -> Terms:
        terms: Terms = {"adversarial": self.adversarial.generator(self.judge(batch.source, fake))}
        if self.weights["likeness"]:
            terms["likeness"] = ops.mean(ops.abs(fake - batch.target))
        return terms

    def judge(self, source: Any, picture: Any) -> Any:
        return self.discriminator(ops.concatenate([source, picture], axis=-1), training=True)

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        network = self.painter.at(request.strength)
        with dropout_seeded(network, request.seed or 0):
            return network(images, training=self.config.dropout_when_painting)
