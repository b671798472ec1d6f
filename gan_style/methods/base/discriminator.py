"""The discriminator of every adversarial method: what it sees, what it loses, and what it is fined for."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import keras
from keras import ops
from pydantic import Field

from gan_style.losses.adversarial import ADVERSARIAL
from gan_style.methods.base.choices import DiscriminatorChoice, GanLoss, OptimizerChoice, ProjectedConfig
from gan_style.methods.base.diffaugment import Policy, augmented
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.methods.base.generator import GeneratorConfig
from gan_style.methods.base.method import Setting, TermWeights, Weight
from gan_style.networks.layers.norms import BatchNorm
from gan_style.networks.layers.spectral import power_iterate
from gan_style.networks.projected import build_projected_heads, chosen
from gan_style.optim.optimizers import Adam
from gan_style.optim.player import Player, Terms, gradient
from gan_style.system.errors import UserError
from gan_style.system.random import integers
from gan_style.system.tensor import Tensor


class GameWeights(TermWeights):
    """What every adversarial method's weights have beside its own terms."""

    r1: Annotated[
        Weight, Field(description="gradient penalty of the discriminator at real pictures, mean over patches")
    ] = 0.0


class AdversarialConfig(GeneratorConfig):
    """What adversarial methods share in their YAML."""

    weights: GameWeights = GameWeights()
    discriminator: DiscriminatorChoice
    discriminator_optimizer: OptimizerChoice = Adam()
    gan_loss: GanLoss = "lsgan"
    diffaugment: Annotated[
        tuple[Policy, ...], Field(max_length=8, description="what the discriminator sees is changed so")
    ] = ()

    def generator_player(
        self, learners: Sequence[keras.Model], steps: int, name: str = "generator"
    ) -> Player:
        """The generator's, with the small networks that learn with it."""
        auto = self.weights.automatic()
        return self.generator_optimizer.player(name, learners, self.main_steps(steps), auto)


class Discriminator:
    """A network that tells real pictures from fakes, its player, and the rules of the game against it.

    The network gives logits of patches, or a list of them, one for each of its scales or heads; losses are
    means over patches, and over scales and heads.
    """

    def __init__(
        self,
        name: str,
        config: AdversarialConfig,
        setting: Setting,
        random: keras.random.SeedGenerator,
        *,
        channels: int = 3,
        outputs: int = 1,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        """`weights`: of terms that a method has beside the adversarial one and its penalty."""
        self.loss, self.policies, self.random = ADVERSARIAL[config.gan_loss], config.diffaugment, random
        self.features: FrozenFeatures | None = None
        if isinstance(config.discriminator, ProjectedConfig):
            self.features = FrozenFeatures(config.discriminator.features)
            if channels != 3:
                raise UserError(
                    "method.discriminator: 'projected' judges single pictures, here it gets pairs"
                )
            maps = self.features(ops.zeros((1, setting.crop, setting.crop, channels)))
            self.network = build_projected_heads(maps, outputs, config.discriminator.filters, seed=0)
        else:
            self.network = config.discriminator(channels=channels, outputs=outputs)
        optimizer = config.discriminator_optimizer
        self.player = optimizer.player(name, [self.network], config.main_steps(setting.steps))
        # Batch norm alone makes a picture depend on what is beside it.
        self.one_by_one = any(isinstance(layer, BatchNorm) for layer in self.network.layers)
        self.weights = {"adversarial": 1.0, "r1": config.weights.r1, **(weights or {})}

    def update(self, compute_terms: Callable[[], Terms]) -> Terms:
        power_iterate(self.network)
        return self.player.minimize(compute_terms, self.weights)

    def looks_through(self) -> list[FrozenFeatures]:
        """Frozen features, which must not judge what they have trained."""
        return [self.features] if self.features else []

    def __call__(self, pictures: Tensor) -> list[Tensor]:
        """Logits (N, h, w, outputs) of each scale or head, of pictures as they are."""
        seen: Any = pictures
        if self.features:
            seen = list(chosen(self.features(pictures)).values())
        logits = self.network(seen, training=True)
        return list(logits) if isinstance(logits, list | tuple) else [logits]

    def logits(self, pictures: Tensor) -> list[Tensor]:
        """Of pictures changed as `diffaugment` says, differentiably."""
        return self(augmented(pictures, self.policies, self.random))

    def logits_of_both(self, real: Tensor, fake: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        if self.one_by_one:
            return self.logits(real), self.logits(fake)
        both = [ops.split(one, [real.shape[0]]) for one in self.logits(ops.concatenate([real, fake]))]
        return [real_logits for real_logits, _ in both], [fake_logits for _, fake_logits in both]

    def generator_loss(self, fake: Tensor) -> Tensor:
        return mean_over_heads(self.loss.generator, self.logits(fake))

    def terms(self, real: Tensor, fake: Tensor) -> Terms:
        """Real pictures against fakes, and the gradient penalty where it has a weight."""
        real_logits, fake_logits = self.logits_of_both(real, fake)
        terms: Terms = {"adversarial": mean_over_heads(self.loss.discriminator, real_logits, fake_logits)}
        return terms | self.penalty(real)

    def penalty(self, real: Tensor) -> Terms:
        return {"r1": self.r1_penalty(real)} if self.weights["r1"] else {}

    def r1_penalty(self, real: Tensor) -> Tensor:
        """Half the squared gradient norm of each patch's logit, in the mean over patches and real images.

        Equation 9 of Mescheder et al. 2018, patch by patch, so that it does not depend on the crop. One
        gradient does for all patches, because with random signs their products vanish on average.
        """

        def signed(images: Tensor) -> Tensor:
            return sum(self.signed_sum(logits[..., :1]) for logits in self(images))

        slope = gradient(signed, real)
        return 0.5 * ops.mean(ops.sum(ops.square(slope), axis=(1, 2, 3)))

    def signed_sum(self, logits: Tensor) -> Tensor:
        signs = 2 * integers(ops.shape(logits), 2, self.random) - 1
        return ops.sum(logits * ops.cast(signs, logits.dtype)) / math.prod(logits.shape[1:3]) ** 0.5


def mean_over_heads(loss: Callable[..., Tensor], *logits: Sequence[Tensor]) -> Tensor:
    losses = [loss(*of_head) for of_head in zip(*logits, strict=True)]
    return sum(losses) / len(losses)
