"""Watches a training: looks at figures, pictures and weights now and then, and raises each alarm once.

A fault must be seen twice in a row, so that one odd moment is none. Looking changes nothing that is learned:
pictures are painted with random numbers of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gan_style.data.held_out import Validation
from gan_style.experiment import saved
from gan_style.experiment.alarms import ADVICE, AlarmName, stopping
from gan_style.metrics.collapse import steganography, with_noise
from gan_style.metrics.pictures import luminance
from gan_style.system import images
from gan_style.system.errors import RunError
from gan_style.system.progress import warn
from gan_style.tracking.tracker import Tracker
from gan_style.training import validation
from gan_style.training.alarms.figures import Figures
from gan_style.training.alarms.pictures import FINE, GROSS, Look
from gan_style.training.alarms.weights import ema_apart, numberless
from gan_style.training.session import Session, State

# Steps between looks at crops: in the first 100 steps, in the first 1,000, and later. Longer trainings have
# quick steps, beside which a look counts for much.
EARLY, EVERY, LATER = 20, 50, 100
MOST_CROPS, PLACES = 4, 3  # crops looked at; each the fullest of PLACES x PLACES of its picture
ASKED_BACK = 2  # pictures whose cycle is tried for a hidden code
NOISE, WORSE = 4.0, 3.0  # levels that wipe out a code; of the metric `steganography`

Seen = Iterator[tuple[AlarmName, str]]


class Watch:
    def __init__(self, session: Session, tracker: Tracker) -> None:
        self.session, self.tracker, self.method = session, tracker, session.method
        self.many = not session.config.data.one_picture
        self.crops = fullest_crops(session.validation, session.config.data.side()) if self.many else None
        self.figures = Figures()
        self.unasked = unasked(session)
        self.ends = stopping(session.config.train.stop_on)
        self.suspected: dict[str, set[AlarmName]] = {}  # by kind of look: what the last one saw

    def after_step(self, state: State, metrics: Mapping[str, float]) -> None:
        self.figures.note(metrics)
        if state.step % (EARLY if state.step <= 100 else EVERY if state.step <= 1000 else LATER):
            return
        self.refuse_numberless(state)
        self.judge(state, "figures", self.figures.faults(self.many))
        if self.crops and self.is_painting(state.step):
            fake = validation.paint_all(self.method, self.crops)
            self.judge(state, "crops", self.seen(GROSS, self.look(state, self.crops, fake)))

    def at_validation(self, state: State, fake: np.ndarray) -> None:
        """Of the held-out pictures, painted whole: what crops are too small to show."""
        if self.many and self.is_painting(state.step) and not self.method.reconstructs():
            look = self.look(state, self.session.validation, fake)
            self.judge(state, "whole", [*self.seen(FINE, look), *self.hidden_code(look)])
        told = ema_apart(self.method)
        self.judge(state, "ema", [("ema_apart", told)] if told else [])

    def refuse_numberless(self, state: State) -> None:
        """Raise where a variable is infinite or no number: such a checkpoint would be worth nothing."""
        if bad := numberless(self.method):
            advice = "lower the learning_rate; an older checkpoint may still be good"
            raise RunError(f"step {state.step}: {', '.join(bad)}: variables that are no numbers; {advice}")

    def allows_checkpoint(self, state: State) -> bool:
        """Not of numbers that are none, nor after the first sight of an alarm that ends the run."""
        self.refuse_numberless(state)
        return not any(self.ends & names for names in self.suspected.values())

    def judge(self, state: State, kind: str, seen: Any) -> None:
        """What was seen by the last look of this kind too is an alarm."""
        found: dict[AlarmName, str] = dict(seen)
        before, self.suspected[kind] = self.suspected.get(kind, set()), set(found)
        known = {one["name"] for one in state.alarms}
        for name in [name for name in found if name in before and name not in known]:
            self.sound(state, name, found[name])
        ending = [name for name in found if name in before and name in self.ends]
        if ending:
            name, kept = ending[0], saved.newest(self.session.run.checkpoints)
            last = f"the last good checkpoint is {kept.folder}" if kept else "there is no checkpoint yet"
            last = f"train.stop_on ends the run, and {last}"
            raise RunError(f"step {state.step}: {name}: {found[name]}; {last}; {ADVICE[name]}")

    def sound(self, state: State, name: AlarmName, seen: str) -> None:
        state.alarms.append({"name": name, "step": state.step, "seen": seen, "advice": ADVICE[name]})
        text = f"step {state.step:,}: {name}: {seen}; {ADVICE[name]}"
        warn(text)
        self.tracker.alert(name, text)

    def look(self, state: State, held_out: Validation, fake: np.ndarray) -> Look:
        done = state.step / self.session.config.train.steps
        return Look(state.step, done, held_out.source[: len(fake)], fake, held_out.target)

    def seen(self, checks: Mapping[AlarmName, Any], look: Look) -> Seen:
        for name, (check, first) in checks.items():
            if name not in self.unasked and look.step >= first and (told := check(look)):
                yield name, told

    def hidden_code(self, look: Look) -> Seen:
        """A cycle that breaks when noise which nobody sees wipes the fake over (Chu et al. 2017)."""
        inverse = self.method.inverse_request()
        if inverse is None or look.step < FINE["border"][1]:
            return
        ratios = []
        for source, fake in zip(look.source[:ASKED_BACK], look.fake, strict=False):
            noisy = with_noise(fake, NOISE)
            cycled, after = (self.translated(some, inverse) for some in (fake, noisy))
            ratios.append(steganography(source, cycled, after, fake=fake, perturbed=noisy))
        if (worst := float(np.median(ratios))) > WORSE:
            yield "hidden_code", f"the way back fails by a factor of {worst:.1f} when faint noise is added"

    def translated(self, picture: np.ndarray, request: Any) -> np.ndarray:
        painted = self.method.translate(images.to_signed(picture)[None], request)
        return images.to_bytes(np.asarray(painted))[0]

    def is_painting(self, step: int) -> bool:
        """Not in the phases in which a generator only learns to give pictures back."""
        return self.method.identity is None or self.method.step_at(step - 1) == self.method.step


def unasked(session: Session) -> set[AlarmName]:
    """Colours come with the style picture, where one is shown; sampling cuts a frame off, where it pads."""
    names: set[AlarmName] = {"border"} if session.config.sample.reflect_pad else set()
    if "style_images" in session.method.understands:
        names |= {"inverted", "colour_cast"}
    return names


def told_briefly(alarms: Sequence[Mapping[str, Any]]) -> str:
    """For the sheet's caption."""
    return "; ".join(f"{one['name']} since step {one['step']:,}" for one in alarms)


def fullest_crops(held_out: Validation, side: int) -> Validation:
    """Crops as training sees them, of each picture where there is most to see."""
    count = min(MOST_CROPS, len(held_out.source), len(held_out.target))
    source, target = (
        np.stack([fullest(picture, side) for picture in some[:count]])
        for some in (held_out.source, held_out.target)
    )
    examples = None if held_out.examples is None else held_out.examples[:count]
    return replace(held_out, source=source, target=target, styles=held_out.styles[:count], examples=examples)


def fullest(picture: np.ndarray, side: int) -> np.ndarray:
    side = min(side, *picture.shape[:2])
    down, across = (np.linspace(0, length - side, PLACES).astype(int) for length in picture.shape[:2])
    places = [picture[y : y + side, x : x + side] for y in down for x in across]
    return max(places, key=lambda place: float(luminance(place).std()))
