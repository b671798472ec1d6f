"""Lists of pictures in shards: `python -m benchmarks.shards --work DIR`.

Small pictures are painted by what is included: by one worker of one thread, by two, and in eight shards whose
processes are killed with -9 at random times. Printed are the throughputs, counted after each worker's first
picture, and whether every painting is there once and as in the straight run.
"""

import argparse
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from gan_style.cluster.children import Child, stop
from gan_style.system.processor import flags

PACE = re.compile(r"painted [\d,]+ pictures, ([\d.]+) a second")


def draw(folder: Path, count: int) -> Path:
    """Smooth pictures of 96 x 80 pixels and a list of them."""
    rng = np.random.default_rng(0)
    for index in range(count):
        path = folder / "photos" / f"{index % 20:02d}" / f"{index:05d}.jpg"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
            coarse.resize((96, 80), Image.Resampling.BICUBIC).save(path)
    manifest = folder / "list.txt"
    manifest.write_text(f"{folder / 'photos'}\n")
    return manifest


def command(manifest: Path, output: Path, shards: int, jobs: int) -> list[str]:
    chosen = ["--shards", str(shards), "--jobs", str(jobs), "--threads", "1"]
    sample = [sys.executable, "-m", "gan_style", "sample", "included/oil"]
    return [*sample, "--manifest", str(manifest), "--output", str(output), *chosen]


def paint(manifest: Path, output: Path, shards: int, jobs: int) -> float:
    """Pictures a second, of all workers together."""
    subprocess.run(command(manifest, output, shards, jobs), check=True, stdout=subprocess.DEVNULL)
    logs = sorted((output / ".shards").glob("*.log"))
    return sum(float(PACE.findall(log.read_text())[-1]) for log in logs)


def paint_killed(manifest: Path, output: Path, kills: int, chance: random.Random) -> int:
    """In eight shards, each time killed after a while, the table or one of its workers; how often it was."""
    done = 0
    while True:
        child = Child(command(manifest, output, 8, 2), output.with_suffix(".log"))
        end, deadline = None, time.monotonic() + chance.uniform(5, 25)
        while (end := child.poll()) is None and (done >= kills or time.monotonic() < deadline):
            time.sleep(0.2)
        if end is not None:
            if end.code == 0:
                return done
            continue  # a worker was killed: the same command goes on
        workers = [int(path.name) for path in Path("/proc").glob("[0-9]*") if is_worker(path, output)]
        os.kill(chance.choice([child.process.pid, *workers]), signal.SIGKILL)
        done += 1
        if child.poll() is None:
            stop([child])


def is_worker(process: Path, output: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes().decode().split("\0")
    except OSError:
        return False
    return str(output) in words and "--shard" in words


def paintings(output: Path) -> dict[str, bytes]:
    found = (path for path in output.rglob("*.jpg") if ".shards" not in path.parts)
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in found}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--work", type=Path, required=True)
    asked.add_argument("--pictures", type=int, default=2000)
    asked.add_argument("--kills", type=int, default=12)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    work = given.work.resolve()
    manifest = draw(work, given.pictures)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(given.rounds):  # alternating: a shared machine is not equally fast all the time
        for workers in rates:
            rate = paint(manifest, work / f"straight-{workers}-{turn}", workers, workers)
            rates[workers].append(rate)
            print(f"{workers} workers of one thread: {rate:.2f} pictures a second", flush=True)
    kills = paint_killed(manifest, work / "killed", given.kills, random.Random(0))
    straight, killed = paintings(work / "straight-1-0"), paintings(work / "killed")
    partial = len(list((work / "killed").rglob("*.partial")))
    ratios = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    told = {
        "pictures": given.pictures,
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "a second": rates,
        "kills": kills,
        "painted": len(killed),
        "equal": straight == killed and len(killed) == given.pictures,
        "left half written": partial,
        "flags": sorted(flags() & {"avx2", "avx512f", "avx512_bf16", "amx_bf16"}),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
