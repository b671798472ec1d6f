"""The whole of such a work: what was asked for, how far its shards are, and what became of each picture."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_style.inference.many.journal import FOLDER, Journal, Shard
from gan_style.inference.many.lists import listed
from gan_style.inference.many.manifest import TAR
from gan_style.system import disk
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.progress import say, warn

NAMED = 5  # of the pictures that could not be painted
WORK, REPORT, FAILED = "work.json", "report.json", "failed.jsonl"


def settle(output: Path, asked: Mapping[str, Any], *, write: bool = True) -> None:
    """What was begun in this folder with other settings stops with their names, and nothing is painted."""
    if output.exists() and not output.is_dir():
        raise UserError(f"{output}: paintings go into a folder, and this is a file")
    path, now = output / FOLDER / WORK, json.loads(json.dumps(asked))
    with exclusive(output / FOLDER / "work.lock", lambda: None):
        if not path.is_file():
            if not write:
                return
            disk.write(path, json.dumps(now, indent=1) + "\n")
            return
        try:
            before = disk.read_json(path)
        except (OSError, ValueError):
            before = None
    if not isinstance(before, dict):
        raise UserError(f"{path}: damaged, so how this was begun is not known; choose another --output")
    changed = [key for key in sorted({*before, *now}) if before.get(key) != now.get(key)]
    if changed:
        lines = [f"  {key}: {before.get(key)}, now {now.get(key)}" for key in changed]
        raise UserError("\n".join([f"{output}: was begun otherwise; choose another --output", *lines]))


def begun_with(output: Path) -> int | None:
    """The number of shards that a work in this folder was begun with."""
    try:
        return int(disk.read_json(output / FOLDER / WORK)["shards"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def shards(output: Path, count: int) -> list[Shard]:
    return [Shard(output, number, count) for number in range(count)]


def to_do(every: Sequence[Shard], sizes: Sequence[int]) -> list[Shard]:
    """Those that have not come to the end of their list as it is now, or with failures to be tried again."""
    full = [shard for shard in every if sizes[shard.number]]
    return [shard for shard in full if not shard.is_finished() or shard.told().get("again")]


def is_listed(name: str, named: set[str]) -> bool:
    """A picture, or one in a tar, of what the list names now."""
    return name in named or any(name.startswith(f"{one}/") for one in named if one.endswith(TAR))


def report(every: Sequence[Shard], sizes: Sequence[int], output: Path) -> int:
    """Print and write what was painted, what failed and why, what is left. The exit code: 2 with failures."""
    painted, left, unfinished = 0, 0, 0
    failures: dict[str, str] = {}
    for shard in every:
        journal = Journal.read(shard.file(".jsonl"))
        painted += sum(journal.pictures.values())
        named = {unit.name for unit in listed(shard)} if journal.failures else set()
        failures |= {name: why for name, why in journal.failures.items() if is_listed(name, named)}
        if sizes[shard.number] and not shard.is_finished():
            unfinished += 1
            left += max(0, sizes[shard.number] - len({*journal.sizes, *journal.failures}))
    told = {"painted": painted, "failed": len(failures), "left": left}
    disk.write(output / REPORT, json.dumps(told) + "\n")
    lines = [json.dumps({"name": name, "reason": why}) for name, why in sorted(failures.items())]
    disk.write(output / FAILED, "".join(f"{line}\n" for line in lines))
    say(f"{painted:,} pictures are painted, {len(failures):,} failed, {left:,} are left; {output / REPORT}")
    if unfinished:
        say(f"{unfinished} shards are not finished; the same command goes on")
    for name in sorted(failures)[:NAMED]:
        warn(failures[name] if name in failures[name] else f"{name}: {failures[name]}")
    if failures:
        warn(f"why {len(failures):,} pictures failed: {output / FAILED}; the same command tries these again")
    return 2 if failures else int(bool(unfinished))
