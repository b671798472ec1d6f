"""How long a recipe takes on this machine: every part of a training, timed once in a scratch folder."""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_style.experiment.find import Recipe
from gan_style.experiment.runs import Run
from gan_style.optim.player import compiled
from gan_style.training import checkpoints, validation
from gan_style.training.loop import steps
from gan_style.training.session import Session, State, open_session

WARM_UP, TIMED = 4, 12  # steps
LONGEST = 60.0  # seconds; of a slow recipe fewer steps have to do
FEWEST = 3
IMPORTS = 6.0  # seconds until a training begins to read its recipe, and from its last step to its end


@dataclass(frozen=True)
class Pace:
    """Seconds: of what comes once, of a step, of one of identity finetuning, and so on."""

    once: float
    step: float
    identity_step: float
    validation: float
    checkpoint: float
    threads: int

    def seconds(self, count: int, identity_share: float, validations: int, saved: int) -> float:
        identity = round(count * identity_share)
        stepping = (count - identity) * self.step + identity * self.identity_step
        return self.once + stepping + validations * self.validation + saved * self.checkpoint

    def steps_in(self, seconds: float, identity_share: float, validations: int, saved: int) -> int:
        fixed = self.seconds(0, identity_share, validations, saved)
        mean = (1 - identity_share) * self.step + identity_share * self.identity_step
        return int((seconds - fixed) / mean)


def measured(recipe: Recipe) -> Pace:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        session = open_session(recipe, 0, Run(Path(scratch)))
        opened = time.monotonic() - started
        first, usual = step_seconds(session)
        identity = identity_seconds(session)
        look = [seconds(lambda: look_at(session)) for _ in range(2)]
        kept = seconds(lambda: save(session, Path(scratch)))
    compiling = max(0.0, first - usual) + max(0.0, look[0] - look[1])
    once = IMPORTS + opened + compiling
    return Pace(once, usual, identity, min(look), kept, session.machine.threads)


def step_seconds(session: Session) -> tuple[float, float]:
    """Of the first step, which compiles, and the median of those after the next few."""
    times: list[float] = []
    state, began = State(), time.monotonic()
    before = 0.0
    for _ in steps(session, state, WARM_UP + TIMED):
        times.append(state.seconds - before)
        before = state.seconds
        if len(times) >= WARM_UP + FEWEST and time.monotonic() - began > LONGEST:
            break
    return times[0], statistics.median(times[WARM_UP:])


def identity_seconds(session: Session) -> float:
    """Of a step of identity finetuning; where there is none, nothing is spent on it."""
    method = session.method
    last = method.step_at(session.config.train.steps - 1)
    if last == method.step:
        return 0.0
    step, batches = compiled(last), iter(session.stream.stream(0))

    def act() -> Any:
        told = step(next(batches))
        return [float(value) for terms in told.values() for value in terms.values()]

    act()
    return statistics.median(seconds(act) for _ in range(FEWEST))


def look_at(session: Session) -> None:
    fake = validation.paint_all(session.method, session.validation)
    validation.figures(fake, session.validation)


def save(session: Session, folder: Path) -> None:
    facts = {"seconds": 0.0, "figures": {}, "config": {}, "identity": {}}
    checkpoints.save(session.method, folder, 0, **facts)  # type: ignore[arg-type]


def seconds(act: Callable[[], Any]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
