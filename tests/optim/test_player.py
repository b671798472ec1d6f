"""Player.minimize against an update by hand; recorded forward passes; penalties; optimizers; the EMA."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.optim.ema import MovingAverage
from gan_style.optim.optimizers import EPSILON, OPTIMIZERS, Adam
from gan_style.optim.player import Player, gradient
from gan_style.optim.schedules import LinearDecay


def dense(units=1) -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, use_bias=False)])


INPUTS = tf.constant([[1.0, 2.0, 3.0]])


def test_minimize_weighs_sums_and_applies():
    network = dense()
    player = Player("p", [network], keras.optimizers.SGD(0.1))
    before = network.get_weights()[0]

    def compute():
        output = tf.reduce_sum(network(INPUTS))
        return {"a": output, "b": output * 3}

    terms = player.minimize(compute, {"a": 2, "b": 0.5})
    value = (INPUTS.numpy() @ before).item()
    np.testing.assert_allclose(
        [terms["a"], terms["b"], terms["total"]], [value, 3 * value, 3.5 * value], rtol=1e-5
    )
    np.testing.assert_allclose(
        network.get_weights()[0], before - 0.1 * 3.5 * INPUTS.numpy().T, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(terms["gradient_norm"], 3.5 * np.sqrt(14), rtol=1e-5)


def test_only_the_players_own_variables_move():
    mine, other = dense(3), dense()
    player = Player("p", [mine], keras.optimizers.SGD(0.1))
    before = other.get_weights()[0]
    player.minimize(lambda: {"a": tf.reduce_sum(other(mine(INPUTS)))}, {"a": 1})
    np.testing.assert_array_equal(other.get_weights()[0], before)


def test_clipping_bounds_the_step_and_tells_the_norm_before():
    network = dense()
    player = Player("p", [network], keras.optimizers.SGD(1.0), clip_norm=0.5)
    before = network.get_weights()[0]
    terms = player.minimize(lambda: {"a": tf.reduce_sum(network(INPUTS))}, {"a": 1})
    np.testing.assert_allclose(np.linalg.norm(network.get_weights()[0] - before), 0.5, rtol=1e-5)
    np.testing.assert_allclose(terms["gradient_norm"], np.sqrt(14), rtol=1e-5)


def test_a_variable_without_gradient_is_an_error():
    used, unused = dense(), dense()
    player = Player("generator", [used, unused], keras.optimizers.SGD(0.1))
    with pytest.raises(ValueError, match=r"generator: no gradient reaches .*kernel"):
        player.minimize(lambda: {"a": tf.reduce_sum(used(INPUTS))}, {"a": 1})


def test_the_optimizer_is_complete_before_the_first_step():
    player = Adam().player("p", [dense()], 10)
    shapes = [tuple(variable.shape) for variable in player.optimizer.variables]
    assert shapes.count((3, 1)) == 2, "two moments for the one kernel"
    assert player.optimizer.epsilon == EPSILON


def test_gradient_is_differentiable_itself():
    at = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        slope = gradient(lambda x: tf.reduce_sum(x**3), at.value())
        penalty = tf.reduce_sum(slope**2)
    np.testing.assert_allclose(slope, [3, 12])
    np.testing.assert_allclose(tape.gradient(penalty, at), [36, 288])


def test_the_schedule_is_constant_then_linear_to_zero():
    schedule = LinearDecay(2e-4, 0.5, 200)
    np.testing.assert_allclose(
        [float(schedule(step)) for step in (0, 99, 100, 150, 200)], [2e-4, 2e-4, 2e-4, 1e-4, 0], atol=1e-10
    )
    assert float(LinearDecay(1.0, 1.0, 10)(9)) == 1.0


def test_the_ema_trails_and_soon_forgets_the_start():
    network = dense()
    ema = MovingAverage(network, 0.999)
    network.set_weights([np.ones((3, 1))])
    for step in range(1, 200):
        ema.update(step)
    np.testing.assert_allclose(ema.network.get_weights()[0], 1, atol=1e-3)
    network.set_weights([np.zeros((3, 1))])
    ema.update(100_000)
    np.testing.assert_allclose(ema.network.get_weights()[0], 0.999, atol=1e-3)


def test_a_recorded_forward_pass_is_gone_on_with_after_others_have_moved():
    """As pix2pix needs it: one fake a step, and the generator's loss after the discriminator's update."""
    generator, discriminator = dense(3), dense()
    player, other = (
        Player(name, [one], keras.optimizers.SGD(0.1))
        for name, one in (("g", generator), ("d", discriminator))
    )
    kernels = [one.get_weights()[0] for one in (generator, discriminator)]
    with player.record() as tape:
        fake = generator(INPUTS)
    other.minimize(lambda: {"a": tf.reduce_sum(discriminator(tf.stop_gradient(fake)))}, {"a": 1})
    np.testing.assert_array_equal(generator.get_weights()[0], kernels[0])
    moved = kernels[1] - 0.1 * (INPUTS.numpy() @ kernels[0]).T
    np.testing.assert_allclose(discriminator.get_weights()[0], moved, rtol=1e-5)
    terms = player.minimize(lambda: {"a": tf.reduce_sum(discriminator(fake))}, {"a": 1}, tape)
    np.testing.assert_allclose(terms["a"], (INPUTS.numpy() @ kernels[0] @ moved).item(), rtol=1e-5)
    np.testing.assert_allclose(
        generator.get_weights()[0], kernels[0] - 0.1 * INPUTS.numpy().T @ moved.T, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_lowers_a_loss_at_its_decaying_rate(kind):
    network = dense()
    player = OPTIMIZERS[kind](kind=kind, learning_rate=0.01, decay_start=0.5).player("p", [network], 20)
    losses = [
        float(player.minimize(lambda: {"a": tf.reduce_sum(network(INPUTS) ** 2)}, {"a": 1})["a"])
        for _ in range(20)
    ]
    assert losses[-1] < losses[0]
    assert player.learning_rate() == pytest.approx(0, abs=1e-9)
