"""The encoder-deconvolution network: one style, minimising the sum of |F(x) - A|^2 and lambda |x - y|^2.

x is what the network paints, y the photograph, F statistics of frozen features and A those of the style's pictures.
"""

from typing import Annotated, Any, Literal

from keras import ops
from pydantic import Field

from gan_style.config import Config
from gan_style.engine import Terms
from gan_style.losses import perceptual
from gan_style.losses.statistics import statistics_distance
from gan_style.objectives.objective import PositiveWeight, Setting, Weight
from gan_style.objectives.solo import Solo, SoloConfig
from gan_style.objectives.teacher import Teacher, TeacherChoice


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    style: PositiveWeight = 1.0
    likeness: Annotated[Weight, Field(description="lambda: mean squared difference to the photograph")] = 1.0


class DeconvNetConfig(SoloConfig):
    kind: Literal["deconvnet"]
    weights: Weights = Weights()
    statistics: Annotated[
        Literal["moments"] | perceptual.GramPreset,
        Field(description="F: means and deviations of channels, or their products, compared as this preset of Grams does"),
    ] = "relative"
    style_features: TeacherChoice = None


class DeconvNet(Solo):
    config: DeconvNetConfig

    def __init__(self, config: DeconvNetConfig, setting: Setting) -> None:
        super().__init__(config, setting)
        self.style_features = Teacher(config.style_features)
        self.teachers = {"style": self.style_features}

    def terms(self, batch: Any) -> Terms:
        fake = self.run(self.generator, self.seen(batch.source))
        painted, wanted = self.style_features(fake), self.style_features(batch.target)
        # No photograph has a partner among the paintings: A is what all of them have in common.
        if self.config.statistics == "moments":
            terms: Terms = {"style": statistics_distance(painted, wanted, in_common=True)}
        else:
            terms = {"style": perceptual.style_in_common(painted, wanted, self.config.statistics)}
        if self.weights["likeness"]:
            terms["likeness"] = ops.mean(ops.square(fake - batch.source))
        return terms
