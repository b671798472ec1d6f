"""A painter with nobody against it: what all feed-forward methods share that are taught by frozen features."""

from abc import abstractmethod
from typing import Any, ClassVar

import keras

from gan_style.engine import Player, Terms
from gan_style.objectives.objective import Metrics, Request, Setting
from gan_style.objectives.painter import Painter, PainterConfig
from gan_style.objectives.teacher import Taught
from gan_style.objectives.underpainting import Underpainting, on_the_easel, underpainted


class SoloConfig(PainterConfig):
    underpainting: Underpainting = Underpainting()


class Solo(Taught):
    understands: ClassVar[frozenset[str]] = frozenset({"strength", "seed"})

    def __init__(self, config: Any, setting: Setting) -> None:
        super().__init__(config, setting)
        self.generator = self.build_generator(setting)
        self.painter = Painter("generator", self.generator, config, setting.steps)
        self.painters = [self.painter]
        self.player = config.generator_optimizer.player("generator", [self.generator], self.game_steps)
        self.random = keras.random.SeedGenerator(setting.seed, name="random")

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

    def seen(self, photographs: Any, rehearsed: Any = None) -> Any:
        """What the generator is shown of them in a step, and of paintings that it is to paint again."""
        return on_the_easel(photographs, rehearsed, self.config.underpainting, self.random)

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        random = keras.random.SeedGenerator(request.seed or 0)
        strength = 1.0 if request.strength is None else request.strength
        seen = underpainted(images, self.config.underpainting, random, strength)
        return self.painted(self.painter.at(request.strength), seen, request, random)

    def painted(self, network: keras.Model, seen: Any, request: Request, random: keras.random.SeedGenerator) -> Any:
        return network(seen, training=False)

    def memory(self) -> dict[str, list[Any]]:
        return {"random": [self.random.state]}

    def networks(self) -> dict[str, keras.Model]:
        return {"generator": self.generator}

    def players(self) -> list[Player]:
        return [self.player, *self.lesson_players()]
