"""Methods that train no network but move the pixels of one picture, through sizes from coarse to fine.

Another picture than the run's own is translated by doing for it, anew, what the run did.
"""

import os
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import keras
import numpy as np
from keras import ops
from pydantic import Field

from gan_style.config import Config
from gan_style.engine import Player, compiled, gradient, peak_memory
from gan_style.errors import RunError
from gan_style.features import FeatureBank
from gan_style.hardware import available_memory, resident_memory
from gan_style.lbfgs import LbfgsPlayer
from gan_style.losses import perceptual
from gan_style.objectives.objective import Objective, Request, Setting, Step, Subject
from gan_style.objectives.optimizers import Adam
from gan_style.objectives.stage import Goal, Stage, first_picture, resized
from gan_style.objectives.teacher import Teacher, TeacherChoice
from gan_style.progress import say, track, warn

SMALLEST_SIDE = 32  # pixels; the sizes of a run begin no smaller


class PixelAdam(Adam):
    kind: Literal["adam"]
    learning_rate: Annotated[float, Field(gt=0, description="of pixels in [-1, 1]")] = 0.02
    beta_1: Annotated[float, Field(ge=0, lt=1)] = 0.9


class Lbfgs(Config):
    kind: Literal["lbfgs"]
    history: Annotated[int, Field(ge=1, le=100, description="steps that tell the curvature; each costs two pictures of memory")] = 10

    def player(self, name: str, networks: Sequence[Any], steps: int) -> Player:
        return LbfgsPlayer(name, networks, self.history)


class CanvasConfig(Config):
    features: TeacherChoice = None
    optimizer: Annotated[PixelAdam | Lbfgs, Field(discriminator="kind")] = Lbfgs(kind="lbfgs")
    scales: Annotated[int, Field(ge=1, le=6, description="sizes that the picture grows through, each twice the last, in equal shares")] = 1
    start: Annotated[str, Field(description="content, noise, or a picture's file")] = "content"


class CanvasObjective(Objective):
    understands: ClassVar[frozenset[str]] = frozenset({"seed"})
    one_picture: ClassVar[bool] = True

    def __init__(self, config: Any, setting: Setting, features: Teacher | None = None) -> None:
        assert setting.subject is not None
        self.config, self.setting, self.subject = config, setting, setting.subject
        self.weights: dict[str, float] = config.weights.model_dump()
        self.features = features or Teacher(config.features)
        self.stages = self.build_stages()
        anything = keras.Input((1,))
        self.canvas = keras.Model(anything, [stage.sheet(anything) for stage in self.stages])

    def build_stages(self) -> list[Stage]:
        whole = first_picture(self.config.start, self.subject.content, self.setting.seed)
        halvings = [2**halved for halved in reversed(range(self.config.scales))]
        sizes = [tuple(round(side / halving) for side in whole.shape[1:3]) for halving in halvings]
        sizes = [size for size in sizes if min(size) >= SMALLEST_SIDE] or sizes[-1:]
        stages: list[Stage] = []
        for number, size in enumerate(sizes):
            steps = self.first_step(number + 1, len(sizes)) - self.first_step(number, len(sizes))

            def player(sheets: list[Any], size: Any = size, steps: int = steps) -> Player:
                return self.config.optimizer.player(f"canvas_{size[1]}x{size[0]}", sheets, steps)

            stages.append(Stage(resized(whole, size), stages[-1] if stages else None, player, self.weights))
        return stages

    def first_step(self, number: int, count: int) -> int:
        return number * self.setting.steps // count

    @abstractmethod
    def goal_at(self, stage: Stage) -> Goal: ...

    def prepare(self) -> None:
        self.announce_memory()
        self.aim()

    def announce_memory(self) -> None:
        """A step needs most while the gradient comes back through the features; the little that losses add is left out."""

        def through_features(anything: Any) -> Any:
            def loss(canvas: Any) -> Any:
                return sum(ops.mean(ops.square(perceptual.gram(maps, "relative"))) for maps in bank(canvas).values())

            return gradient(loss, self.stages[-1].start)

        bank = self.features.bank
        standing, free = resident_memory(os.getpid()), available_memory()
        needed = peak_memory(through_features)
        height, width = self.stages[-1].size()
        say(f"memory: about {(standing + needed) / 1e9:.2f} GB at {width}x{height} pixels, {standing / 1e9:.2f} GB of it already in use")
        if free is not None and needed > free:
            warn(f"only {free / 1e9:.2f} GB more are free; a smaller data.size would need less")

    def aim(self) -> None:
        for stage in self.stages:
            stage.goal = self.goal_at(stage)

    def step_at(self, step: int) -> Step:
        number = max(number for number in range(len(self.stages)) if self.first_step(number, len(self.stages)) <= step)
        return self.stages[number].step

    def networks(self) -> dict[str, keras.Model]:
        return {"canvas": self.canvas}

    def players(self) -> list[Player]:
        return [stage.player for stage in self.stages]

    def learning_rates(self) -> dict[str, float]:
        return {"learning_rate/canvas": self.newest().player.learning_rate()}

    def newest(self) -> Stage:
        """The largest size that has begun, or the first one."""
        return next((stage for stage in reversed(self.stages) if stage.has_begun()), self.stages[0])

    def trained_with(self) -> Sequence[FeatureBank]:
        return [self.features.bank]

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        return ops.stack([self.painted(content, request) for content in ops.convert_to_numpy(images)])

    def painted(self, content: np.ndarray, request: Request) -> Any:
        """The run's own picture as far as it has come; another one, or another wish for it, is worked on from the start."""
        subject = self.subject_of(content, request)
        return self.finished() if subject is self.subject else self.anew(self.config, subject, request.seed or 0)

    def anew(self, config: Any, subject: Subject, seed: int) -> np.ndarray:
        """Another picture (H, W, 3), brought as far as a whole run goes."""
        setting = replace(self.setting, subject=subject, seed=seed)
        other = type(self)(config, setting, self.features)
        other.aim()
        compiled_steps: dict[Any, Any] = {stage.step: compiled(stage.step) for stage in other.stages}
        for step in track(range(setting.steps), setting.steps, "optimising"):
            compiled_steps[other.step_at(step)](None)
        return other.finished()

    def subject_of(self, content: np.ndarray, request: Request) -> Subject:
        """What a request is about: the very `subject` of this run where it asks for nothing else."""
        return self.subject if self.is_own(content) else replace(self.subject, content=content)

    def is_own(self, picture: Any) -> bool:
        return np.array_equal(picture, self.subject.content)

    def finished(self) -> np.ndarray:
        """The picture (H, W, 3) in [-1, 1] at full size, as far as it has come."""
        pixels = ops.convert_to_numpy(resized(ops.convert_to_tensor(self.newest().sheet.pixels), self.stages[-1].size()))[0]
        if not np.isfinite(pixels).all():
            raise RunError("the picture has pixels that are no numbers; a smaller learning rate may help")
        return self.presented(np.clip(pixels, -1, 1))

    def presented(self, pixels: np.ndarray) -> np.ndarray:
        return pixels
