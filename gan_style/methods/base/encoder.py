"""A frozen bank as an encoder: how often its layers halve a picture, and the size of what is decoded."""

from collections.abc import Callable
from typing import Annotated

from keras import ops
from pydantic import Field

from gan_style.features import FeatureBank
from gan_style.features.distilled import Distilled
from gan_style.methods.base.choices import FeatureChoice
from gan_style.networks.layers.padding import PadToMultiple
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

EncoderChoice = Annotated[
    FeatureChoice | None, Field(description="a frozen bank; default: the included features")
]
SIDE = 64  # pixels of the picture that shows what the layers do


class Encoder:
    """Feature maps by layer, of pictures mirrored at bottom and right until all layers see whole cells."""

    def __init__(self, choice: Callable[[], FeatureBank] | None) -> None:
        self.bank: FeatureBank = choice() if choice else Distilled()
        maps = self.bank(ops.zeros((1, SIDE, SIDE, 3)))
        found = {layer: halvings(layer, features.shape[1]) for layer, features in maps.items()}
        # A recipe may name its layers in any order.
        self.halvings = dict(sorted(found.items(), key=lambda layer: layer[1]))
        self.channels = {layer: maps[layer].shape[-1] for layer in self.halvings}
        self.deepest = list(self.halvings)[-1]
        # Frozen features, and masks, are exact whatever the precision of a training.
        self.padded = PadToMultiple(2 ** max(self.halvings.values()), dtype="float32")

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        maps = self.bank(self.padded(images))
        return {layer: maps[layer] for layer in self.halvings if layer in maps}

    def pyramid(self, skips: int) -> list[str]:
        """The deepest layer, and one of each of so many finer sizes, each twice as large as the last."""
        layers = {count: layer for layer, count in self.halvings.items()}
        deepest = max(layers)
        wanted = range(deepest, deepest - skips - 1, -1)
        if missing := [count for count in wanted if count not in layers]:
            sizes = ", ".join(f"{layer} 1/{2**count}" for layer, count in self.halvings.items())
            size = f"1/{2 ** missing[0]}" if missing[0] >= 0 else "more than 1"
            raise UserError(
                f"method.skips: {skips} need a layer of {size} of the picture's size; there are: {sizes}"
            )
        return [layers[count] for count in wanted]

    def regions(self, masks: Tensor, layer: str) -> Tensor:
        """Masks (N, H, W, K) at the size of a layer's features."""
        cell = 2 ** self.halvings[layer]
        return ops.average_pool(self.padded(masks), cell, strides=cell)


def halvings(layer: str, side: int) -> int:
    for count in range(SIDE.bit_length()):
        if side * 2**count == SIDE:
            return count
    raise UserError(
        f"encoder: layer '{layer}' makes {side} of {SIDE} pixels; a decoder can only undo halvings"
    )


def cropped(image: Tensor, like: Tensor) -> Tensor:
    """A decoder's picture without what was mirrored."""
    height, width = ops.shape(like)[1:3]
    return image[:, :height, :width]
