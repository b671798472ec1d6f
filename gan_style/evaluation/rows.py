"""What is compared in one exam: painted pictures, the photographs left as they are, and real targets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gan_style.evaluation import content, textures
from gan_style.evaluation.calibration import Draws
from gan_style.evaluation.exam import Exam, Pictures
from gan_style.images import to_signed
from gan_style.judges import Judge

PHOTOGRAPHS, PAINTINGS, OTHERS = range(3)  # seeds of the draws

Pixelwise = Callable[[np.ndarray, np.ndarray], float]
Seen = tuple[textures.Textures, dict[str, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Row:
    """Pictures of one role, how they are resampled, and what the judge sees in them."""

    pictures: Pictures
    draws: Draws
    judge: Judge

    @cached_property
    def seen(self) -> list[Seen]:
        """Of each picture: its textures, its features on a grid, and its vector."""
        return [look(self.judge, pixels) for pixels in self.pictures.pixels]

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
        return np.array([distance(*two) for two in zip(self.pictures.pixels, other.pictures.pixels, strict=True)])


def look(judge: Judge, pixels: np.ndarray) -> Seen:
    picture = to_signed(pixels)[None]
    maps = {layer: np.asarray(values)[0] for layer, values in judge(picture).items()}
    return textures.textures(maps), {layer: content.on_grid(values) for layer, values in maps.items()}, judge.embed(picture)[0]


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
    def of(cls, exam: Exam, fakes: Sequence[np.ndarray], judge: Judge) -> "Rows":
        # Photographs and their counterparts are resampled together.
        photographs = Draws.of(exam.source.originals, PHOTOGRAPHS)
        paintings = photographs if exam.paired else Draws.of(exam.target.originals, PAINTINGS)
        real = exam.second or exam.others
        others = photographs if exam.second else Draws.of(real.originals, OTHERS)
        return cls(
            source=Row(exam.source, photographs, judge),
            fake=Row(replace(exam.source, pixels=tuple(fakes)), photographs, judge),
            target=Row(exam.target, paintings, judge),
            real=Row(real, others, judge),
            paired=exam.paired,
            counterparts=exam.second is not None,
        )

    def roles(self) -> tuple[Row, Row, Row]:
        """The method, and its two anchors: the copy and the real thing."""
        return self.fake, self.source, self.real
