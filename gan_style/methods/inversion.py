"""What a layer still knows: an image is sought that has its features (Mahendran & Vedaldi 2015)."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.data.kind import DataKind
from gan_style.data.subject import Subject
from gan_style.losses.regularisers import alpha_norm, total_variation
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, Step, TermWeights, Weight
from gan_style.methods.base.optimisation import announce_memory, run_anew
from gan_style.methods.base.pixels import ImagePyramid, InitialImage, Level, PixelConfig, resized
from gan_style.methods.base.request import Request
from gan_style.networks.layers.padding import PadToMultiple
from gan_style.optim.player import Terms
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

CELL = 32  # pixels; a multiple of every layer's cells


class Weights(TermWeights):
    features: PositiveWeight = 1.0
    total_variation: Weight = 0.0
    alpha_norm: Weight = 0.0


class InversionConfig(PixelConfig):
    kind: Literal["inversion"]
    layer: Annotated[str, Field(description="the layer of `features` that is inverted")]
    weights: Weights = Weights()
    beta: Annotated[
        float, Field(gt=0, le=4, description="of the total variation; below 2 edges are few and strong")
    ] = 2.0
    initial_image: InitialImage = "noise"


class Inversion(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"seed"})

    def __init__(
        self, config: InversionConfig, setting: Setting, features: FrozenFeatures | None = None
    ) -> None:
        assert setting.subject is not None
        self.config, self.subject = config, setting.subject
        self.weights = config.weights.model_dump()
        self.frozen = features or FrozenFeatures(config.features)
        self.padded = PadToMultiple(CELL, dtype="float32")
        self.pyramid = ImagePyramid(config, self.subject.content, setting.steps, setting.seed)
        self.steps: list[Step] = []
        super().__init__(
            setting,
            networks={"image": self.pyramid.network},
            players=self.pyramid.players,
            features=[self.frozen],
        )

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        if not data.one_picture:
            raise ValueError("data.kind: 'inversion' works on one picture, of data kind 'fixed'")
        if data.style_names():
            raise ValueError("data.styles: 'inversion' gives the picture back and has no style to reach")

    def prepare(self) -> None:
        announce_memory(self.pyramid.levels[-1], self.frozen)
        self.aim()

    def aim(self) -> None:
        """One step for each size, with the features to have there."""
        self.steps = [partial(self.step, level, LayerGoal(self, level)) for level in self.pyramid.levels]

    def step_at(self, step: int) -> Step:
        return self.steps[self.pyramid.level_at(step)]

    def phases(self, steps: int) -> dict[str, int]:
        return self.pyramid.phases()

    def step(self, level: Level, goal: "LayerGoal", batch: Any = None) -> Metrics:  # type: ignore[override]
        level.begin()
        terms = level.player.minimize(lambda: goal.terms(level.image()), self.weights)
        return {"image": terms, "reconstruction": goal.errors(level.image())}

    def whole(self, pictures: Tensor) -> dict[str, Tensor]:
        """Features of pictures mirrored at bottom and right, so that halving layers see the last pixels."""
        return self.frozen(self.padded(pictures))

    def reconstructions(self, images: Tensor) -> dict[str, Tensor]:
        """A picture (1, H, W, 3) sought anew from each layer of the features alone."""
        subject = replace(self.subject, content=ops.convert_to_numpy(images)[0])
        configs = {layer: self.config.model_copy(update={"layer": layer}) for layer in self.frozen(images)}
        seed = self.setting.seed
        return {layer: self.anew(config, subject, seed)[None] for layer, config in configs.items()}

    def translate(self, images: Tensor, request: Request) -> Tensor:
        """The run's own picture as far as it has come; another one is worked on from the start."""
        self.check_request(request)
        painted = [
            self.pyramid.result()
            if self.is_finished(content)
            else self.anew(self.config, replace(self.subject, content=content), request.seed or 0)
            for content in ops.convert_to_numpy(images)
        ]
        return ops.stack(painted)

    def anew(self, config: InversionConfig, subject: Subject, seed: int) -> np.ndarray:
        other = Inversion(config, replace(self.setting, subject=subject, seed=seed), self.frozen)
        other.aim()
        return run_anew(other.steps, other.pyramid)

    def reconstructs(self) -> bool:
        return True


class LayerGoal:
    """One layer's features to have again, and a picture to compare with that the search does not see."""

    def __init__(self, method: Inversion, level: Level) -> None:
        self.config, self.weights, self.whole = method.config, method.weights, method.whole
        self.picture = resized(ops.convert_to_tensor(method.subject.content[None]), level.size)
        maps = self.whole(self.picture)
        if self.config.layer not in maps:
            known = ", ".join(maps)
            raise UserError(
                f"method.layer: the features have no layer '{self.config.layer}' at this size; "
                f"they have: {known}"
            )
        self.wanted = maps[self.config.layer]

    def terms(self, image: Tensor) -> Terms:
        """Equations 1 to 4, with squared distances of features relative to the wanted ones."""
        difference = self.whole(image)[self.config.layer] - self.wanted
        terms: Terms = {"features": energy(difference) / (energy(self.wanted) + 1e-12)}
        if self.weights["total_variation"]:
            terms["total_variation"] = total_variation(image, self.config.beta)
        if self.weights["alpha_norm"]:
            terms["alpha_norm"] = alpha_norm(image)
        return terms

    def errors(self, image: Tensor) -> Terms:
        """Mean square error of 1, and decibels."""
        mse = ops.mean(ops.square((ops.clip(image, -1.0, 1.0) - self.picture) / 2.0))
        return {"mse": mse, "psnr": -10.0 * ops.log10(mse + 1e-12)}


def energy(features: Tensor) -> Tensor:
    return ops.sum(ops.square(features))
