"""Frozen feature banks by kind. A new one is a file here, and a line below."""

from gan_style.features.applications import Application
from gan_style.features.bank import FeatureBank
from gan_style.features.distilled import Distilled
from gan_style.features.random_encoder import RandomEncoder
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.features.vgg19_normalised import NormalisedVGG19

BANKS: dict[str, type[FeatureBank]] = {
    "random_pyramid": RandomPyramid,
    "random_encoder": RandomEncoder,
    "application": Application,
    "distilled": Distilled,
    "vgg19_normalised": NormalisedVGG19,
}

__all__ = ["BANKS", "FeatureBank"]
