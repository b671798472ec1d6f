"""The Gram style loss of methods that learn from many target pictures, in units of the whole target set."""

from collections.abc import Callable, Iterable

import keras
from keras import ops

from gan_style.losses import perceptual
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.system.tensor import Tensor

MEASURED = 64  # target pictures that tell the scale


class StyleLoss:
    """Distance of Grams of frozen features, by a preset.

    For the preset `normalised` it knows how large the targets' Grams are: the root of their mean square norm,
    layer by layer, measured once before the first step. A batch's own would blow up wherever its crops are
    nearly empty.
    """

    def __init__(
        self,
        features: FrozenFeatures,
        preset: perceptual.GramPreset,
        seen: Callable[[Tensor], Tensor] = lambda pictures: pictures,
        cells: int = 1,
    ) -> None:
        """`seen`: what of pictures the features are shown, such as their brightness alone.

        `cells`: in each direction, each with a Gram of its own.
        """
        self.features, self.preset, self.seen, self.cells = features, preset, seen, cells
        self.scale: dict[str, keras.Variable] = {}

    def prepare(self, crop: int) -> list[keras.Variable]:
        """Variables for the scale, which checkpoints hold; 1 until it is measured."""
        layers = self.features(ops.zeros((1, crop, crop, 3))) if self.preset == "normalised" else ()
        self.scale = {layer: keras.Variable(1.0, trainable=False, name=f"scale_{layer}") for layer in layers}
        return list(self.scale.values())

    def looked_at(self, pictures: Tensor) -> dict[str, Tensor]:
        """Features of the pictures' cells."""
        found = self.features(self.seen(pictures))
        return {layer: perceptual.cells(features, self.cells) for layer, features in found.items()}

    def measure(self, targets: Iterable[Tensor]) -> None:
        """Set the scale from batches of target pictures, as training crops them."""
        if not self.scale:
            return
        squares: dict[str, list[Tensor]] = {layer: [] for layer in self.scale}
        for pictures in targets:
            for layer, features in self.looked_at(pictures).items():
                squares[layer].append(perceptual.squared_norms(perceptual.gram(features, self.preset)))
        for layer, found in squares.items():
            rms = ops.sqrt(ops.mean(ops.concatenate(found)))
            self.scale[layer].assign(ops.maximum(rms, perceptual.SMALLEST_SCALE))

    def __call__(
        self, fake: Tensor, target: Tensor, *, together: bool = False, in_common: bool = False
    ) -> Tensor:
        """Of each fake to the target beside it, of both batches as wholes, or of each to all targets."""
        painted, wanted = (self.looked_at(some) for some in (fake, target))
        if in_common:
            return perceptual.style_in_common(painted, wanted, self.preset, self.scale)
        return perceptual.style(painted, wanted, self.preset, self.scale, together=together)

    def of_photographs_and_targets(self, fakes: Tensor, target: Tensor) -> Tensor:
        """`fakes`: of photographs, and then of the targets; features of each are computed once.

        In the mean: a painting that is painted again has its own Gram to reach, photographs the common one.
        """
        painted, wanted = (self.looked_at(some) for some in (fakes, target))
        halves = {layer: ops.split(features, 2, axis=0) for layer, features in painted.items()}
        fake, again = ({layer: half[place] for layer, half in halves.items()} for place in (0, 1))
        common = perceptual.style(fake, wanted, self.preset, self.scale, together=True)
        return (common + perceptual.style(again, wanted, self.preset, self.scale)) / 2
