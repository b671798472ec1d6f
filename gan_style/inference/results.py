"""What became of the pictures of one call: painted before, painted now, or failed; a sheet of the first."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from gan_style.inference.outputs import SHEET, Outputs
from gan_style.inference.sheets import fitted, side_by_side
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import say, warn
from gan_style.system.rows.saving import RowPainting
from gan_style.system.rows.source import Rows, by_rows

SHOWN = 12  # pictures on the sheet; no others are kept in memory
LARGE = 2**28  # bytes decoded, of which only some rows at a time are looked at
NAMED = 20  # of the pictures that could not be painted

Job = tuple[Path, Path]  # a picture, and where its painting goes
Plan = Sequence[Job]
Pair = tuple[np.ndarray, np.ndarray]


class Results:
    """Beginning with what is there already."""

    def __init__(self, outputs: Outputs, plan: Plan) -> None:
        self.outputs, self.plan = outputs, plan
        found = {file: outputs.done(file, target) for file, target in plan}
        self.painted = {file: path for file, path in found.items() if path}
        self.before = len(self.painted)
        self.pairs: dict[Path, Pair] = {}
        self.failures: dict[Path, str] = {}

    def left(self) -> Plan:
        """What is to be painted; it is told once how much is not."""
        left = [(file, target) for file, target in self.plan if file not in self.painted]
        if self.before:
            going_on = f"; going on with {len(left)}" if left else ""
            say(f"painted {self.before} of {len(self.plan)} before{going_on}")
        return left

    def store(
        self,
        file: Path,
        target: Path,
        picture: images.Picture | Rows,
        fake: images.Picture | RowPainting,
        made_of: str,
    ) -> None:
        try:
            path = self.outputs.write(target, fake, made_of)
        except (UserError, MemoryError) as problem:
            self.fail(file, problem)
            return
        self.painted[file] = path
        if len(self.pairs) < SHOWN:
            with suppress(UserError, MemoryError):  # the sheet tells why
                seen = fitted(picture if isinstance(picture, Rows) else picture.pixels)
                self.pairs[file] = seen, look(path)

    def fail(self, file: Path, problem: BaseException) -> None:
        few = f"{file}: not enough memory to paint it; a smaller --size or --memory needs less"
        self.failures[file] = str(problem) if isinstance(problem, UserError) else few

    def shown(self) -> list[Pair]:
        """The first ones, in the order in which they were given."""
        first = [file for file, _ in self.plan if file in self.painted][:SHOWN]
        return [self.pairs.get(file) or (look(file), look(self.painted[file])) for file in first]

    def finish(self) -> int:
        """The sheet, and what became of all pictures. The exit code: 2 with failures."""
        if self.painted:
            sheet = self.outputs.folder / f"{SHEET}.png"
            try:
                self.outputs.write(sheet, images.Picture(side_by_side(self.shown())))
                where = f"; all together: {sheet}"
            except UserError as problem:
                where = f"; no sheet: {problem}"
            now = len(self.painted) - self.before
            say(f"{f'painted {now} pictures into' if now else 'nothing new in'} {self.outputs.folder}{where}")
        if self.failures:
            reasons = [self.failures[file] for file, _ in self.plan if file in self.failures]
            more = [f"and {len(reasons) - NAMED} more"] if len(reasons) > NAMED else []
            again = "the same command tries them again"
            count = f"{len(reasons)} of {len(self.plan)} pictures could not be painted; {again}"
            warn("\n  ".join([f"{count}:", *reasons[:NAMED], *more]))
        return 2 if self.failures else 0


def look(path: Path) -> np.ndarray:
    """A file as the sheet shows it: a painting looks the same whether it was painted now or before."""
    rows = by_rows(path, LARGE)
    if rows is None:
        return fitted(images.read(path, as_stored=True).pixels)
    with rows:
        return fitted(rows)
