"""A painter with nobody against it: what all feed-forward methods share that learn from frozen features alone."""

from abc import abstractmethod
from typing import Any, ClassVar

import keras
from keras import ops

from gan_style.engine import Player, Terms
from gan_style.features import FeatureBank
from gan_style.objectives.game import Teacher
from gan_style.objectives.objective import Metrics, Request, Setting
from gan_style.objectives.painter import Painter, PainterObjective


class Solo(PainterObjective):
    understands: ClassVar[frozenset[str]] = frozenset({"strength"})

    def __init__(self, config: Any, setting: Setting) -> None:
        super().__init__(config, setting)
        self.config, self.crop = config, setting.crop
        self.weights: dict[str, float] = config.weights.model_dump()
        self.teachers: dict[str, Teacher] = {}  # by the term that needs them
        self.generator = self.build_generator(setting)
        self.painter = Painter("generator", self.generator, config, setting.steps)
        self.painters = [self.painter]
        self.player = config.generator_optimizer.player("generator", [self.generator], self.game_steps)

    def build_generator(self, setting: Setting) -> keras.Model:
        network: keras.Model = self.config.generator()
        return network

    @abstractmethod
    def terms(self, batch: Any) -> Terms:
        """What is to become small when the batch's photographs are painted."""

    def step(self, batch: Any) -> Metrics:
        terms, _ = self.player.minimize(lambda: (self.terms(batch), None), self.weights)
        self.painter.follow(self.player.optimizer.iterations)
        return {"generator": terms}

    def prepare(self) -> None:
        for bank in self.trained_with():
            bank(ops.zeros((1, self.crop, self.crop, 3)))

    def trained_with(self) -> list[FeatureBank]:
        return [teacher.bank for term, teacher in self.teachers.items() if self.weights[term]]

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        return self.painter.at(request.strength)(images, training=False)

    def networks(self) -> dict[str, keras.Model]:
        return {"generator": self.generator}

    def players(self) -> list[Player]:
        return [self.player, *self.lesson_players()]
