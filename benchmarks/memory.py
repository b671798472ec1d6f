"""Memory and time of a training step: `python -m benchmarks.memory EXP [--rounds N] [KEY=VALUE ...]`.

As it is, with the batch in parts (`train.accumulate`), and with features computed again (`train.recompute`).
Each in a process of its own, with random pictures. Memory is what steps add to the process at its fullest
moment.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

SETTINGS: tuple[list[str], ...] = (
    [],
    ["train.accumulate=2"],
    ["train.accumulate=4"],
    ["train.recompute=true"],
)
BOTH = ["train.accumulate=4", "train.recompute=true"]
STEPS = 3


def main(experiment: str, *options: str) -> None:
    rounds = int(options[options.index("--rounds") + 1]) if "--rounds" in options else 1
    overrides = [one for one in options if "=" in one]
    settings = [*SETTINGS, BOTH]
    found: list[list[dict[str, Any]]] = [[] for _ in settings]
    for _ in range(rounds):
        for place, setting in enumerate(settings):
            found[place].append(measured(experiment, [*overrides, *setting]))
    print("| | GB more at the fullest moment | of its graph | seconds a step | of the first line's |")
    print("| --- | --- | --- | --- | --- |")
    base = statistics.median(one["seconds"] for one in found[0])
    for setting, runs in zip(settings, found, strict=True):
        seconds = statistics.median(one["seconds"] for one in runs)
        name = ", ".join(f"`{one}`" for one in setting) or "as it is"
        peak, graph = max(one["peak"] for one in runs) / 1e9, runs[0]["graph"] / 1e9
        print(f"| {name} | {peak:.2f} | {graph:.2f} | {seconds:.2f} | {seconds / base:.2f} |")


def measured(experiment: str, overrides: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.memory", "--one", experiment, *overrides]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(overrides)}: {done.stderr.strip().splitlines()[-1]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def one(experiment: str, *overrides: str) -> None:
    import tensorflow as tf

    from gan_style.data.batches import Batch
    from gan_style.experiment.find import read_recipe
    from gan_style.optim.memory import operations_of, peak_of
    from gan_style.optim.player import compiled
    from gan_style.system.machine import choose_machine, configure
    from gan_style.training.build import build_method

    config = read_recipe(experiment, None, overrides).config
    configure(choose_machine(config.train.precision, config.train.threads), 0)
    method = build_method(config, 0)
    method.prepare()
    shape = (config.data.batch_size(), config.data.side(), config.data.side(), 3)
    pictures = [tf.random.stateless_uniform(shape, (number, 0), -1, 1) for number in range(2)]
    batch = Batch(pictures[0], pictures[1], tf.zeros(shape[0], tf.int64))
    step = method.step_at(config.train.steps // 2)
    graph = peak_of(operations_of(step, tf.nest.map_structure(tf.TensorSpec.from_tensor, batch)))
    run = compiled(step)
    before, seconds = resident(), []
    for _ in range(STEPS):
        started = time.monotonic()
        tf.nest.map_structure(lambda told: told.numpy(), run(batch))
        seconds.append(time.monotonic() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak": peak - before, "graph": graph, "seconds": min(seconds)}))


def resident() -> int:
    """Bytes of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "--one":
        one(*arguments[1:])
    else:
        main(*arguments)
