"""Adversarial losses on logits, means over all patches. A new one is a row at the end, and its functions."""

from collections.abc import Callable
from dataclasses import dataclass

from keras import ops

from gan_style.system.tensor import Tensor

Loss = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class AdversarialLoss:
    """What a discriminator loses on real and on fake pictures, and what a generator loses on its fakes."""

    on_real: Loss
    on_fake: Loss
    generator: Loss
    halved: bool = False  # the discriminator's loss

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        both = self.on_real(real) + self.on_fake(fake)
        return 0.5 * both if self.halved else both


def squared_from_1(logits: Tensor) -> Tensor:
    return ops.mean(ops.square(logits - 1.0))


def squared_from_0(logits: Tensor) -> Tensor:
    return ops.mean(ops.square(logits))


def cross_entropy_with_1(logits: Tensor) -> Tensor:
    """softplus(-x) is -log sigmoid(x)."""
    return ops.mean(ops.softplus(-logits))


def cross_entropy_with_0(logits: Tensor) -> Tensor:
    return ops.mean(ops.softplus(logits))


def hinge_above_1(logits: Tensor) -> Tensor:
    return ops.mean(ops.relu(1.0 - logits))


def hinge_below_minus_1(logits: Tensor) -> Tensor:
    return ops.mean(ops.relu(1.0 + logits))


def minus_mean(logits: Tensor) -> Tensor:
    return -ops.mean(logits)


# By name, as `gan_loss` has it.
ADVERSARIAL: dict[str, AdversarialLoss] = {
    # Least squares (Mao et al. 2017), halved as in CycleGAN.
    "lsgan": AdversarialLoss(squared_from_1, squared_from_0, squared_from_1, halved=True),
    # Goodfellow et al. 2014, the non-saturating form, halved as in pix2pix.
    "bce": AdversarialLoss(cross_entropy_with_1, cross_entropy_with_0, cross_entropy_with_1, halved=True),
    # Lim and Ye 2017; Miyato et al. 2018.
    "hinge": AdversarialLoss(hinge_above_1, hinge_below_minus_1, minus_mean),
}
