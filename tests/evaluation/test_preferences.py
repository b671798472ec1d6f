"""Strengths of painters from people's answers, against a general optimiser and by simulation."""

import json

import numpy as np
import pytest
from scipy.optimize import minimize

from gan_style.evaluation.preferences import (
    VIRTUAL,
    WON,
    Answer,
    add_answer,
    fitted,
    information,
    people,
    read_answers,
    strengths,
)
from gan_style.system.errors import UserError

NAMES = ("a", "b", "c", "d")


def answers(rng, truth, count, ties=0.0, voters=1, taste=0.0):
    """Of people whose own strengths lie around the true ones."""
    own = truth + taste * rng.standard_normal((voters, len(truth)))
    found = []
    for number in range(count):
        left, right = rng.choice(len(truth), 2, replace=False)
        voter = number % voters
        wins = rng.random() < 1 / (1 + np.exp(own[voter, right] - own[voter, left]))
        choice = "tie" if rng.random() < ties else ("left" if wins else "right")
        found.append(Answer("p", NAMES[left], NAMES[right], choice, str(voter)))
    return found


def log_likelihood(values, pairs, won):
    """Written out, the virtual answers included."""
    total = 0.0
    for (left, right), share in zip(pairs, won, strict=True):
        gap = values[left] - values[right]
        total += share * gap - np.logaddexp(0, gap)
    return total + sum(VIRTUAL * (value - 2 * np.logaddexp(0, value)) for value in values)


def test_the_fit_is_the_largest_likelihood_and_its_hessian(rng):
    pairs = np.array([(0, 1), (1, 2), (2, 0), (3, 0), (0, 3), (1, 3), (0, 1)])
    won = np.array([1.0, 0.5, 0.0, 1.0, 0.5, 1.0, 1.0])
    values = fitted(pairs, won, 4)
    best = minimize(lambda some: -log_likelihood(some, pairs, won), np.zeros(4), tol=1e-12)
    np.testing.assert_allclose(values, best.x, atol=1e-4)
    step = 1e-4 * np.eye(4)
    hessian = [
        [
            sum(
                one * two * log_likelihood(values + one * step[i] + two * step[j], pairs, won)
                for one in (1, -1)
                for two in (1, -1)
            )
            / 4e-8
            for j in range(4)
        ]
        for i in range(4)
    ]
    np.testing.assert_allclose(information(pairs, values), -np.array(hessian), atol=1e-4)


@pytest.mark.parametrize("ties", [0.0, 0.3])
def test_intervals_cover_the_truth_as_often_as_they_say(rng, ties):
    truth = np.array([1.0, 0.3, -0.3, -1.0])
    covered = []
    for _ in range(60):
        found = {one.name: one for one in strengths(answers(rng, truth, 120, ties))}
        # A tie says half: it draws the chance of winning towards one half, and with it the strength.
        chance = (1 - ties) / (1 + np.exp(-truth[:, None] + truth)) + ties / 2
        pairs = np.array([(i, j) for i in range(4) for j in range(4) if i != j])
        expected = fitted(
            np.repeat(pairs, 2, 0), np.stack([chance[*pairs.T], chance[*pairs.T]], 1).ravel(), 4
        )
        limit = expected if ties else truth - truth.mean()
        share = 1 / (1 + np.exp(-limit))
        covered += [found[name].low <= share[i] <= found[name].high for i, name in enumerate(NAMES)]
    assert 0.9 <= np.mean(covered) <= 1.0


def test_people_who_differ_widen_the_intervals(rng):
    truth = np.zeros(4)
    alike, differing = (
        answers(np.random.default_rng(3), truth, 600, voters=12, taste=taste) for taste in (0, 2)
    )
    width = [np.mean([one.high - one.low for one in strengths(some)]) for some in (alike, differing)]
    assert width[1] > 1.5 * width[0]
    nameless = [Answer(one.photograph, one.left, one.right, one.choice) for one in differing]
    assert np.mean([one.high - one.low for one in strengths(nameless)]) < width[1]


def test_answers_without_a_mark_are_nobodys_and_only_what_counts_tells_of_people(rng):
    marked = answers(rng, np.zeros(4), 90, voters=9, taste=2)
    nameless = [Answer(one.photograph, one.left, one.right, one.choice) for one in marked]
    skipped = [Answer("p", "a", "b", "skip", "ten"), Answer("p", "a", "a", "left", "eleven")]
    assert people(marked + nameless + skipped) == 9
    assert people(nameless) == 0
    alone = [one.high - one.low for one in strengths(nameless + nameless)]
    assert [one.high - one.low for one in strengths(marked + nameless)] == pytest.approx(alone)


def test_who_always_wins_stays_finite_and_skips_count_for_nothing():
    found = strengths([Answer("p", "a", "b", "left")] * 5 + [Answer("p", "a", "b", "skip")] * 9)
    assert [(one.name, one.wins, one.ties, one.losses) for one in found] == [("a", 5, 0, 0), ("b", 0, 0, 5)]
    assert 0.5 < found[0].share < 1
    assert found[0].low < found[0].share < found[0].high < 1
    assert strengths([Answer("p", "a", "b", "skip"), Answer("p", "a", "a", "left")]) == []
    apart = strengths([Answer("p", "a", "b", "tie"), Answer("p", "c", "d", "tie")])
    assert all(one.share == pytest.approx(0.5) for one in apart), (
        "also where nobody has compared the two pairs"
    )


def test_answers_are_lines_and_what_is_no_answer_is_passed_over(tmp_path):
    path = tmp_path / "runs" / "answers.jsonl"
    assert read_answers(path) == []
    first = Answer("猫", "a", "b", "tie", "v", "2026-01-01")
    add_answer(path, first)
    with path.open("a") as file:
        file.write('{"photograph": "p", "left": "a"}\n[1]\n')
        file.write('{"photograph": 1, "left": 2, "right": 3, "choice": "left"}\nhalf')
    add_answer(path, first)
    assert read_answers(path) == [first, first]
    assert {json.loads(path.read_text().splitlines()[0])["choice"]} <= WON.keys()
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="plain file"):
        add_answer(path, first)
