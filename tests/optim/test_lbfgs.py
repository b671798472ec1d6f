"""L-BFGS against SciPy and closed forms, and Adam beside it."""

from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import rosen

from gan_style.methods.base.pixels import Lbfgs, PixelAdam
from gan_style.optim.lbfgs import LbfgsPlayer
from gan_style.optim.player import compiled


class Unknowns(keras.layers.Layer):
    def __init__(self, *starts):
        super().__init__()
        for number, start in enumerate(starts):
            self.add_weight(name=f"part{number}", shape=np.shape(start), initializer="zeros").assign(start)

    def numbers(self) -> np.ndarray:
        return np.concatenate([variable.numpy().ravel() for variable in self.trainable_variables])


def search(unknowns: Unknowns, player, loss, steps: int) -> list[float]:
    step = compiled(
        lambda _: player.minimize(lambda: {"loss": loss(*unknowns.trainable_variables)}, {"loss": 1.0})[
            "total"
        ]
    )
    return [float(step(None)) for _ in range(steps)]


def test_a_quadratic_in_several_variables_is_solved(rng):
    matrix = rng.normal(size=(12, 12)).astype(np.float32)
    matrix = matrix @ matrix.T + np.eye(12, dtype=np.float32)
    wanted = rng.normal(size=12).astype(np.float32)
    unknowns = Unknowns(np.zeros((2, 3)), np.zeros(6))

    def loss(first, second):
        away = tf.concat([tf.reshape(first, (-1,)), tf.convert_to_tensor(second)], 0) - wanted
        return 0.5 * tf.tensordot(away, tf.linalg.matvec(matrix, away), 1)

    losses = search(unknowns, LbfgsPlayer("one", [unknowns], 10), loss, 60)
    assert all(after <= before for before, after in pairwise(losses))
    np.testing.assert_allclose(unknowns.numbers(), wanted, atol=1e-3)


def test_the_valley_of_rosenbrock_is_walked_to_its_end():
    unknowns = Unknowns([-1.2, 1.0, -0.5, 0.8])

    def loss(x):
        x = tf.convert_to_tensor(x)
        return tf.reduce_sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    assert float(loss(tf.constant(unknowns.numbers()))) == pytest.approx(rosen(unknowns.numbers()), rel=1e-5)
    losses = search(unknowns, LbfgsPlayer("one", [unknowns], 5), loss, 120)
    assert all(after <= before for before, after in pairwise(losses))
    np.testing.assert_allclose(unknowns.numbers(), 1, atol=0.02)


def test_the_direction_is_newtons_once_the_history_spans_the_space(rng):
    """On a quadratic in n unknowns, n exact pairs tell the whole inverse Hessian along them.

    Nocedal & Wright 2006, section 6.1.
    """
    hessian = np.diag([1.0, 2.0, 5.0]).astype(np.float32)
    unknowns = Unknowns(np.zeros(3))
    history = LbfgsPlayer("one", [unknowns], 3).history
    place = np.zeros(3, np.float32)
    for axis in range(4):
        history.remember(tf.constant(place), tf.constant(hessian @ place - 1))
        if axis < 3:
            place[axis] += 0.3
    np.testing.assert_allclose(history.direction(), -np.linalg.solve(hessian, hessian @ place - 1), atol=1e-5)


def test_pairs_that_curve_the_wrong_way_are_left_out():
    unknowns = Unknowns(np.zeros(2))
    history = LbfgsPlayer("one", [unknowns], 3).history
    for place in ([0.0, 0.0], [1.0, 0.0]):
        history.remember(tf.constant(place), tf.constant([-place[0], 1.0]))
    assert not np.any(history.steps.numpy())
    assert float(tf.tensordot(history.direction(), history.slope.value, 1)) < 0


def test_a_search_that_finds_no_step_says_so_once_and_logs_a_length_of_zero(capfd):
    """At the tip of |x| no step lowers it, and every further step would be the same one."""
    unknowns = Unknowns([0.3])
    player = LbfgsPlayer("tip", [unknowns], 3)
    variables = unknowns.trainable_variables
    step = compiled(
        lambda _: player.minimize(lambda: {"loss": tf.reduce_sum(tf.abs(variables[0]))}, {"loss": 1.0})
    )
    lengths = [float(step(None)["step_length"]) for _ in range(12)]
    assert lengths[0] > 0
    assert lengths[-3:] == [0, 0, 0]
    assert capfd.readouterr().err.count("warning: tip: L-BFGS finds no step that lowers the loss") == 1


@pytest.mark.parametrize("optimizer", [Lbfgs(kind="lbfgs"), PixelAdam(kind="adam")], ids=["lbfgs", "adam"])
def test_both_optimisers_lower_a_loss(optimizer, rng):
    wanted = rng.uniform(-0.5, 0.5, (4, 4)).astype(np.float32)
    unknowns = Unknowns(np.zeros((4, 4)))
    player = optimizer.player("one", [unknowns], 60)
    losses = search(unknowns, player, lambda x: tf.reduce_mean((tf.convert_to_tensor(x) - wanted) ** 4), 60)
    assert losses[-1] < 0.01 * losses[0]
