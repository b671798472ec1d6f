"""The judges by kind: frozen networks that see the pictures of an evaluation, and never trained anything."""

from pydantic import create_model

from gan_style.config import Config, choice_of, validate
from gan_style.judges.inception_v3 import InceptionV3
from gan_style.judges.judge import Judge
from gan_style.judges.mobilenet_v2 import MobileNetV2
from gan_style.judges.refusal import refuse_training_features
from gan_style.judges.squeezenet import SqueezeNet
from gan_style.judges.vgg19 import VGG19, NormalisedVGG19
from gan_style.judges.wavelets import Wavelets
from gan_style.located import Located, parse

JudgeChoice = choice_of(
    wavelets=Wavelets,
    mobilenet_v2=MobileNetV2,
    inception_v3=InceptionV3,
    squeezenet=SqueezeNet,
    vgg19=VGG19,
    vgg19_normalised=NormalisedVGG19,
)


# Judges and teachers that are networks of keras.applications: what has trained may not judge.
APPLICATIONS = {"mobilenet_v2": "MobileNetV2", "inception_v3": "InceptionV3", "vgg19": "VGG19", "vgg19_normalised": "VGG19"}

_Asked = create_model("_Asked", __base__=Config, judge=(JudgeChoice, ...))


def named_judge(text: str) -> Judge:
    """A judge as the command line names it: its kind alone, or a block of YAML."""
    origin = "--judge"
    located = parse(text, origin)
    block = located if isinstance(located.value, dict) else Located({"kind": located}, located.origin)
    asked = validate(Located({"judge": block}, located.origin), _Asked)
    judge: Judge = asked.judge()  # type: ignore[attr-defined]
    return judge


__all__ = ["APPLICATIONS", "Judge", "JudgeChoice", "Wavelets", "named_judge", "refuse_training_features"]
