"""Architectures by kind."""

from gan_style.config import choice_of
from gan_style.networks.deconvolution import build_deconvnet
from gan_style.networks.patchgan import build_patchgan
from gan_style.networks.resnet import build_resnet_generator
from gan_style.networks.unet import build_unet_generator

GeneratorChoice = choice_of(resnet=build_resnet_generator, unet=build_unet_generator, deconvnet=build_deconvnet)
DiscriminatorChoice = choice_of(patchgan=build_patchgan)

__all__ = ["DiscriminatorChoice", "GeneratorChoice"]
