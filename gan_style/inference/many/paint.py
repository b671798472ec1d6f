"""`gan-style sample --manifest`: the shards of a work, side by side here or as the jobs of a cluster."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gan_style.cluster.kinds import Cluster, Local
from gan_style.cluster.progress import TableProgress
from gan_style.cluster.queue import Queue, Task
from gan_style.cluster.slurm import script
from gan_style.cluster.slurm_queue import SlurmQueue
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Which
from gan_style.inference.many import work
from gan_style.inference.many.journal import FOLDER, Shard
from gan_style.inference.many.lists import listed, split
from gan_style.inference.many.manifest import units
from gan_style.inference.many.shard import ShardPainter
from gan_style.inference.sampling import painter_of
from gan_style.methods import Request
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.progress import PLAIN_LINE_SECONDS, say, warn
from gan_style.system.signals import Stopper
from gan_style.training.chosen import chosen_checkpoint
from gan_style.training.load import load_method

Command = Callable[[int, int], list[str]]  # of a shard's number, and of how many there are


@dataclass(frozen=True)
class Work:
    """What the command line says of a work."""

    manifest: Path
    output: Path
    shards: int | None
    into_tars: bool
    overwrite: bool
    options: dict[str, Any]  # of the command line, that decide what the paintings are
    requests: Sequence[Request]
    size: int | None
    which: Which
    threads: int | None
    memory: int  # bytes
    grey: bool = False

    def settled(self, run: Run, otherwise: int, *, write: bool = True) -> int:
        """The number of shards, once it is sure that this folder was not begun in another way."""
        weights = chosen_checkpoint(run.folder, self.which).networks_sha256()
        count = self.shards or work.begun_with(self.output) or otherwise
        told = {**self.options, "weights": weights, "shards": count, "tars": self.into_tars}
        work.settle(self.output, told, write=write)
        return count


def paint_shard(run: Run, asked: Work, number: int) -> int:
    """One shard, in this process."""
    count = asked.settled(run, 1)
    if number >= count:
        raise UserError(f"--shard {number}: there are {count}, counted from 0")
    shard = Shard(asked.output, number, count)

    def busy() -> None:
        raise UserError(f"{shard}: another process is at it")

    with exclusive(shard.lock(), busy):
        method, config, _ = load_method(run, asked.which, asked.threads)
        paint = painter_of(method, config, asked.size, asked.requests, asked.memory, asked.grey)
        pace = Pace()
        painter = ShardPainter(shard, paint, pace, into_tar=asked.into_tars, overwrite=asked.overwrite)
        painter.run(listed(shard))
        pace.say()
    return 0


class Pace:
    """Called for each picture that is painted: says now and then how many they are, and how fast it goes."""

    def __init__(self) -> None:
        self.count, self.said, self.first, self.last = 0, 0.0, 0.0, 0.0  # seconds

    def __call__(self) -> None:
        self.count, now = self.count + 1, time.monotonic()
        self.first = self.first or now
        self.last = now
        if now - self.said > PLAIN_LINE_SECONDS:
            self.said = now
            self.say()

    def say(self) -> None:
        """How fast is counted from the first picture, with which networks are prepared."""
        pace = f", {(self.count - 1) / (self.last - self.first):.2f} a second" if self.count > 1 else ""
        say(f"painted {self.count:,} pictures{pace}")


def show(asked: Work, count: int, cluster: Cluster) -> int:
    """How much there is to do, and the script that a cluster would be given."""
    say(f"{sum(1 for _ in units(asked.manifest)):,} pictures and tars in {count} shards")
    if not isinstance(cluster, Local):
        say(script(count, cluster, "sample"))
    return 0


def paint_many(
    run: Run,
    runs: Path,
    asked: Work,
    cluster: Cluster,
    command: Command,
    *,
    wait: bool,
    dry_run: bool,
) -> int:
    """All shards that are not over, each in a process or job of its own, which are noted in `runs`."""
    count = asked.settled(run, cluster.jobs, write=not dry_run)
    if dry_run:
        return show(asked, count, cluster)
    every = work.shards(asked.output, count)
    busy = partial(say, "waiting for another command that reads the list")
    with exclusive(asked.output / FOLDER / "list.lock", busy):
        sizes = split(asked.manifest, every)
    missing = work.to_do(every, sizes)
    say(f"{sum(sizes):,} pictures and tars in {count} shards, {len(missing)} of which are to do")
    for shard in missing:
        shard.end().unlink(missing_ok=True)
    tasks = [Task(shard, [("painting", command(shard.number, count))]) for shard in missing]
    with Stopper() as stopper, TableProgress(len(every), len(every) - len(missing), lambda: None) as progress:
        queue: Queue | SlurmQueue
        if isinstance(cluster, Local):
            queue = Queue(cluster.jobs, stopper, progress)
        else:
            about = f"sample {asked.output.resolve().name}"
            queue = SlurmQueue(cluster, runs, about, stopper, progress, wait=wait)
        queue.run(tasks)
    for name, why in queue.failures.items():
        warn(f"{name}: {why}")
    if isinstance(queue, SlurmQueue):
        queue.say_what_next()
    code = work.report(every, sizes, asked.output)
    return 128 + stopper.signal if stopper.signal else code
