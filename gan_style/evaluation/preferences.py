"""What people like better: answers to blind pairs, and what they say of each painter (Bradley & Terry 1952).

The chance that one painter's picture is preferred to another's is a logistic function of the difference of
their strengths. A tie counts as half a win for both; what was skipped counts for nothing.
Needs no TensorFlow.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gan_style.system import disk
from gan_style.system.errors import UserError

ANSWERS = "answers.jsonl"  # below the runs
FEWEST_VOTERS = 10  # of which intervals know that people differ
VIRTUAL = 0.5  # wins, and as many losses, of each against an average one: who always wins stays finite
PRECISION, MOST_STEPS = 1e-10, 100
NORMAL = 1.959964  # of 95 %

Choice = Literal["left", "right", "tie", "skip"]
WON = {"left": 1.0, "right": 0.0, "tie": 0.5}  # by the left one


@dataclass(frozen=True)
class Answer:
    """Of one person to one pair of paintings of a photograph."""

    photograph: str
    left: str
    right: str
    choice: Choice
    voter: str = ""
    time: str = ""


@dataclass(frozen=True)
class Strength:
    """`share`: how often it is preferred to an average one of those compared; with the 95 % interval."""

    name: str
    share: float
    low: float
    high: float
    wins: int
    ties: int
    losses: int


def strengths(answers: Sequence[Answer]) -> list[Strength]:
    """The strongest first."""
    counted = that_count(answers)
    names = sorted({name for one in counted for name in (one.left, one.right)})
    if not names:
        return []
    place = {name: index for index, name in enumerate(names)}
    pairs = np.array([(place[one.left], place[one.right]) for one in counted])
    won = np.array([WON[one.choice] for one in counted])
    values = fitted(pairs, won, len(names))
    half = NORMAL * np.sqrt(variances(pairs, won, values, [one.voter for one in counted]))
    ends = logistic((values - values.mean())[:, None] + half[:, None] * np.array([0, -1, 1]))
    found = []
    for name, (share, low, high) in zip(names, ends.tolist(), strict=True):
        index = place[name]
        mine = np.concatenate([won[pairs[:, 0] == index], 1 - won[pairs[:, 1] == index]])
        wins, ties, losses = (int((mine == result).sum()) for result in (1, 0.5, 0))
        found.append(Strength(name, share, low, high, wins, ties, losses))
    return sorted(found, key=lambda one: -one.share)


def that_count(answers: Sequence[Answer]) -> list[Answer]:
    return [one for one in answers if one.choice in WON and one.left != one.right]


def people(answers: Sequence[Answer]) -> int:
    """Known by their marks; answers without a mark may be anybody's."""
    return len({one.voter for one in that_count(answers)} - {""})


def fitted(pairs: np.ndarray, won: np.ndarray, count: int) -> np.ndarray:
    """The strengths (count,) of the largest likelihood, by Newton's method; it is concave."""
    values = np.zeros(count)
    for _ in range(MOST_STEPS):
        step = np.linalg.solve(information(pairs, values), slopes(pairs, won, values).sum(0) + pull(values))
        values = values + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < PRECISION:
            break
    return values


def slopes(pairs: np.ndarray, won: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Each answer's gradient of the log likelihood (answers, count)."""
    surprise = won - logistic(values[pairs[:, 0]] - values[pairs[:, 1]])
    found = np.zeros((len(pairs), len(values)))
    rows = np.arange(len(pairs))
    found[rows, pairs[:, 0]] += surprise
    found[rows, pairs[:, 1]] -= surprise
    return found


def pull(values: np.ndarray) -> np.ndarray:
    """The gradient of the virtual answers."""
    return VIRTUAL - 2 * VIRTUAL * logistic(values)


def information(pairs: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Minus the Hessian (count, count), the virtual answers' included."""
    chance = logistic(values[pairs[:, 0]] - values[pairs[:, 1]])
    told = chance * (1 - chance)
    left, right = pairs.T
    own = logistic(values)
    found = np.diag(2 * VIRTUAL * own * (1 - own))
    for row, column, sign in ((left, left, 1), (right, right, 1), (left, right, -1), (right, left, -1)):
        np.add.at(found, (row, column), sign * told)
    return found


def variances(pairs: np.ndarray, won: np.ndarray, values: np.ndarray, voters: Sequence[str]) -> np.ndarray:
    """Of the strengths beside their mean: of independent answers, or of people who differ where that is more.

    Answers of one person resemble each other; of ten people on, their sums tell by how much (the sandwich of
    White 1980, by clusters).
    """
    centre = np.eye(len(values)) - 1 / len(values)
    inverse = centre @ np.linalg.inv(information(pairs, values))
    alone = np.diag(inverse @ centre)
    if len(set(voters) - {""}) < FEWEST_VOTERS:
        return alone
    members = np.array([voter or f"nobody {index}" for index, voter in enumerate(voters)])  # each for itself
    clusters, index = np.unique(members, return_inverse=True)
    sums = np.zeros((len(clusters), len(values)))
    np.add.at(sums, index, slopes(pairs, won, values))
    apart = np.diag(inverse @ sums.T @ sums @ inverse.T) * len(clusters) / (len(clusters) - 1)
    return np.maximum(alone, apart)


def logistic(values: Any) -> Any:
    return 1 / (1 + np.exp(-values))


def read_answers(path: Path) -> list[Answer]:
    """Of every line that can be read; none where there is no such file."""
    try:
        lines = disk.read_small(path).splitlines()
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as problem:
        raise UserError(f"{path}: cannot be read: {problem}") from None
    return [answer for line in lines if (answer := _answer(line))]


def _answer(line: bytes) -> Answer | None:
    try:
        told = disk.parsed(line)
        known = {one.name: told[one.name] for one in fields(Answer) if one.name in told}
        answer = Answer(**known)
    except (ValueError, TypeError, KeyError):
        return None
    texts = all(isinstance(value, str) for value in known.values())
    return answer if texts and answer.choice in (*WON, "skip") else None


def add_answer(path: Path, answer: Answer) -> None:
    """One line more, whole or not at all."""
    disk.refuse_odd(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        begun = file.tell() and path.read_bytes()[-1:] != b"\n"  # half a line that a crash has left
        line = json.dumps(asdict(answer), ensure_ascii=True).encode() + b"\n"
        disk.append(file, path, b"\n" * bool(begun) + line)
