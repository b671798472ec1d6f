"""How a measurement is taken, the same for both sides; with the standard library, all that PyTorch's has."""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

STEPS = 7
FEW_STEPS = 3  # where one takes long, or somebody is in a hurry
LONG = 10.0  # seconds

# What measures the machine: a matrix product, and the convolution of a residual block at 256 pixels.
SQUARE = 2048  # side of the matrices
SIDE, CHANNELS = 64, 256


def measure(act: Callable[[], Any], started: float, quick: bool = False) -> dict[str, Any]:
    """Seconds of each call after warming up, and bytes of memory at the most.

    `act` comes back when its result is there. `started`: time of day at which the process was asked for.
    """
    first = seconds(act)
    cold = time.time() - started
    few = seconds(act) > LONG or quick
    if not few:
        seconds(act)
    timed = [seconds(act) for _ in range(FEW_STEPS if few else STEPS)]
    return {"cold": cold, "first": first, "seconds": timed, "memory": peak_memory()}


def seconds(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def median_seconds(act: Callable[[], Any], steps: int = STEPS) -> float:
    seconds(act), seconds(act)
    return statistics.median(seconds(act) for _ in range(steps))


def peak_memory() -> int:
    """Bytes of this process alone, without compilers that it called."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def asked(arguments: Sequence[str]) -> dict[str, Any]:
    """What the driver wants measured: the only argument, as JSON."""
    wanted: dict[str, Any] = json.loads(arguments[0])
    return wanted


def answer(measured: dict[str, Any]) -> None:
    """The last line on standard output, which the driver reads."""
    print(f"\n{json.dumps(measured)}", flush=True)
