"""Player.minimize against an update by hand; penalties; averages; the machine."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style import engine
from gan_style.optim.optimizers import ADAM_EPSILON, Adam, LinearDecay


def dense(units=1) -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, use_bias=False)])


INPUTS = tf.constant([[1.0, 2.0, 3.0]])


def test_minimize_weighs_sums_and_applies():
    network = dense()
    player = engine.Player("p", [network], keras.optimizers.SGD(0.1))
    before = network.get_weights()[0]

    def compute():
        output = tf.reduce_sum(network(INPUTS))
        return {"a": output, "b": output * 3}, "kept"

    terms, kept = player.minimize(compute, {"a": 2, "b": 0.5})
    value = (INPUTS.numpy() @ before).item()
    assert kept == "kept"
    np.testing.assert_allclose(
        [terms["a"], terms["b"], terms["total"]], [value, 3 * value, 3.5 * value], rtol=1e-5
    )
    np.testing.assert_allclose(network.get_weights()[0], before - 0.1 * 3.5 * INPUTS.numpy().T, rtol=1e-5)
    np.testing.assert_allclose(terms["gradient_norm"], 3.5 * np.sqrt(14), rtol=1e-5)


def test_only_the_players_own_variables_move():
    mine, other = dense(3), dense()
    player = engine.Player("p", [mine], keras.optimizers.SGD(0.1))
    before = other.get_weights()[0]
    player.minimize(lambda: ({"a": tf.reduce_sum(other(mine(INPUTS)))}, None), {"a": 1})
    np.testing.assert_array_equal(other.get_weights()[0], before)


def test_clipping_bounds_the_step_and_tells_the_norm_before():
    network = dense()
    player = engine.Player("p", [network], keras.optimizers.SGD(1.0), clip_norm=0.5)
    before = network.get_weights()[0]
    terms, _ = player.minimize(lambda: ({"a": tf.reduce_sum(network(INPUTS))}, None), {"a": 1})
    np.testing.assert_allclose(np.linalg.norm(network.get_weights()[0] - before), 0.5, rtol=1e-5)
    np.testing.assert_allclose(terms["gradient_norm"], np.sqrt(14), rtol=1e-5)


def test_a_variable_without_gradient_is_an_error():
    used, unused = dense(), dense()
    player = engine.Player("painter", [used, unused], keras.optimizers.SGD(0.1))
    with pytest.raises(ValueError, match=r"painter: no gradient reaches .*kernel"):
        player.minimize(lambda: ({"a": tf.reduce_sum(used(INPUTS))}, None), {"a": 1})


def test_the_optimizer_is_complete_before_the_first_step():
    player = Adam().player("p", [dense()], 10)
    shapes = [tuple(variable.shape) for variable in player.optimizer.variables]
    assert shapes.count((3, 1)) == 2, "two moments for the one kernel"
    assert player.optimizer.epsilon == ADAM_EPSILON


def test_gradient_is_differentiable_itself():
    at = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        slope = engine.gradient(lambda x: tf.reduce_sum(x**3), at.value())
        penalty = tf.reduce_sum(slope**2)
    np.testing.assert_allclose(slope, [3, 12])
    np.testing.assert_allclose(tape.gradient(penalty, at), [36, 288])


def test_the_schedule_is_constant_then_linear_to_zero():
    schedule = LinearDecay(2e-4, 0.5, 200)
    np.testing.assert_allclose(
        [float(schedule(step)) for step in (0, 99, 100, 150, 200)], [2e-4, 2e-4, 2e-4, 1e-4, 0], atol=1e-10
    )
    assert float(LinearDecay(1.0, 1.0, 10)(9)) == 1.0


def test_the_average_trails_and_soon_forgets_the_start():
    network = dense()
    average = engine.MovingAverage(network, 0.999)
    network.set_weights([np.ones((3, 1))])
    for step in range(1, 200):
        average.update(step)
    np.testing.assert_allclose(average.network.get_weights()[0], 1, atol=1e-3)
    network.set_weights([np.zeros((3, 1))])
    average.update(100_000)
    np.testing.assert_allclose(average.network.get_weights()[0], 0.999, atol=1e-3)


def test_auto_precision_follows_the_hardware(monkeypatch):
    for native, precision in ((True, "mixed_bfloat16"), (False, "float32")):
        monkeypatch.setattr(engine, "native_bfloat16", lambda native=native: (native, "test"))
        assert engine.choose_machine("auto", "auto").precision == precision
        assert engine.choose_machine("float32", 1) == engine.Machine("float32", 1, "as configured")


def test_cpu_flags_are_read(monkeypatch, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    monkeypatch.setattr(engine, "Path", lambda _: cpuinfo)
    cpuinfo.write_text("flags : fpu avx512f amx_bf16\n")
    assert engine.native_bfloat16() == (True, "CPU with amx_bf16")
    cpuinfo.write_text("flags : fpu avx512f\n")
    assert engine.native_bfloat16() == (False, "no bfloat16 instructions found")
