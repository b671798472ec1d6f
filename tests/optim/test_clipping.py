"""The usual norm of gradients: spikes are cut, a training that changes in earnest is followed."""

import keras
import numpy as np
import tensorflow as tf

from gan_style.optim.clipping import SPIKE, UsualNorm
from gan_style.optim.optimizers import Adam
from gan_style.optim.player import Player


def limits(norms: list[float]) -> list[float]:
    usual = UsualNorm()
    return [float(usual.limit(tf.constant(norm))) for norm in norms]


def test_the_limit_is_ten_times_the_geometric_mean():
    found = limits([2.0, 8.0, 4.0])
    np.testing.assert_allclose(found, [SPIKE * 2, SPIKE * 2, SPIKE * 4], rtol=1e-5)


def test_one_spike_hardly_moves_it_and_a_lasting_change_does():
    found = limits([1.0] * 60 + [20_000.0] + [1.0] + [1000.0] * 400)
    assert found[60] == np.float32(found[59])
    assert 1.0 < found[61] / found[59] < 1.06
    assert found[-1] > 9_000


def test_norms_of_zero_and_infinity_do_not_spoil_it():
    found = limits([1.0] * 60 + [0.0, np.inf, np.nan] + [1.0] * 2)
    assert np.isfinite(found[-1])
    assert 8 < found[-1] < 12


def test_a_spike_is_cut_and_what_is_not_one_is_left_alone():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    player = Player("p", [network], keras.optimizers.SGD(1.0), "auto")
    inputs = tf.constant([[1.0, 2.0, 2.0]])  # a gradient of norm 3

    def moved(times: float) -> float:
        before = network.get_weights()[0]
        terms = player.minimize(lambda: {"a": times * tf.reduce_sum(network(inputs))}, {"a": 1})
        np.testing.assert_allclose(terms["gradient_norm"], 3 * times, rtol=1e-5)
        return float(np.linalg.norm(network.get_weights()[0] - before))

    np.testing.assert_allclose([moved(1), moved(2), moved(1)], [3, 6, 3], rtol=1e-4)
    usual = 3 * 2 ** (1 / 3)
    np.testing.assert_allclose(moved(10_000), SPIKE * usual, rtol=1e-3)


def test_it_is_the_default_and_part_of_the_checkpoint():
    player = Adam().player("p", [keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])], 10)
    assert player.usual_norm is not None
    assert len(player.state()) == len(player.optimizer.variables) + 2
    assert Adam(clip_norm=None).player("p", [], 10).usual_norm is None
