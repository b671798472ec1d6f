"""A painter with nobody against it: what all feed-forward methods share that learn from frozen features alone."""

from abc import abstractmethod
from typing import Any

import keras

from gan_style.engine import Player, Terms
from gan_style.objectives.objective import Metrics, Setting
from gan_style.objectives.painter import Painter
from gan_style.objectives.teacher import Taught


class Solo(Taught):
    def __init__(self, config: Any, setting: Setting) -> None:
        super().__init__(config, setting)
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

    def networks(self) -> dict[str, keras.Model]:
        return {"generator": self.generator}

    def players(self) -> list[Player]:
        return [self.player, *self.lesson_players()]
