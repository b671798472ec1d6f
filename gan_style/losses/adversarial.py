"""Adversarial losses on logits. A new one is three functions here, and a line at the end."""

from collections.abc import Callable
from dataclasses import dataclass

from keras import ops

from gan_style.system.tensor import Tensor


@dataclass(frozen=True)
class AdversarialLoss:
    """Mean scalars over all patches: `discriminator(real, fake)` and `generator(fake)`.

    `one_sided(logits, real)` is what a discriminator loses on pictures of one kind, without the halving: for
    more kinds of fakes than one.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    one_sided: Callable[[Tensor, bool], Tensor]


def lsgan_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Least squares (Mao et al. 2017), halved as in CycleGAN."""
    return 0.5 * (ops.mean(ops.square(real - 1.0)) + ops.mean(ops.square(fake)))


def lsgan_generator(fake: Tensor) -> Tensor:
    return ops.mean(ops.square(fake - 1.0))


def lsgan_one_sided(logits: Tensor, real: bool) -> Tensor:
    return ops.mean(ops.square(logits - (1.0 if real else 0.0)))


def bce_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Cross-entropy (Goodfellow et al. 2014), halved as in pix2pix; softplus(-x) is -log sigmoid(x)."""
    return 0.5 * (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake)))


def bce_generator(fake: Tensor) -> Tensor:
    """The non-saturating form."""
    return ops.mean(ops.softplus(-fake))


def bce_one_sided(logits: Tensor, real: bool) -> Tensor:
    return ops.mean(ops.softplus(-logits if real else logits))


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge (Lim and Ye 2017; Miyato et al. 2018)."""
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


def hinge_generator(fake: Tensor) -> Tensor:
    return -ops.mean(fake)


def hinge_one_sided(logits: Tensor, real: bool) -> Tensor:
    return ops.mean(ops.relu(1.0 - (logits if real else -logits)))


# By name, as `gan_loss` has it.
ADVERSARIAL: dict[str, AdversarialLoss] = {
    "lsgan": AdversarialLoss(lsgan_discriminator, lsgan_generator, lsgan_one_sided),
    "bce": AdversarialLoss(bce_discriminator, bce_generator, bce_one_sided),
    "hinge": AdversarialLoss(hinge_discriminator, hinge_generator, hinge_one_sided),
}
