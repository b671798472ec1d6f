"""Frozen features that a method learns from, and painters that have such teachers."""

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, ClassVar

from keras import ops
from pydantic import Field

from gan_style.features import FeatureBank, FeatureChoice
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.objectives.objective import Request, Setting
from gan_style.objectives.painter import Painter, PainterObjective

TeacherChoice = Annotated[FeatureChoice | None, Field(description="default: the random pyramid")]


class Teacher:
    """A frozen bank, built when it is first looked through: a run must paint where the bank's weights are not at hand."""

    def __init__(self, choice: Callable[[], FeatureBank] | None) -> None:
        self.choice = choice

    @cached_property
    def bank(self) -> FeatureBank:
        return self.choice() if self.choice else RandomPyramid()

    def __call__(self, images: Any) -> dict[str, Any]:
        return self.bank(images)


class Taught(PainterObjective):
    """One painter of photographs, and banks that its terms look through."""

    understands: ClassVar[frozenset[str]] = frozenset({"strength"})
    painter: Painter

    def __init__(self, config: Any, setting: Setting) -> None:
        super().__init__(config, setting)
        self.config, self.crop = config, setting.crop
        self.weights: dict[str, float] = config.weights.model_dump()
        self.teachers: dict[str, Teacher] = {}  # by the term that needs them

    def prepare(self) -> None:
        for bank in self.trained_with():
            bank(ops.zeros((1, self.crop, self.crop, 3)))

    def trained_with(self) -> list[FeatureBank]:
        return [teacher.bank for term, teacher in self.teachers.items() if self.weights[term]]

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        return self.painter.at(request.strength)(images, training=False)
