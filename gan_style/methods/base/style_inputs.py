"""What a generator of several styles is shown: where a style is painted, its own input in its colours."""

from collections.abc import Callable, Mapping, Sequence

from keras import ops

from gan_style.data.batches import Batch
from gan_style.methods.base.generator_input import GeneratorInput, generator_input, target_input, towards
from gan_style.networks.colour_transfer import build_palette
from gan_style.system.errors import UserError
from gan_style.system.random import Random
from gan_style.system.tensor import Tensor


class StyleInputs:
    """`maps` (N, H, W, styles) say how much of each style every pixel has."""

    def __init__(
        self,
        own: Mapping[str, GeneratorInput],
        common: GeneratorInput,
        styles: Sequence[str],
        *,
        recolour: bool = True,
    ) -> None:
        self.recolour = recolour
        for name in own:
            if name not in styles:
                known = ", ".join(styles)
                raise UserError(f"method.style_inputs.{name}: there is no such style; the data has: {known}")
        # The different inputs, and the places of the styles that have them.
        self.places: dict[GeneratorInput, list[int]] = {}
        for place, name in enumerate(styles):
            self.places.setdefault(own.get(name, common), []).append(place)
        self.palettes = build_palette(len(styles))

    def of_photographs(self, images: Tensor, maps: Tensor, random: Random, strength: float = 1.0) -> Tensor:
        return self.mixed(maps, lambda how: generator_input(images, how, random, strength))

    def requested(
        self, images: Tensor, maps: Tensor, random: Random, strength: float, painting: bool
    ) -> Tensor:
        """When it paints. A `painting` has its strokes, and the colours of its styles."""
        if painting:
            return towards(images, self.of_targets(images, maps, random), strength)
        seen = self.of_photographs(images, maps, random, strength)
        return seen + strength * (self.recoloured(seen, maps) - seen)

    def of_targets(self, images: Tensor, maps: Tensor, random: Random) -> Tensor:
        return self.mixed(maps, lambda how: target_input(images, how, random))

    def mixed(self, maps: Tensor, of: Callable[[GeneratorInput], Tensor]) -> Tensor:
        shares = {
            how: ops.sum(ops.take(maps, places, axis=-1), axis=-1, keepdims=True)
            for how, places in self.places.items()
        }
        return sum(share * of(how) for how, share in shares.items())

    def observe_colours(self, batch: Batch) -> None:
        photographs = ops.zeros(batch.source.shape[0], "int32")
        rows = ops.concatenate([photographs, 1 + ops.cast(batch.style, "int32")])
        self.palettes.get_layer("palette").observe(ops.concatenate([batch.source, batch.target]), rows)

    def recoloured(self, pictures: Tensor, maps: Tensor) -> Tensor:
        """Pictures in the colours of their styles: a sketch has no blue to hold on to."""
        return ops.stop_gradient(self.palettes([pictures, maps])) if self.recolour else pictures
