"""Faults that show in the figures of the steps: terms, totals and gradient norms."""

from collections import deque
from collections.abc import Iterator, Mapping

import numpy as np

from gan_style.experiment.alarms import AlarmName

RECENT = 200  # steps that are remembered
ENOUGH = 100  # steps before anything is said
DISCRIMINATORS = ("discriminator", "D_A", "D_B")
WON = 0.02  # of the loss that a discriminator begins with
ASLEEP = 0.004  # spread of its loss beside its mean: it says the same of every batch (1 % in a sound game)
FIRST = 10  # steps in which a discriminator knows nothing yet
SPIKE, SPIKES = 5.0, 3  # times the usual total; so many of the recent steps
GROWN, VANISHED = 100.0, 1e-3  # of the gradient norm after ENOUGH steps


class Figures:
    """The last steps' figures, by name; forgotten where a phase with other terms begins."""

    def __init__(self) -> None:
        self.recent: dict[str, deque[float]] = {}
        self.noted = 0  # steps of this phase
        self.first: dict[str, float] = {}  # discriminators' losses while they knew nothing
        self.norms: dict[str, float] = {}  # gradient norms once they had settled

    def note(self, metrics: Mapping[str, float]) -> None:
        if metrics.keys() != self.recent.keys():
            self.recent = {name: deque(maxlen=RECENT) for name in metrics}
            self.noted, self.first, self.norms = 0, {}, {}
        for name, value in metrics.items():
            self.recent[name].append(value)
        self.noted += 1
        if self.noted == FIRST:
            self.first = {name: float(np.mean(values)) for name, values in self.discriminators()}
        if self.noted == ENOUGH:
            self.norms = {name: geometric(values) for name, values in self.named("gradient_norm")}

    def faults(self, searching: bool) -> Iterator[tuple[AlarmName, str]]:
        """What is wrong; `searching`: for a network.

        The gradient of one picture is to vanish, and at each larger size its loss starts anew.
        """
        if self.noted < ENOUGH:
            return
        for name, values in self.discriminators():
            mean = float(np.mean(values[-ENOUGH:]))
            if mean < WON * self.first.get(name, 0.0):
                yield "discriminator_won", f"{name} is {mean:.3g}, {WON:.0%} of what it began with"
            elif float(np.std(values[-ENOUGH:])) < ASLEEP * mean:
                yield "discriminator_asleep", f"{name} is {mean:.3g} whatever the batch"
        for name, values in self.named("total") if searching else ():
            # A discriminator may overshoot in its first steps, and the training be sound.
            # One that has nearly won may fall back to where it began, and nothing has exploded.
            began = self.first.get(f"{name.removesuffix('/total')}/adversarial", 0.0)
            usual = max(SPIKE * float(np.median(values)), began)
            high = values[max(0, ENOUGH + len(values) - self.noted) :] > usual
            if high.sum() >= SPIKES:
                yield (
                    "spikes",
                    f"{name} was {SPIKE:.0f} times the usual, {high.sum()} times; {self.worst()}",
                )
        for name, values in self.named("gradient_norm"):
            ratio = geometric(values[-ENOUGH:]) / max(self.norms.get(name, np.inf), 1e-30)
            if ratio > GROWN or (searching and 0 < ratio < VANISHED):
                yield "drifting_gradient", f"{name} is {ratio:.2g} times what it was"

    def named(self, ending: str) -> Iterator[tuple[str, np.ndarray]]:
        ours = ((name, values) for name, values in self.recent.items() if name.endswith(f"/{ending}"))
        return ((name, np.array(values)) for name, values in ours)

    def discriminators(self) -> Iterator[tuple[str, np.ndarray]]:
        losses = self.named("adversarial")
        return ((name, values) for name, values in losses if name.split("/")[0] in DISCRIMINATORS)

    def worst(self) -> str:
        """The term that rose most beside its usual value."""
        terms = {
            name: max(values) / (float(np.median(values)) or np.inf)
            for name, values in self.recent.items()
            if name.split("/")[-1] not in ("total", "gradient_norm")
        }
        name = max(terms, key=terms.__getitem__, default="")
        return f"{name} reached {max(self.recent[name]):.3g}" if name else ""


def geometric(values: np.ndarray) -> float:
    return float(np.exp(np.mean(np.log(np.asarray(values) + 1e-30))))
