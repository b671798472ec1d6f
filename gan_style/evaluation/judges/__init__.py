"""The judges by kind: frozen networks that see the pictures of an evaluation, and never trained anything."""

from gan_style.config import choice_of
from gan_style.evaluation.judges.inception_v3 import InceptionV3
from gan_style.evaluation.judges.judge import Judge
from gan_style.evaluation.judges.mobilenet_v2 import MobileNetV2
from gan_style.evaluation.judges.refusal import refuse_training_features
from gan_style.evaluation.judges.squeezenet import SqueezeNet
from gan_style.evaluation.judges.vgg19 import VGG19, NormalisedVGG19
from gan_style.evaluation.judges.wavelets import Wavelets

JudgeChoice = choice_of(
    wavelets=Wavelets,
    mobilenet_v2=MobileNetV2,
    inception_v3=InceptionV3,
    squeezenet=SqueezeNet,
    vgg19=VGG19,
    vgg19_normalised=NormalisedVGG19,
)

__all__ = ["Judge", "JudgeChoice", "refuse_training_features"]
