"""Reverse VGG: for every layer of a frozen encoder, transposed convolutions that paint the image back (Dosovitskiy & Brox 2016)."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import keras
from keras import ops

from gan_style.config import Config
from gan_style.engine import Player, Terms
from gan_style.features import FeatureBank
from gan_style.networks.deconvolution import build_inverse_decoder
from gan_style.objectives.encoder import Encoder, EncoderChoice, cropped
from gan_style.objectives.objective import Metrics, Objective, Request, Setting, Step
from gan_style.objectives.optimizers import Adam


class InverseDecoderConfig(Config):
    kind: Literal["inverse_decoder"]
    encoder: EncoderChoice = None
    optimizer: Adam = Adam(learning_rate=1e-3, beta_1=0.9)


class InverseDecoder(Objective):
    gives_back: ClassVar[bool] = True

    def __init__(self, config: InverseDecoderConfig, setting: Setting) -> None:
        self.encoder = Encoder(config.encoder)
        self.decoders = {
            layer: build_inverse_decoder(self.encoder.channels[layer], halvings) for layer, halvings in self.encoder.halvings.items()
        }
        self.weights = dict.fromkeys(self.decoders, 1.0)
        self.player = config.optimizer.player("decoders", list(self.decoders.values()), setting.steps)

    def step_at(self, step: int) -> Step:
        return self.step

    def step(self, batch: Any) -> Metrics:
        """Mean squared errors of the pixels, by layer; the decoders have nothing in common but their optimizer."""
        return {"decoders": self.player.minimize(lambda: (self.terms(batch.source), None), self.weights)[0]}

    def terms(self, images: Any) -> Terms:
        return {layer: ops.mean(ops.square(again - images)) for layer, again in self.reconstructions(images).items()}

    def reconstructions(self, images: Any) -> dict[str, Any]:
        """What each layer still knows of the images, the shallowest first."""
        maps = self.encoder(images)
        return {layer: cropped(decoder(maps[layer]), images) for layer, decoder in self.decoders.items()}

    def translate(self, images: Any, request: Request) -> Any:
        """Photographs as the deepest layer remembers them."""
        self.check_request(request)
        deepest = self.encoder.deepest
        return cropped(self.decoders[deepest](self.encoder(images)[deepest]), images)

    def trained_with(self) -> Sequence[FeatureBank]:
        return (self.encoder.bank,)

    def networks(self) -> dict[str, keras.Model]:
        return {f"decoder_{layer}": decoder for layer, decoder in self.decoders.items()}

    def players(self) -> list[Player]:
        return [self.player]
