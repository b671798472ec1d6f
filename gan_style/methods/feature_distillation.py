"""Frozen features, taught to a small network in their principal components (after Chiu & Gurari 2022)."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Annotated, Any, Literal

import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config.bounds import MOST_FILTERS
from gan_style.config.model import Config
from gan_style.data.batches import Batch
from gan_style.data.kind import DataKind
from gan_style.features.distilled import TEACHER
from gan_style.losses import perceptual
from gan_style.losses.statistics import moments
from gan_style.methods.base.choices import FeatureChoice, OptimizerChoice
from gan_style.methods.base.components import Components
from gan_style.methods.base.encoder import Encoder
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, TermWeights, Weight
from gan_style.methods.base.request import Request
from gan_style.networks.graph import Graph
from gan_style.networks.student import arrays_of, build_student
from gan_style.optim.optimizers import Adam
from gan_style.optim.player import Terms
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor


class Weights(TermWeights):
    components: Annotated[PositiveWeight, Field(description="share of their variance that is missed")] = 1.0
    gram: Annotated[PositiveWeight, Field(description="distance of Grams, in units of the teacher's")] = 1.0
    moments: Annotated[
        Weight, Field(description="distance of channels' means and deviations, in units of the teacher's")
    ] = 0.0
    picture: Annotated[PositiveWeight, Field(description="squared error of the image, from level 0")] = 1.0


# As many as the teacher has layers, from the finest on.
Widths = Annotated[tuple[Annotated[int, Field(ge=1), MOST_FILTERS], ...], Field(min_length=1, max_length=6)]


class FeatureDistillationConfig(Config):
    kind: Literal["feature_distillation"]
    teacher: Annotated[FeatureChoice, Field(description="the frozen bank")]
    filters: Annotated[Widths, Field(description="of the student's layers, at each of the teacher's sizes")]
    components: Annotated[Widths, Field(description="that are taught of the teacher's layer of each size")]
    weights: Weights = Weights()
    optimizer: OptimizerChoice = Adam(learning_rate=2e-3, beta_1=0.9)


class FeatureDistillation(Method):
    def __init__(self, config: FeatureDistillationConfig, setting: Setting) -> None:
        self.weights: dict[str, float] = config.weights.model_dump()
        self.teacher = Encoder(config.teacher)
        self.levels = levels(self.teacher)
        counts = self.counts(config)
        self.components = Components(self.teacher.channels, counts)
        self.student = build_student([*counts.values()], config.filters)
        self.painter = Graph(lambda images: self.student(images, training=False)["picture"])
        self.player = config.optimizer.player("student", [self.student], setting.steps)
        super().__init__(
            setting,
            networks={"student": self.student},
            players=[self.player],
            memory={"components": self.components.variables()},
            features=[self.teacher],
        )

    def counts(self, config: FeatureDistillationConfig) -> dict[str, int]:
        """Components of each layer; a layer has not more than channels."""
        for name in ("filters", "components"):
            if len(getattr(config, name)) != len(self.levels):
                layers = ", ".join(self.levels)
                raise UserError(f"method.{name}: one number for each of the teacher's layers: {layers}")
        for layer, count in zip(self.levels, config.components, strict=True):
            if count > (most := self.teacher.channels[layer]):
                raise UserError(f"method.components: {layer} has {most} channels, not {count}")
        return dict(zip(self.levels, config.components, strict=True))

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        cls.needs_many_pictures(data)

    def measure(self, batches: Iterable[Batch]) -> None:
        pictures = chain.from_iterable((batch.source, batch.target) for batch in batches)
        self.components.measure(map(self.teacher, pictures))

    def step(self, batch: Batch) -> Metrics:
        """Photographs and paintings are the same to the teacher."""
        pictures = ops.concatenate([batch.source, batch.target])
        wanted = self.components.of(self.teacher(pictures))
        return {"student": self.player.minimize(lambda: self.terms(pictures, wanted), self.weights)}

    def terms(self, pictures: Tensor, wanted: dict[str, Tensor]) -> Terms:
        """In the mean over layers."""
        outputs = self.student(pictures, training=True)
        told = self.in_units(outputs)
        missed = [
            ops.mean(ops.sum(ops.square(told[layer] - wanted[layer]), axis=-1)) / variance
            for layer, variance in self.components.variances.items()
        ]
        terms: Terms = {
            "components": sum(missed) / len(missed),
            "gram": perceptual.style(told, wanted, "normalised", self.components.gram_norms),
            "picture": ops.mean(ops.square(outputs["picture"] - pictures)),
        }
        if self.weights["moments"]:
            terms["moments"] = moments_missed(told, wanted, self.components.variances)
        return terms

    def in_units(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """What the student says of each layer: it works with numbers around one, the teacher's are larger."""
        layers = enumerate(self.components.variances.items())
        return {layer: outputs[f"level{level}"] * ops.sqrt(scale) for level, (layer, scale) in layers}

    def bank_arrays(self) -> dict[str, np.ndarray]:
        """The student's weights as the bank `distilled` reads them, in the teacher's units and rotated."""
        arrays, rotations = arrays_of(self.student), self.components.rotations()
        for level, variance in enumerate(self.components.variances.values()):
            for part in ("kernel", "bias"):
                told = np.sqrt(np.asarray(variance)) * arrays[f"level{level}/{part}"]
                arrays[f"level{level}/{part}"] = (told @ rotations[level]).astype(np.float32)
        spatial = [one for one in self.teacher.bank.arrays() if one.ndim == 4 and one.shape[0] > 1]
        return arrays | ({TEACHER: spatial[0]} if spatial else {})

    def translate(self, images: Tensor, request: Request) -> Tensor:
        """Photographs as the student's first layer still knows them."""
        self.check_request(request)
        return self.painter(images)

    def reconstructs(self) -> bool:
        return True

    def findings(self) -> dict[str, Any]:
        kept = {layer: round(float(share), 4) for layer, share in self.components.kept.items()}
        return {**super().findings(), "energy_kept": kept}


def moments_missed(
    told: Mapping[str, Tensor], wanted: Mapping[str, Tensor], units: Mapping[str, Tensor]
) -> Tensor:
    """Of each layer's channels the squared error of means and deviations, in the mean over layers."""
    missed = 0.0
    for layer, unit in units.items():
        pairs = zip(moments(told[layer]), moments(wanted[layer]), strict=True)
        squares = sum(ops.sum(ops.square(one - other), axis=-1) for one, other in pairs)
        missed = missed + ops.mean(squares) / unit
    return missed / len(units)


def levels(teacher: Encoder) -> list[str]:
    """The teacher's layers, each at half the size of the one before."""
    if list(teacher.halvings.values()) != list(range(len(teacher.halvings))):
        found = ", ".join(f"{layer} 1/{2**count}" for layer, count in teacher.halvings.items())
        wanted = "one layer at each size, from the picture's own down by halves"
        raise UserError(f"teacher: {wanted}, is needed; found: {found}")
    return list(teacher.halvings)
