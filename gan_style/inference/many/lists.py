"""The list of a work in parts: OUTPUT/.shards/007-of-064.list, so that no shard reads that of the others."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from gan_style.inference.many.journal import Shard
from gan_style.inference.many.manifest import Unit, units
from gan_style.system import disk
from gan_style.system.errors import UserError
from gan_style.system.progress import say

AT_ONCE = 1_000_000  # units in memory before they are written


def split(manifest: Path, shards: list[Shard]) -> list[int]:
    """Write each shard's list anew; returns how many units each has. What comes again is left out."""
    inside = os.path.abspath(shards[0].output) + os.sep
    for shard in shards:
        disk.write(shard.file(".list.partial"), "")
    waiting: dict[int, list[str]] = defaultdict(list)
    count = 0
    for count, unit in enumerate(units(manifest), start=1):
        if os.path.abspath(unit.path).startswith(inside):
            raise UserError(f"{unit.path}: lies in the folder for the paintings; choose another --output")
        waiting[unit.shard(len(shards))].append(json.dumps([unit.name, str(unit.path)]))
        if count % AT_ONCE == 0:
            append(shards, waiting)
            say(f"{count:,} pictures and tars are read from {manifest}")
    if not count:
        raise UserError(f"{manifest}: names no pictures")
    append(shards, waiting)
    return [closed(shard) for shard in shards]


def append(shards: list[Shard], waiting: dict[int, list[str]]) -> None:
    for number, lines in waiting.items():
        with shards[number].file(".list.partial").open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))
    waiting.clear()


def closed(shard: Shard) -> int:
    """Each name the first time, in the file's final place."""
    partial = shard.file(".list.partial")
    named: dict[str, str] = {}
    for line in partial.read_text().splitlines():
        name, path = json.loads(line)
        known = json.loads(named.setdefault(name, line))[1]
        if os.path.abspath(known) != os.path.abspath(path):
            raise UserError(f"{known} and {path} would both be painted as {name}; name them another way")
    disk.write(shard.file(".list"), "".join(f"{line}\n" for line in named.values()))
    partial.unlink()
    return len(named)


def listed(shard: Shard) -> Iterator[Unit]:
    """The units of a shard."""
    path = shard.file(".list")
    if not path.is_file():
        raise UserError(f"{path}: is missing; give the command without --shard once, with --dry-run or not")
    with path.open() as lines:
        for line in lines:
            name, place = json.loads(line)
            yield Unit(name, Path(place))
