"""How a figure moves when photographs or paintings are left out: what says how sure it is.

Crops of one photograph are no independent evidence, so that whole originals are left out, each with all its
crops (the jackknife of Tukey 1958; by blocks where there are many). Every role is asked for its figure
without the same originals, so that what roles share cancels in scores and differences.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

MOST_BLOCKS = 60  # of each group: enough degrees of freedom, and a bound to time and files
PHOTOGRAPHS, PAINTINGS, OTHERS = "photographs", "paintings", "other paintings"  # the groups

Label = tuple[str, str]  # a group, and the first original of the block of it that was left out
Units = dict[str, dict[str, float]]  # group -> block -> value


@dataclass(frozen=True, eq=False)
class Originals:
    """The photographs or paintings that pictures were cut from, and which of them are counted when."""

    names: tuple[str, ...]
    member: np.ndarray  # (N,), which of them each picture was cut from
    counted: np.ndarray  # (1 + blocks of all groups, names) of 1 and 0: first all, then all but one block

    def means(self, values: np.ndarray) -> np.ndarray:
        """Of one value a picture (N,), for every row; each original counts once, whatever its crops."""
        means = np.bincount(self.member, values) / np.bincount(self.member)
        with np.errstate(invalid="ignore"):  # without the only one there is nothing
            return np.asarray(self.counted @ means / self.counted.sum(axis=1))

    def weights(self) -> np.ndarray:
        """Of each picture in every row (rows, N): those of one original share its weight."""
        return np.asarray((self.counted / np.bincount(self.member))[:, self.member])


def leave_out(groups: Mapping[str, Sequence[str]]) -> tuple[dict[str, Originals], tuple[Label, ...]]:
    """`groups` says of each picture of each group which original it was cut from; labels name the rows."""
    found = {group: np.unique(np.array(names), return_inverse=True) for group, names in groups.items()}
    blocks = {group: blocks_of(len(names)) for group, (names, _) in found.items()}
    labels = [(group, str(found[group][0][block[0]])) for group, cut in blocks.items() for block in cut]
    originals, row = {}, 1
    for group, (names, member) in found.items():
        counted = np.ones((1 + len(labels), len(names)))
        for block in blocks[group]:
            counted[row, block] = 0.0
            row += 1
        originals[group] = Originals(tuple(names.tolist()), member, counted)
    return originals, tuple(labels)


def blocks_of(count: int) -> list[np.ndarray]:
    """Neighbours by name, such as frames of a film, are left out together where there are many."""
    return np.split(np.arange(count), range(size := -(-count // MOST_BLOCKS), count, size))


@dataclass(frozen=True)
class Jackknifed:
    """A figure of everything, and of everything but one block of originals at a time."""

    whole: float
    without: dict[Label, float] = field(default_factory=dict)  # empty where nothing was left out

    @classmethod
    def of(cls, values: np.ndarray, labels: Sequence[Label]) -> "Jackknifed":
        """`values` (1 + labels,) in the rows' order."""
        whole, *without = values.tolist()
        return cls(whole, dict(zip(labels, without, strict=True)))

    def units(self) -> Units:
        """What each block contributes (Tukey's pseudo-values): of a mean, the block's own values."""
        found: Units = {}
        for (group, block), without in self.without.items():
            found.setdefault(group, {})[block] = without
        return {
            group: {name: self.whole + (len(blocks) - 1) * (self.whole - one) for name, one in blocks.items()}
            for group, blocks in found.items()
        }


def lift(function: Callable[..., float], *figures: Jackknifed) -> Jackknifed:
    """A function of figures, with the same originals left out of all of them."""
    labels = {label: None for figure in figures for label in figure.without}
    without = {
        label: function(*(figure.without.get(label, figure.whole) for figure in figures)) for label in labels
    }
    return Jackknifed(function(*(figure.whole for figure in figures)), without)
