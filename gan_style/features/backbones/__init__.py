"""Metric backbones by kind: frozen networks that metrics look through, and that never trained anything."""

from typing import Any

from pydantic import create_model

from gan_style.config.choice import choice_of
from gan_style.config.load import validate
from gan_style.config.located import Located, parse
from gan_style.config.model import Config
from gan_style.features.backbones.backbone import Backbone
from gan_style.features.backbones.inception_v3 import InceptionV3
from gan_style.features.backbones.mobilenet_v2 import MobileNetV2
from gan_style.features.backbones.refusal import refuse_training_features
from gan_style.features.backbones.squeezenet import SqueezeNet
from gan_style.features.backbones.vgg19 import VGG19, NormalisedVGG19
from gan_style.features.backbones.wavelets import Wavelets

BACKBONES: dict[str, type[Backbone]] = {
    backbone.kind: backbone
    for backbone in (Wavelets, MobileNetV2, InceptionV3, SqueezeNet, VGG19, NormalisedVGG19)
}
BackboneChoice = choice_of(BACKBONES)

# Backbones and frozen features that are one network of keras.applications: what has trained must not measure.
APPLICATIONS = {
    "mobilenet_v2": "MobileNetV2",
    "inception_v3": "InceptionV3",
    "vgg19": "VGG19",
    "vgg19_normalised": "VGG19",
}

_Asked = create_model("_Asked", __base__=Config, backbone=(BackboneChoice, ...))


def backbone_named(text: str) -> Any:
    """A backbone as the command line names it: a kind, or a block of YAML. Called, it reads its weights."""
    origin = "--backbone"
    located = parse(text, origin)
    block = located if isinstance(located.value, dict) else Located({"kind": located}, located.origin)
    asked = validate(Located({"backbone": block}, located.origin), _Asked)
    return asked.backbone  # type: ignore[attr-defined]


__all__ = [
    "APPLICATIONS",
    "Backbone",
    "BackboneChoice",
    "Wavelets",
    "backbone_named",
    "refuse_training_features",
]
