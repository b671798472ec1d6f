"""What is compared for one style: painted pictures, photographs left as they are, and real targets."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gan_style.data.held_out import HeldOut, Pictures
from gan_style.evaluation.jackknife import (
    OTHERS,
    PAINTINGS,
    PHOTOGRAPHS,
    Jackknifed,
    Label,
    Originals,
    leave_out,
)
from gan_style.features.backbones import Backbone
from gan_style.metrics import content, textures
from gan_style.system.images import to_signed

Pixelwise = Callable[[np.ndarray, np.ndarray], float]
Seen = tuple[textures.Textures, dict[str, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Row:
    """Pictures of one role, the originals that are left out of them, and what the backbone sees in them."""

    pictures: Pictures
    originals: Originals
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
    labels: tuple[Label, ...]  # of what is left out, block by block

    @classmethod
    def of(cls, held_out: HeldOut, fakes: Sequence[np.ndarray], backbone: Backbone) -> "Rows":
        real = held_out.second or held_out.others
        groups = {PHOTOGRAPHS: held_out.source.originals}
        # Photographs and their counterparts are left out together.
        if not held_out.paired:
            groups[f"{PAINTINGS}{of_style(held_out)}"] = held_out.target.originals
        if not held_out.second:
            groups[f"{OTHERS}{of_style(held_out)}"] = real.originals
        originals, labels = leave_out(groups)
        photographs, *more = originals.values()
        paintings = photographs if held_out.paired else more[0]
        return cls(
            source=Row(held_out.source, photographs, backbone),
            fake=Row(replace(held_out.source, pixels=tuple(fakes)), photographs, backbone),
            target=Row(held_out.target, paintings, backbone),
            real=Row(real, photographs if held_out.second else more[-1], backbone),
            paired=held_out.paired,
            counterparts=held_out.second is not None,
            labels=labels,
        )

    def roles(self) -> tuple[Row, Row, Row]:
        """The method, and its two references: the identity baseline and real vs real."""
        return self.fake, self.source, self.real

    def figure(self, values: np.ndarray) -> Jackknifed:
        """`values` (1 + labels,): with everything, and with one block left out at a time.

        Of groups that the figure does not depend on, nothing is kept: without them it is what it is.
        """
        whole = Jackknifed.of(values, self.labels)
        moved = {group for (group, _), value in whole.without.items() if not same(value, whole.whole)}
        kept = {label: value for label, value in whole.without.items() if label[0] in moved}
        return Jackknifed(whole.whole, kept or photographs_of(whole))


def of_style(held_out: HeldOut) -> str:
    return f" in {held_out.style}" if held_out.style else ""


def same(one: float, other: float) -> bool:
    """But for the order of sums."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def photographs_of(figure: Jackknifed) -> dict[Label, float]:
    """A figure that nothing moves is as sure as its photographs are many."""
    return {label: value for label, value in figure.without.items() if label[0] == PHOTOGRAPHS}
