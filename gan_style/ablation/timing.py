"""How long a step takes: `python -m gan_style.ablation.timing EXPERIMENT VARIANT` prints it as JSON.

A process of its own, so that every variant is timed alike, with all threads and nothing compiled before.
"""

import json
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from gan_style.cli.shared import ends_well, import_tensorflow

WARM_UP = 5  # steps in which functions are compiled and memory is first touched
STEPS = 30
LONGEST = 90.0  # seconds; of a slow recipe fewer steps have to do
FEWEST = 3


def step_seconds(experiment: str, variant: str) -> tuple[float, int]:
    """The median time of a step of the game in seconds, and the threads it had.

    The warm-up and the way back are shorter steps of few; the game's stand for all of them.
    """
    from gan_style.ablation.cells import ablation
    from gan_style.experiment.find import read_recipe
    from gan_style.experiment.runs import Run
    from gan_style.training.loop import steps
    from gan_style.training.session import State, open_session

    method = read_recipe(experiment, ablation(variant)).config.method
    only_the_game = tuple(
        f"method.{phase}=0" for phase in ("identity_warmup", "identity_finetune") if hasattr(method, phase)
    )
    recipe = read_recipe(experiment, ablation(variant), (*only_the_game, f"train.steps={WARM_UP + STEPS}"))
    with tempfile.TemporaryDirectory() as scratch:
        session = open_session(recipe, 0, Run(Path(scratch)))
        state, ends, started = State(), [], time.monotonic()
        for _ in steps(session, state, WARM_UP + STEPS):
            ends.append(state.seconds)
            if len(ends) >= WARM_UP + FEWEST and time.monotonic() - started > LONGEST:
                break
    return statistics.median(
        later - earlier for earlier, later in pairwise(ends[WARM_UP - 1 :])
    ), session.machine.threads


@ends_well
def main() -> int:
    import_tensorflow()
    seconds, threads = step_seconds(*sys.argv[1:])
    print(json.dumps({"ms_per_step": round(1000 * seconds, 3), "threads": threads}))
    return 0


if __name__ == "__main__":
    main()
