"""What a layer of frozen features still knows of a picture: a picture is sought that has the same ones (Mahendran & Vedaldi 2015)."""

from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from keras import ops
from pydantic import Field

from gan_style.config import Config
from gan_style.engine import Terms
from gan_style.errors import UserError
from gan_style.layers import PadToMultiple
from gan_style.losses.naturalness import alpha_norm, variation
from gan_style.objectives.canvas import CanvasConfig, CanvasObjective
from gan_style.objectives.objective import Metrics, PositiveWeight, Setting, Weight
from gan_style.objectives.stage import Goal, Stage, resized
from gan_style.objectives.teacher import Teacher

CELL = 32  # pixels; a multiple of every layer's cells


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    features: PositiveWeight = 1.0
    variation: Weight = 0.0
    alpha_norm: Weight = 0.0


class InversionConfig(CanvasConfig):
    kind: Literal["inversion"]
    layer: Annotated[str, Field(description="the layer of `features` that is inverted")]
    weights: Weights = Weights()
    beta: Annotated[float, Field(gt=0, le=4, description="of the variation; below 2 edges are few and strong")] = 2.0
    start: Annotated[str, Field(description="content, noise, or a picture's file")] = "noise"


class Inversion(CanvasObjective):
    gives_back: ClassVar[bool] = True

    def __init__(self, config: InversionConfig, setting: Setting, features: Teacher | None = None) -> None:
        super().__init__(config, setting, features)
        self.padded = PadToMultiple(CELL, dtype="float32")

    def goal_at(self, stage: Stage) -> Goal:
        picture = resized(ops.convert_to_tensor(self.subject.content[None]), stage.size())
        maps = self.whole(picture)
        if self.config.layer not in maps:
            raise UserError(f"objective.layer: the features have no layer '{self.config.layer}' at this size; they have: {', '.join(maps)}")
        return InversionGoal(self, picture, maps[self.config.layer])

    def whole(self, pictures: Any) -> dict[str, Any]:
        """Features of pictures mirrored at the bottom and right: layers that halve would not see the last pixels of odd sizes."""
        return self.features(self.padded(pictures))

    def reconstructions(self, images: Any) -> dict[str, Any]:
        """A picture (1, H, W, 3) sought anew from each layer of the features alone."""
        subject = replace(self.subject, content=ops.convert_to_numpy(images)[0])
        configs = {layer: self.config.model_copy(update={"layer": layer}) for layer in self.features(images)}
        return {layer: self.anew(config, subject, self.setting.seed)[None] for layer, config in configs.items()}


class InversionGoal(Goal):
    """One layer's features to have again, and a picture to compare with that the search does not see."""

    def __init__(self, method: Inversion, picture: Any, wanted: Any) -> None:
        self.config, self.features, self.weights = method.config, method.whole, method.config.weights
        self.picture, self.wanted = picture, wanted

    def terms(self, canvas: Any) -> Terms:
        """Equations 1 to 4, with squared distances of features relative to the wanted ones."""
        found = self.features(canvas)[self.config.layer]
        terms: Terms = {"features": ops.sum(ops.square(found - self.wanted)) / (ops.sum(ops.square(self.wanted)) + 1e-12)}
        if self.weights.variation:
            terms["variation"] = variation(canvas, self.config.beta)
        if self.weights.alpha_norm:
            terms["alpha_norm"] = alpha_norm(canvas)
        return terms

    def told(self, canvas: Any) -> Metrics:
        """Mean square error of 1, and decibels."""
        mse = ops.mean(ops.square((ops.clip(canvas, -1.0, 1.0) - self.picture) / 2.0))
        return {"reconstruction": {"mse": mse, "psnr": -10.0 * ops.log10(mse + 1e-12)}}
