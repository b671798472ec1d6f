"""What the doctor found: a table, and a sheet of the pictures it objects to."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from gan_style.data.doctor.findings import Domain, Finding
from gan_style.system import images
from gan_style.system.progress import printable

NAMED, SHOWN = 3, 4  # pictures of a finding: by name, and on the sheet
THUMBNAIL, GAP = 192, 8  # pixels
STYLES = {"in vain": "bold red", "warning": "yellow", "note": ""}


def table(found: Sequence[Finding]) -> Table:
    shown = Table(box=None, header_style="bold")
    for heading in ("", "what", "where", "how many", "such as", "what to do"):
        shown.add_column(heading, overflow="fold")
    for one in found:
        names = ", ".join(one.names[:NAMED]) + (", ..." if len(one.names) > NAMED else "")
        count = str(len(one.names)) if one.names else ""
        row = (one.weight, one.what, one.where, count, printable(names), one.advice)
        shown.add_row(*row, style=STYLES[one.weight])
    return shown


def show(domains: Sequence[Domain], found: Sequence[Finding]) -> None:
    console = Console()
    console = console if console.is_terminal else Console(width=160)
    for domain in domains:
        good = domain.good()
        sides = sorted(one.short_side() for one in good) or [0]
        span = f"shorter sides {sides[0]} to {sides[-1]}, half of them below {sides[len(sides) // 2]}"
        told = f"{domain.named()}: {len(good)} of {len(domain.facts)} files are usable; {span}"
        console.print(printable(f"{domain.folder}\n  {told}"), highlight=False, markup=False)
    console.print(table(found) if found else "nothing to object to")


def sheet(domains: Sequence[Domain], found: Sequence[Finding]) -> np.ndarray | None:
    """A row for each finding, its first pictures with their names; nothing where no picture can be shown."""
    folders = {domain.named(): Path(domain.folder) for domain in domains}
    rows = []
    for one in found:
        paths = [folders[one.where] / name for name in one.names if one.where in folders]
        pictures = [captioned for path in paths[: SHOWN * 2] for captioned in thumbnail(path)]
        if pictures:
            rows.append((one, pictures[:SHOWN]))
    if not rows:
        return None
    width = max(len(pictures) for _, pictures in rows) * (THUMBNAIL + GAP)
    lines = []
    for one, pictures in rows:
        row = images.contact_sheet([pictures], GAP)
        heading = images.captioned(np.full((GAP, width, 3), 255, np.uint8), f"{one.where}: {one.what}")
        lines += [heading, np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255)]
    return np.concatenate(lines)


def thumbnail(path: Path) -> Iterator[np.ndarray]:
    """A square with the picture in its middle, and its name below; nothing for unreadable ones."""
    try:
        pixels = images.reduced(images.read(path).pixels, THUMBNAIL)
    except images.BadImage:
        return
    square = np.full((THUMBNAIL, THUMBNAIL, 3), 235, np.uint8)
    top, left = ((THUMBNAIL - side) // 2 for side in pixels.shape[:2])
    square[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    yield images.captioned(square, printable(path.name)[:24])
