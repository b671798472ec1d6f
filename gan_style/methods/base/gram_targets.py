"""What Gatys' image is to reach at one size: the content's features, and Grams of the style pictures."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from gan_style.data.subject import Subject
from gan_style.losses import perceptual
from gan_style.methods.base.colour_preservation import in_colours_of
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.methods.base.pixels import SMALLEST_SIDE, Level, resized
from gan_style.optim.player import compiled, gradient
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor


class GramTargets:
    """`config` is that of Gatys: which layers, which Gram preset, how colours are kept."""

    def __init__(self, config: Any, features: FrozenFeatures, subject: Subject, level: Level) -> None:
        self.config, self.features = config, features
        self.content = self.seen(resized(ops.convert_to_tensor(subject.content[None]), level.size))
        maps = features(self.content)
        self.content_maps = {layer: maps[layer] for layer in config.content_layers if layer in maps}
        pixels = {
            layer: maps[layer].shape[1] * maps[layer].shape[2]
            for layer in config.style_layers or maps
            if layer in maps
        }
        del maps  # large, and the next ones are too
        regions: list[Mapping[str, float]] = [{name: 1.0} for name in subject.masks] or [subject.blend]
        self.guides = [as_guide(mask) for mask in subject.masks.values()] or [None]
        self.wanted = self.grams_of_regions(regions, subject, level, pixels)
        # A small size may lack some of the layers, as long as there are others.
        if not self.wanted or (config.content_layers and not self.content_maps):
            height, width = level.size
            raise UserError(f"at {width}x{height} pixels the features lack layers that this run looks at")
        self.layer_weights = self.balanced(level.start)

    def seen(self, pictures: Tensor) -> Tensor:
        return perceptual.grey(pictures) if self.config.preserve_colour == "luminance" else pictures

    def grams_of_regions(
        self, regions: list[Mapping[str, float]], subject: Subject, level: Level, pixels: Mapping[str, int]
    ) -> dict[str, list[Tensor]]:
        """By layer: a Gram for each region, blended of the styles that count there."""
        names = {name for blend in regions for name, share in blend.items() if share}
        grams = {name: self.grams(name, subject, level.size, pixels) for name in names}
        layers = [layer for layer in pixels if all(layer in one for one in grams.values())]
        return {
            layer: [
                sum(share * grams[name][layer] for name, share in blend.items() if share) for blend in regions
            ]
            for layer in layers
        }

    def grams(
        self, name: str, subject: Subject, size: tuple[int, int], pixels: Mapping[str, int]
    ) -> dict[str, Tensor]:
        """Of a style picture, at the size that belongs to this size of the content, as its mask says."""
        preserved = in_colours_of(subject.content, subject.styles[name], self.config.preserve_colour)
        style = ops.convert_to_tensor(preserved[None])
        whole, largest = max(subject.content.shape[:2]), max(style.shape[1:3])
        scale = min(1.0, self.config.style_scale * whole / largest) * max(size) / whole
        sides = tuple(max(SMALLEST_SIDE, round(side * scale)) for side in style.shape[1:3])
        maps = self.features(resized(style, sides))
        if name in subject.style_masks:
            guide = as_guide(subject.style_masks[name])
            maps = {layer: perceptual.guided(features, guide) for layer, features in maps.items()}
        known = {layer: count for layer, count in pixels.items() if layer in maps}
        preset = self.config.gram
        return {layer: perceptual.gram_for(count, maps[layer], preset) for layer, count in known.items()}

    def balanced(self, start: Tensor) -> dict[str, float]:
        """What each style layer counts, 1 in all; balanced, all pull alike at the first image."""
        layers = list(self.wanted)

        def pull(weights: Tensor) -> Tensor:
            def style(image: Tensor) -> Tensor:
                maps = self.features(self.seen(image))
                return sum(weights[i] * self.distance(layer, maps[layer]) for i, layer in enumerate(layers))

            return ops.sqrt(ops.sum(ops.square(gradient(style, start))))

        pulls = np.ones(len(layers))
        if self.config.balance_layers:
            once = compiled(pull)
            pulls = np.array([float(once(one)) for one in np.eye(len(pulls), dtype=np.float32)]) + 1e-12
        return dict(zip(layers, (1 / pulls / (1 / pulls).sum()).tolist(), strict=True))

    def distance(self, layer: str, features: Tensor) -> Tensor:
        """Of one layer's textures to those wanted, in the mean over regions."""
        found = [features if guide is None else perceptual.guided(features, guide) for guide in self.guides]
        pairs = zip(found, self.wanted[layer], strict=True)
        return sum(perceptual.distance_to_gram(*pair, self.config.gram) for pair in pairs) / len(found)

    def style_distance(self, maps: Mapping[str, Tensor]) -> Tensor:
        weighed = (weight * self.distance(layer, maps[layer]) for layer, weight in self.layer_weights.items())
        return sum(weighed)


def as_guide(mask: np.ndarray) -> Tensor:
    return ops.convert_to_tensor(np.asarray(mask, np.float32)[None, ..., None])
