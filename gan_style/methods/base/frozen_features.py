"""Frozen features that losses look through: perceptual losses, Gram styles, encoders."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field

from gan_style.features import FeatureBank
from gan_style.features.distilled import Distilled
from gan_style.methods.base.choices import FeatureChoice
from gan_style.system.tensor import Tensor

FrozenFeaturesChoice = Annotated[FeatureChoice | None, Field(description="default: the included features")]


class FrozenFeatures:
    """A bank that is built when it is first looked through: a run must paint where its weights are absent."""

    def __init__(self, choice: Callable[[], FeatureBank] | None) -> None:
        self.choice = choice

    @cached_property
    def bank(self) -> FeatureBank:
        return self.choice() if self.choice else Distilled()

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        return self.bank(images)


def in_use(weights: Mapping[str, float], **by_term: FrozenFeatures) -> list[FrozenFeatures]:
    """Those whose loss term has a weight."""
    return [features for term, features in by_term.items() if weights[term]]
