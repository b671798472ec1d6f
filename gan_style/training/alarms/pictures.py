"""Faults that show in what a generator paints. Each check says what it sees, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_style.experiment.alarms import AlarmName
from gan_style.metrics import artefacts, collapse
from gan_style.metrics.pictures import luminance, window_means

ENDS = 2  # levels: this near to 0 or 255 a value lies at the end of its range
TOO_MANY = 0.3  # share of a channel's values there, beyond that of photographs and targets
CHANNELS = ("red", "green", "blue")
FLAT = 0.15  # of the contrast that photographs and targets have
SAME, SHARP = 4.0, (10.0, 0.98)  # levels from the photograph; or so many, with all of its fine detail
WINDOW = 8  # pixels
AGAINST = -0.3  # correlation of local brightness or colour with the photograph's
LEAST = 4.0  # levels of deviation below which a correlation says nothing
MOST_CAST = {"brightness": 50.0, "blue": 20.0, "red": 20.0}  # levels outside of photographs' and targets'
PATTERN, FRAMED = 2.5, 2.5  # of the metrics of that name; and as many times as in photographs and targets
LATE = 0.5  # share of the training


@dataclass(frozen=True)
class Look:
    """Pictures (N, S, S, 3) uint8 of one moment; `fake` are the photographs `source`, painted."""

    step: int
    done: float  # share of the training
    source: np.ndarray
    fake: np.ndarray
    target: np.ndarray


def saturated(look: Look) -> str:
    """In any channel: without green, a picture is magenta all over."""
    ours, *others = (at_the_ends(some) for some in (look.fake, look.source, look.target))
    beyond = ours - np.max(others, axis=0)
    worst = int(np.argmax(beyond))
    told = f"{ours[worst]:.0%} of all {CHANNELS[worst]} values are 0 or 255"
    return told if beyond[worst] > TOO_MANY else ""


def constant(look: Look) -> str:
    """Nothing in each picture, or the same in all of them."""
    ours, *others = (contrast(some) for some in (look.fake, look.source, look.target))
    if ours < FLAT * min(others):
        return f"the pictures are almost empty: {ours:.1f} levels of contrast"
    between = [luminance(some).std(axis=0).mean() for some in (look.fake, look.source, look.target)]
    if len(look.fake) > 1 and between[0] < FLAT * min(between[1:]):
        return "all photographs become the same picture"
    return ""


def copies_input(look: Look) -> str:
    apart = np.abs(look.fake.astype(np.float32) - look.source).mean()
    pairs = zip(look.fake, look.source, strict=True)
    kept = np.mean([collapse.identity_collapse(*pair) for pair in pairs])
    if look.done >= LATE and (apart < SAME or (apart < SHARP[0] and kept > SHARP[1])):
        return f"pictures differ from their photographs by {apart:.1f} levels of 255"
    return ""


def inverted(look: Look) -> str:
    """Dark where the photograph is bright, or of the opposite colour."""
    theirs = opponents(look.source)
    for name, ours in opponents(look.fake).items():
        if min(ours.std(), theirs[name].std()) < LEAST:
            continue
        correlation = float(np.corrcoef(ours.ravel(), theirs[name].ravel())[0, 1])
        if correlation < AGAINST:
            return f"{name} goes against the photographs' (correlation {correlation:.2f})"
    return ""


def colour_cast(look: Look) -> str:
    """Brighter, darker or of another tint than photographs and targets are on average."""
    fake, source, target = (opponents(some) for some in (look.fake, look.source, look.target))
    for name, most in MOST_CAST.items():
        ours, *others = (some[name].mean() for some in (fake, source, target))
        beyond = max(min(others) - ours, ours - max(others))
        if beyond > most:
            return f"the mean {name} is {beyond:.0f} levels away from both photographs and targets"
    return ""


def checkerboard(look: Look) -> str:
    ours, *others = (typical(artefacts.checkerboard, some) for some in (look.fake, look.source, look.target))
    return f"a pattern of period 2 or 4 ({ours:.1f}; none is 1)" if stands_out(ours, others, PATTERN) else ""


def border(look: Look) -> str:
    ours, *others = (typical(artefacts.border, some) for some in (look.fake, look.source, look.target))
    return f"a frame along the edges ({ours:.1f}; none is 1)" if stands_out(ours, others, FRAMED) else ""


# By alarm: the check, and the steps before which it would only see how trainings begin.
GROSS: dict[AlarmName, tuple[Callable[[Look], str], int]] = {
    "saturated": (saturated, 0),
    "constant": (constant, 200),
    "inverted": (inverted, 300),
    "colour_cast": (colour_cast, 300),
}
FINE: dict[AlarmName, tuple[Callable[[Look], str], int]] = {
    "copies_input": (copies_input, 0),
    "checkerboard": (checkerboard, 500),
    "border": (border, 500),
}


def at_the_ends(pictures: np.ndarray) -> np.ndarray:
    """The share of each channel's values that lie there."""
    shares: np.ndarray = np.mean((pictures <= ENDS) | (pictures >= 255 - ENDS), axis=(0, 1, 2))
    return shares


def contrast(pictures: np.ndarray) -> float:
    return float(luminance(pictures).std(axis=(1, 2)).mean())


def opponents(pictures: np.ndarray) -> dict[str, np.ndarray]:
    """Means over windows of brightness, and of blue and red beside it, in levels."""
    windows = np.stack([window_means(picture.astype(np.float64), WINDOW) for picture in pictures])
    brightness = luminance(windows)
    return {
        "brightness": brightness,
        "blue": windows[..., 2] - brightness,
        "red": windows[..., 0] - brightness,
    }


def typical(metric: Callable[[np.ndarray], float], pictures: np.ndarray) -> float:
    """The middle of several pictures: an edge or a weave in one of them is no fault of a network."""
    return float(np.median([metric(picture) for picture in pictures]))


def stands_out(ours: float, others: list[float], times: float) -> bool:
    return ours > times * max(1.0, *others)
