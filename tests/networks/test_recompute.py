"""Networks that keep less for the gradient: the same function, in less memory."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.networks import recompute
from gan_style.networks.patchgan import build_patchgan
from gan_style.networks.recompute import Plan
from gan_style.networks.resnet import build_resnet_generator
from gan_style.networks.segments import best_ends, segments_of
from gan_style.networks.unet import build_unet_generator
from gan_style.optim.memory import peak_memory

PICTURES = np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
PLANS = [Plan(3), Plan(1, segments=True)]  # 4 pictures: parts need not be equal


@pytest.fixture(autouse=True)
def keeping_everything_afterwards():
    yield
    recompute.use(Plan())


def check_alike(mine: list[np.ndarray], whole: list[np.ndarray]) -> None:
    """Slopes of biases before a norm are rounding, so that the largest slope of all is the measure."""
    largest = max(np.abs(one).max() for one in whole[1:])
    assert largest > 0
    for one, other in zip(mine, whole, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5 * largest)


def slopes(network: keras.Model, plan: Plan) -> list[np.ndarray]:
    """At the picture and at every weight, of a loss that sees the whole batch at once."""
    recompute.use(plan)

    def step():
        pictures = tf.constant(PICTURES)
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            outputs = tf.concat([tf.reshape(one, [-1]) for one in tf.nest.flatten(told(pictures))], 0)
            loss = tf.math.reduce_std(outputs) * tf.reduce_max(outputs)
        return [loss, *tape.gradient(loss, [pictures, *network.trainable_variables])]

    def told(pictures):
        return network(pictures, training=True)

    return [one.numpy() for one in tf.function(step, autograph=False)()]


@pytest.mark.parametrize("plan", PLANS)
def test_slopes_are_those_of_the_whole_batch(plan):
    network = build_resnet_generator(filters=4, blocks=1, kernel=3, affine=True, input_skip="residual")
    check_alike(slopes(network, plan), slopes(network, Plan()))


def test_the_same_features_are_dropped_in_parts_and_again():
    plan = Plan(3, segments=True)

    def network():
        return build_unet_generator(filters=4, depth=3, norm="instance", dropout=0.5)

    keras.utils.set_random_seed(1)
    one = network()
    keras.utils.set_random_seed(1)
    other = network()
    # Twice: the second time other features are lost, and again the same in both.
    first, second = (
        [slopes(network, how) for _ in range(2)] for network, how in ((one, plan), (other, Plan()))
    )
    for mine, whole in zip(first, second, strict=True):
        check_alike(mine, whole)
    assert abs(first[0][0] - first[1][0]) > 1e-6


def test_a_penalty_of_slopes_has_slopes_itself():
    network = build_patchgan(filters=4, depth=1, spectral_norm=True)

    def penalty_slopes(plan: Plan) -> list[np.ndarray]:
        recompute.use(plan)

        def step():
            pictures = tf.constant(PICTURES)
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(pictures)
                    total = tf.reduce_sum(network(pictures, training=True) ** 2)
                penalty = tf.reduce_mean(inner.gradient(total, pictures) ** 2)
            return outer.gradient(penalty, network.trainable_variables, unconnected_gradients="zero")

        return [one.numpy() for one in tf.function(step, autograph=False)()]

    check_alike(penalty_slopes(Plan(2, segments=True)), penalty_slopes(Plan()))


def test_batch_norm_sees_all_pictures():
    network = build_patchgan(filters=4, depth=1, norm="batch")
    for mine, whole in zip(slopes(network, Plan(2)), slopes(network, Plan()), strict=True):
        np.testing.assert_array_equal(mine, whole)


@pytest.mark.parametrize(("plan", "share"), [(Plan(4), 0.45), (Plan(1, segments=True), 0.6)])
def test_a_step_needs_less_memory(plan, share):
    network = build_resnet_generator(filters=8, blocks=6, kernel=3)
    pictures = tf.zeros((4, 32, 32, 3))

    def step(_):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(network(pictures, training=True) ** 2)
        return tape.gradient(loss, network.trainable_variables)

    def peak(how: Plan) -> int:
        recompute.use(how)
        return peak_memory(step)

    assert peak(plan) < share * peak(Plan())


def test_segments_end_where_little_goes_on():
    # Two halves of four, with a narrow place between them.
    assert best_ends([4, 4, 4, 4], [0, 9, 1, 9, 0]) == [2, 4]
    # Nothing is gained by passing on more than there is inside.
    assert best_ends([1, 1], [0, 9, 0]) == [2]


def test_segments_are_the_network(rng):
    network = build_unet_generator(filters=4, depth=3, norm="instance", dropout=0.0)
    pictures = rng.uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    segments = segments_of(network, ((1, 32, 32, 3),))
    assert len(segments) > 1
    there = {id(network.inputs[0]): pictures}
    for segment in segments:
        given = segment.run([there[one] for one in segment.takes])
        there |= dict(zip(segment.gives, given, strict=True))
    np.testing.assert_allclose(there[id(network.outputs[0])], network(pictures), atol=1e-6)
