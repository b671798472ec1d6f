"""What is compared for one style: painted pictures, photographs left as they are, and real targets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gan_style.data.held_out import HeldOut, Pictures
from gan_style.evaluation.calibration import Draws
from gan_style.evaluation.metrics import content, textures
from gan_style.features.backbones import Backbone
from gan_style.system.images import to_signed

PHOTOGRAPHS, PAINTINGS, OTHERS = range(3)  # seeds of the draws

Pixelwise = Callable[[np.ndarray, np.ndarray], float]
Seen = tuple[textures.Textures, dict[str, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Row:
    """Pictures of one role, how they are resampled, and what the backbone sees in them."""

    pictures: Pictures
    draws: Draws
    backbone: Backbone

    @cached_property
    def seen(self) -> list[Seen]:
        """Of each picture: its textures, its features on a grid, and its vector."""
        return [look(self.backbone, pixels) for pixels in self.pictures.pixels]

    @property
    def textures(self) -> list[textures.Textures]:
        return [texture for texture, _, _ in self.seen]

    @property
    def grids(self) -> list[dict[str, np.ndarray]]:
        return [grid for _, grid, _ in self.seen]

    @cached_property
    def vectors(self) -> np.ndarray:
        return np.stack([vector for _, _, vector in self.seen])

    def against(self, other: "Row", distance: Pixelwise) -> np.ndarray:
        """A distance of pixels, picture by picture."""
        pairs = zip(self.pictures.pixels, other.pictures.pixels, strict=True)
        return np.array([distance(*two) for two in pairs])


def look(backbone: Backbone, pixels: np.ndarray) -> Seen:
    picture = to_signed(pixels)[None]
    maps = {layer: np.asarray(values)[0] for layer, values in backbone(picture).items()}
    grids = {layer: content.on_grid(values) for layer, values in maps.items()}
    return textures.textures(maps), grids, backbone.embed(picture)[0]


@dataclass(frozen=True)
class Rows:
    """`real` are second true counterparts, or other real targets of other motifs."""

    source: Row
    fake: Row
    target: Row
    real: Row
    paired: bool  # targets show what the photographs show
    counterparts: bool  # and so do the real pictures

    @classmethod
    def of(cls, held_out: HeldOut, fakes: Sequence[np.ndarray], backbone: Backbone) -> "Rows":
        # Photographs and their counterparts are resampled together.
        photographs = Draws.of(held_out.source.originals, PHOTOGRAPHS)
        paintings = photographs if held_out.paired else Draws.of(held_out.target.originals, PAINTINGS)
        real = held_out.second or held_out.others
        others = photographs if held_out.second else Draws.of(real.originals, OTHERS)
        return cls(
            source=Row(held_out.source, photographs, backbone),
            fake=Row(replace(held_out.source, pixels=tuple(fakes)), photographs, backbone),
            target=Row(held_out.target, paintings, backbone),
            real=Row(real, others, backbone),
            paired=held_out.paired,
            counterparts=held_out.second is not None,
        )

    def roles(self) -> tuple[Row, Row, Row]:
        """The method, and its two references: the identity baseline and real vs real."""
        return self.fake, self.source, self.real
