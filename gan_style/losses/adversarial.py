"""Adversarial losses on logits: each family gives the discriminator's loss and the generator's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from keras import ops

Family = Literal["lsgan", "bce", "hinge"]


@dataclass(frozen=True)
class AdversarialLoss:
    """`discriminator(real, fake)` and `generator(fake)`, both mean scalars over all patches."""

    discriminator: Callable[[Any, Any], Any]
    generator: Callable[[Any], Any]


def adversarial_loss(family: Family) -> AdversarialLoss:
    return {
        "lsgan": AdversarialLoss(lsgan_discriminator, lsgan_generator),
        "bce": AdversarialLoss(bce_discriminator, bce_generator),
        "hinge": AdversarialLoss(hinge_discriminator, hinge_generator),
    }[family]


def one_sided(family: Family, logits: Any, *, real: bool) -> Any:
    """What a discriminator loses on pictures of one kind, without the halving: for more kinds of fakes than one."""
    towards = logits if real else -logits
    match family:
        case "lsgan":
            return ops.mean(ops.square(logits - (1.0 if real else 0.0)))
        case "bce":
            return ops.mean(ops.softplus(-towards))
        case "hinge":
            return ops.mean(ops.relu(1.0 - towards))


def lsgan_discriminator(real: Any, fake: Any) -> Any:
    """Least squares (Mao et al. 2017), halved as in CycleGAN."""
    return 0.5 * (ops.mean(ops.square(real - 1.0)) + ops.mean(ops.square(fake)))


def lsgan_generator(fake: Any) -> Any:
    return ops.mean(ops.square(fake - 1.0))


def bce_discriminator(real: Any, fake: Any) -> Any:
    """Cross-entropy (Goodfellow et al. 2014), halved as in pix2pix; softplus(-x) is -log sigmoid(x)."""
    return 0.5 * (ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake)))


def bce_generator(fake: Any) -> Any:
    """The non-saturating form."""
    return ops.mean(ops.softplus(-fake))


def hinge_discriminator(real: Any, fake: Any) -> Any:
    """Hinge (Lim and Ye 2017; Miyato et al. 2018)."""
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


def hinge_generator(fake: Any) -> Any:
    return -ops.mean(fake)
