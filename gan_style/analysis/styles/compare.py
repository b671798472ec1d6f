"""The whole comparison: a table, a CSV and two pictures of distances; groups, and nearest styles."""

import csv
import io
import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_style.analysis.styles.drawing import write_heat_map, write_map
from gan_style.analysis.styles.likeness import blend, clusters, flat_map, matrix, neighbourly
from gan_style.analysis.styles.specimens import Specimen, specimens
from gan_style.features.backbones import Backbone
from gan_style.inference.outputs import refuse_inputs
from gan_style.metrics.textures import DISTANCES
from gan_style.system import disk
from gan_style.system.errors import UserError
from gan_style.system.folders import files_below
from gan_style.system.progress import say

WIDE = 12  # columns of a table that is still read in a terminal


def compare(
    paths: Sequence[Path],
    backbone: Backbone,
    *,
    distance: str,
    size: int,
    output: Path,
    groups: int | None,
    nearest: Path | None,
) -> None:
    """Print the distances between styles, and write them to `output`."""
    looked_at = [file for path in paths for file in (files_below(path) if path.is_dir() else [path])]
    refuse_inputs([output / "distances.png", output / "map.png"], filter(Path.is_file, looked_at))
    asked = specimens([nearest], backbone, size) if nearest else []
    if nearest and not (nearest.is_file() and asked):
        raise UserError(f"--nearest {nearest}: expected one picture that can be read")
    found = specimens(paths, backbone, size)
    if len(found) < 2:
        usable = f"{len(found)} of {len(paths)} given can be used"
        raise UserError(f"{usable}; two pictures or folders at least are compared")
    if groups is not None and groups > len(found):
        raise UserError(f"--clusters {groups}: there are only {len(found)} styles")
    names = [style.name for style in found]
    table = matrix([style.textures for style in found], DISTANCES[distance])
    numbers = clusters(table, groups) if groups else None
    say(f"{distance} distances of textures, seen by {backbone.name}; 0: the same")
    print_table(names, table)
    write(output, f"{distance} distance, {backbone.name}", found, table, numbers)
    for number in sorted(set(numbers or [])):
        members = [name for name, other in zip(names, numbers or [], strict=True) if other == number]
        say(f"cluster {number}: {', '.join(members)}")
    if nearest:
        suggest(nearest, {style: DISTANCES[distance](asked[0].textures, style.textures) for style in found})
    say(f"written: {output / 'distances.csv'}, {output / 'distances.png'}, {output / 'map.png'}")


def write(
    output: Path, title: str, found: Sequence[Specimen], table: np.ndarray, numbers: Sequence[int] | None
) -> None:
    names = [style.name for style in found]
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["", *names])
    rows.writerows([name, *map(float, row)] for name, row in zip(names, table, strict=True))
    # Names of files may hold bytes that are no text.
    disk.write(output / "distances.csv", text.getvalue().encode(errors="backslashreplace"))
    order = neighbourly(table)
    ordered = [names[index] for index in order]
    write_heat_map(output / "distances.png", title, ordered, table[np.ix_(order, order)])
    points, held = flat_map(table)
    title = f"{title}; {held:.0%} of it fits on a plane"
    write_map(output / "map.png", title, names, points, [style.picture for style in found], numbers)


def print_table(names: Sequence[str], table: np.ndarray) -> None:
    if len(names) > WIDE:
        return say(f"{len(names)} styles are too many for a table here; it is in the CSV file")
    shown = Table(box=None, header_style="bold")
    for heading in ("", *names):
        shown.add_column(escape(heading), justify="right" if heading else "left", overflow="fold")
    for name, row in zip(names, table, strict=True):
        shown.add_row(escape(name), *(f"{value:.3f}" for value in row))
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(shown)


def suggest(picture: Path, distances: dict[Specimen, float]) -> None:
    """The nearest styles, and the options that blend them."""
    say(f"nearest to {picture}:")
    for style, distance in sorted(distances.items(), key=lambda pair: pair[1]):
        say(f"  {distance:.3f}  {style.name}")
    shares = blend({style.name: distance for style, distance in distances.items()})
    told = "+".join(f"{name}={share:g}" for name, share in shares.items())
    say(f"suggested blend, by 1 / distance²: --style {shlex.quote(told)}")
    files = {style.name: style.path for style in distances}
    if all(files[name].is_file() for name in shares):
        quoted = [shlex.quote(f"{files[name]}={share:g}") for name, share in shares.items()]
        say(f"  from style images: {' '.join(f'--style-image {one}' for one in quoted)}")
