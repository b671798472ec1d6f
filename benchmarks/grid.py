"""What `make bench-peers` measures, and in which order: one process each, the two sides in turn."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from benchmarks import operations

TORCH, OWN = "PyTorch", "gan_style"
CONTENDER = 1.25  # modes within this of their side's fastest are measured again
RATES = "rates"  # the line that measures the machine

Measured = dict[str, Any]


@dataclass(frozen=True)
class Line:
    work: str  # "step" of CycleGAN, or one pass of its generator: "sample"
    size: int  # pixels
    filters: int
    batch: int
    blocks: int
    rounds: int = 1

    def name(self) -> str:
        if self.work == RATES:
            return RATES
        shape = f"{self.work}-{self.size}-batch{self.batch}"
        return shape if self.work == "sample" else f"{shape}-filters{self.filters}-blocks{self.blocks}"

    def operations(self) -> float:
        """Multiplications and additions of one step or pass, the same on both sides."""
        generator = operations.of_resnet(self.size, self.filters, self.blocks)
        if self.work == "sample":
            return self.batch * generator.forward
        judge = operations.of_patchgan(self.size, self.filters)
        return operations.cyclegan_step(generator, judge, self.batch)


MACHINE = Line(RATES, 0, 0, 0, 0, rounds=3)
LINES = (
    Line("step", 128, 64, 1, 6, rounds=3),
    Line("step", 64, 32, 4, 6, rounds=3),
    Line("sample", 256, 64, 1, 9, rounds=3),
    Line("step", 256, 64, 1, 9),
    Line("step", 64, 16, 8, 6),
    Line("sample", 256, 64, 8, 9),
    Line("sample", 512, 64, 1, 9),
    Line("sample", 512, 64, 8, 9),
)


@dataclass(frozen=True)
class Wanted:
    """One process: a mode of a side at a line, for the first time (round 0) or again."""

    line: Line
    side: str
    mode: str
    round: int

    def is_like(self, other: "Wanted") -> bool:
        """The same in perhaps another round."""
        return (self.line, self.side, self.mode) == (other.line, other.side, other.mode)

    def is_of(self, measured: Measured) -> bool:
        return (self.line.name(), self.side, self.mode, self.round) == tuple(
            measured[key] for key in ("line", "side", "mode", "round")
        )


def modes(line: Line, bfloat16: bool, compiler: bool) -> dict[str, list[str]]:
    """Of both sides. Rates are measured at every precision, with and without oneDNN.

    Where bfloat16 wins by far, PyTorch's float32 is measured only in the lines of several rounds.
    """
    precisions = [*(["fp32"] if line.rounds > 1 or not bfloat16 else []), *(["bf16"] if bfloat16 else [])]
    own = ["float32", "mixed_bfloat16"] if bfloat16 else ["float32"]
    if line.work == RATES:
        return {TORCH: precisions, OWN: [*own, "float32-eigen"]}
    layouts = ["", "-channels_last", *(["-channels_last-compile"] if compiler else [])]
    if line.work == "step":
        layouts += [f"{layout}-joint" for layout in layouts[1:]]
    return {TORCH: [precision + layout for precision in precisions for layout in layouts], OWN: own}


def precision(mode: str) -> str:
    return "bfloat16" if mode.startswith(("bf16", "mixed_bfloat16")) else "float32"


def remaining(
    lines: Sequence[Line], done: Sequence[Measured], bfloat16: bool, compiler: bool, rounds: int | None
) -> Iterator[Wanted]:
    """What is still to be measured. After the first round only those that may win are measured again."""
    for line in lines:
        of_line = [one for one in done if one["line"] == line.name()]
        candidates = modes(line, bfloat16, compiler)
        for number in range(rounds or line.rounds):
            running = candidates if number == 0 or line.work == RATES else contenders(candidates, of_line)
            sides = ([Wanted(line, side, mode, number) for mode in some] for side, some in running.items())
            in_turn = (one for pair in zip_longest(*sides) for one in pair if one)
            yield from (one for one in in_turn if not any(map(one.is_of, of_line)))


def contenders(candidates: dict[str, list[str]], of_line: Sequence[Measured]) -> dict[str, list[str]]:
    """By side. All of them, as long as it is not known which are slow."""
    first = [one for one in of_line if one["round"] == 0]
    medians = {(one["side"], one["mode"]): statistics.median(one["seconds"]) for one in first}
    chosen = {}
    for side, some in candidates.items():
        known = {mode: medians.get((side, mode), 0.0) for mode in some}
        least = min(filter(None, known.values()), default=0.0)
        chosen[side] = [mode for mode, median in known.items() if median <= CONTENDER * least]
    return chosen
