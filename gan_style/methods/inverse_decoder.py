"""Reverse VGG (Dosovitskiy & Brox 2016): a decoder for every layer of a frozen encoder."""

from typing import Literal

import keras
from keras import ops

from gan_style.config.model import Config
from gan_style.data.batches import Batch
from gan_style.methods.base.choices import OptimizerChoice
from gan_style.methods.base.encoder import Encoder, EncoderChoice, cropped
from gan_style.methods.base.method import Method, Metrics, Setting
from gan_style.methods.base.request import Request
from gan_style.networks.deconvolution import build_inverse_decoder
from gan_style.networks.graph import Graph
from gan_style.optim.optimizers import Adam
from gan_style.optim.player import Terms
from gan_style.system.tensor import Tensor


class InverseDecoderConfig(Config):
    kind: Literal["inverse_decoder"]
    encoder: EncoderChoice = None
    optimizer: OptimizerChoice = Adam(learning_rate=1e-3, beta_1=0.9)


class InverseDecoder(Method):
    def __init__(self, config: InverseDecoderConfig, setting: Setting) -> None:
        self.encoder = Encoder(config.encoder)
        self.decoders: dict[str, keras.Model] = {
            layer: build_inverse_decoder(self.encoder.channels[layer], halvings)
            for layer, halvings in self.encoder.halvings.items()
        }
        self.painter = Graph(self.decoders[self.encoder.deepest])
        self.weights = dict.fromkeys(self.decoders, 1.0)
        self.player = config.optimizer.player("decoders", list(self.decoders.values()), setting.steps)
        super().__init__(
            setting,
            networks={f"decoder_{layer}": decoder for layer, decoder in self.decoders.items()},
            players=[self.player],
            features=[self.encoder],
        )

    def step(self, batch: Batch) -> Metrics:
        """The decoders have nothing in common but their optimizer."""
        return {"decoders": self.player.minimize(lambda: self.terms(batch.source), self.weights)}

    def terms(self, images: Tensor) -> Terms:
        """Mean squared errors of the pixels, by layer."""
        decoded = self.reconstructions(images)
        return {layer: ops.mean(ops.square(again - images)) for layer, again in decoded.items()}

    def reconstructions(self, images: Tensor) -> dict[str, Tensor]:
        """What each layer still knows of the images, the shallowest first."""
        maps = self.encoder(images)
        return {
            layer: cropped(decoder(maps[layer], training=True), images)
            for layer, decoder in self.decoders.items()
        }

    def translate(self, images: Tensor, request: Request) -> Tensor:
        """Photographs as the deepest layer remembers them."""
        self.check_request(request)
        return cropped(self.painter(self.encoder(images)[self.encoder.deepest]), images)

    def reconstructs(self) -> bool:
        return True
