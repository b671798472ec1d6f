"""What a cluster would do with very many pictures: `python -m benchmarks.cluster_simulation`.

A small discrete simulation. Seconds for a picture and for a start were measured; failures, pre-emptions and
what the file system takes are assumptions, which are printed. It says how long the work takes, what it costs
in worker hours, how much of that is wasted, and which limit is met first: metadata operations, bandwidth, or
the slowest shard.
"""

import argparse
import heapq
import json
from dataclasses import asdict, dataclass, replace

import numpy as np
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Cluster:
    """Seconds, unless a name says otherwise. `picture` and `start` were measured, the others are assumed."""

    picture: float = 0.045  # of one 96 x 80 picture with one thread
    spread: float = 0.15  # standard deviation of the logarithm of a worker's pace, between machines
    start: float = 8.0  # imports, weights and the first picture
    bytes_each: float = 12_000  # read and written for one picture
    metadata_each: float = 5.0  # operations: open, create, rename, one for the journal, one for the lookup
    workers: int = 1000
    pictures: int = 100_000_000
    shards: int = 64_000
    failures: float = 1 / (30 * 24 * 3600)  # of one worker in a second: once in thirty days
    preemptions: float = 1 / (12 * 3600)  # twice a day
    requeue: float = 120.0  # until a job that lost its worker runs again
    metadata_rate: float = 20_000.0  # operations a second that the file system takes
    bandwidth: float = 5e9  # bytes a second that it reads and writes
    stragglers: float = 0.02  # share of workers that are three times as slow
    tars: int = 0  # pictures in one tar; 0: a file each

    def metadata(self) -> float:
        """Operations for one picture."""
        return self.metadata_each / self.tars if self.tars else self.metadata_each


@dataclass(frozen=True)
class Told:
    hours: float
    worker_hours: float
    wasted: float  # share of the worker hours: starts, what was lost, waiting for the last shard
    metadata: float  # share of what the file system takes, while all work
    bandwidth: float
    last: float  # hours of the slowest shard's end behind the median end of workers
    first_limit: str


def simulate(cluster: Cluster, seed: int = 0) -> Told:
    """Workers take shard after shard; a pre-empted one loses the picture (or tar) at hand and its start."""
    rng = np.random.default_rng(seed)
    slow = np.where(rng.random(cluster.workers) < cluster.stragglers, 3.0, 1.0)
    paces = cluster.picture * np.exp(cluster.spread * rng.standard_normal(cluster.workers)) * slow
    demand = np.sum(1 / paces)  # pictures a second, if nothing but processors limits it
    metadata = demand * cluster.metadata() / cluster.metadata_rate
    bandwidth = demand * cluster.bytes_each / cluster.bandwidth
    stretched = max(1.0, metadata, bandwidth)  # everybody waits for the file system alike
    sizes = rng.multinomial(cluster.pictures, np.full(cluster.shards, 1 / cluster.shards))
    free = [(0.0, worker) for worker in range(cluster.workers)]
    heapq.heapify(free)
    ends, busy, useful = np.zeros(cluster.workers), 0.0, 0.0
    rate = cluster.failures + cluster.preemptions
    for size in sizes:
        now, worker = heapq.heappop(free)
        work = size * paces[worker] * stretched
        useful += size * paces[worker]
        # An interruption costs a start and half of what was at hand, and time until the job runs again.
        lost = 0.5 * paces[worker] * stretched * max(1, cluster.tars)
        count = rng.poisson(rate * (work + cluster.start))
        spent = cluster.start + work + count * (cluster.start + lost)
        busy += spent
        ends[worker] = now + spent + count * cluster.requeue
        heapq.heappush(free, (float(ends[worker]), worker))
    end = float(ends.max())
    # A job array ends worker by worker; the cluster is held until the last one only for the wait.
    limits = {"metadata operations": metadata, "bandwidth": bandwidth}
    name, most = max(limits.items(), key=lambda one: one[1])
    late = end - float(np.median(ends))
    first = name if most > 1 else "stragglers" if late > 0.1 * end else "processors"
    hours = busy / 3600
    return Told(end / 3600, hours, 1 - useful / busy, metadata, bandwidth, late / 3600, first)


def cases(base: Cluster) -> dict[str, Cluster]:
    few = replace(base, workers=64, pictures=1_000_000, shards=640)
    return {
        "1 M pictures, 64 workers, 64 shards": replace(few, shards=64),
        "1 M pictures, 64 workers, 640 shards": few,
        "100 M, 1,000 workers, 1,000 shards": replace(base, shards=1000),
        "100 M, 1,000 workers, 64,000 shards": base,
        "the same, tars of 1,000": replace(base, tars=1000),
        "the same, pre-empted every hour": replace(base, tars=1000, preemptions=1 / 3600),
        "the same, 512 x 512 pictures": replace(
            base, tars=1000, picture=base.picture * 32, bytes_each=150_000
        ),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--picture", type=float, default=Cluster.picture, help="seconds, as benchmarks.shards measures"
    )
    asked.add_argument("--start", type=float, default=Cluster.start, help="seconds until the second picture")
    asked.add_argument("--seeds", type=int, default=3)
    given = asked.parse_args()
    base = Cluster(picture=given.picture, start=given.start)
    shown = Table(box=None, header_style="bold")
    for heading in (
        "",
        "hours",
        "worker hours",
        "wasted",
        "metadata",
        "bandwidth",
        "last shard",
        "first limit",
    ):
        shown.add_column(heading, justify="left" if heading in ("", "first limit") else "right")
    for name, cluster in cases(base).items():
        told = [simulate(cluster, seed) for seed in range(given.seeds)]
        mean = {key: float(np.mean([asdict(one)[key] for one in told])) for key in list(asdict(told[0]))[:-1]}
        shares = (f"{mean[key]:.0%}" for key in ("wasted", "metadata", "bandwidth"))
        times = f"{mean['hours']:.2f}", f"{mean['worker_hours']:,.0f}"
        shown.add_row(name, *times, *shares, f"{60 * mean['last']:.0f} min", told[0].first_limit)
    Console(width=140).print(shown)
    print(json.dumps(asdict(base)))


if __name__ == "__main__":
    main()
