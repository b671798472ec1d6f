"""How long a step takes, as JSON: `python -m gan_style.ablation.timing EXPERIMENT VARIANT [KEY=VALUE]`.

A process of its own, so that every variant is timed alike, with all threads and nothing compiled before.
"""

import json
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from gan_style.system.errors import UserError
from gan_style.system.quiet import import_tensorflow

WARM_UP = 5  # steps in which functions are compiled and memory is first touched
STEPS = 30
LONGEST = 90.0  # seconds; of a slow recipe fewer steps have to do
FEWEST = 3


def step_seconds(experiment: str, variant: str, *overrides: str) -> tuple[float, int]:
    """The median time of a step in seconds, and the threads it had.

    Identity warm-up and finetuning are shorter steps and few; those between stand for all of them.
    """
    from gan_style.experiment.find import read_recipe
    from gan_style.experiment.runs import Run
    from gan_style.experiment.variants import ablation
    from gan_style.training.loop import steps
    from gan_style.training.session import State, open_session

    method = read_recipe(experiment, ablation(variant)).config.method
    phases = [phase for phase in ("identity_warmup", "identity_finetune") if hasattr(method, phase)]
    changes = (*overrides, *(f"method.{phase}=0" for phase in phases), f"train.steps={WARM_UP + STEPS}")
    recipe = read_recipe(experiment, ablation(variant), changes)
    with tempfile.TemporaryDirectory() as scratch:
        session = open_session(recipe, 0, Run(Path(scratch)))
        state, ends, started = State(), [], time.monotonic()
        for _ in steps(session, state, WARM_UP + STEPS):
            ends.append(state.seconds)
            if len(ends) >= WARM_UP + FEWEST and time.monotonic() - started > LONGEST:
                break
    times = [later - earlier for earlier, later in pairwise(ends[WARM_UP - 1 :])]
    return statistics.median(times), session.machine.threads


def main() -> int:
    import_tensorflow()
    try:
        seconds, threads = step_seconds(*sys.argv[1:])
    except UserError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    print(json.dumps({"ms_per_step": round(1000 * seconds, 3), "threads": threads}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
