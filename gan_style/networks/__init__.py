"""Architectures by kind. A new one is a file here, and a line below."""

from collections.abc import Callable

import keras

from gan_style.networks.deconvolution import build_deconvnet
from gan_style.networks.patchgan import build_multiscale_patchgan, build_patchgan
from gan_style.networks.resnet import build_resnet_generator
from gan_style.networks.unet import build_unet_generator

GENERATORS: dict[str, Callable[..., keras.Model]] = {
    "resnet": build_resnet_generator,
    "unet": build_unet_generator,
    "deconvnet": build_deconvnet,
}
DISCRIMINATORS: dict[str, Callable[..., keras.Model]] = {
    "patchgan": build_patchgan,
    "multiscale": build_multiscale_patchgan,
}

__all__ = ["DISCRIMINATORS", "GENERATORS"]
