"""Synthetic motion, and the temporal term of methods that learn from it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.losses.temporal import frame_difference
from gan_style.methods.base.motion import Frames, moved, next_frame, occluded
from gan_style.system.random import Repeated, normal, uniform
from tests.methods.test_methods import method_of, smooth_batch

TEMPORAL = "method.weights.temporal=2"
NOISE = "method.generator.noise_channels=2"
DABS = "method.generator_input={input_blur: 1, stroke_noise: 0.1, dabs: {widths: [4]}}"
MOVING = ["gan", "feedforward"]


def pictures(*shape: int) -> tf.Tensor:
    return tf.random.stateless_uniform(shape, (3, 4), -1, 1)


def seeded() -> keras.random.SeedGenerator:
    return keras.random.SeedGenerator(0)


def still(count: int) -> dict[str, tf.Tensor]:
    return {"pan": tf.zeros((count, 2)), "zoom": tf.ones(count), "turn": tf.zeros(count)}


def test_without_motion_the_picture_is_what_it_was():
    seen = pictures(2, 20, 33, 3)
    np.testing.assert_array_equal(moved(seen, **still(2)), seen)
    np.testing.assert_array_equal(occluded(seen, tf.fill((2, 2), 0.5), tf.zeros((2, 2))), seen)


def test_a_pan_of_whole_pixels_shifts_each_picture_and_mirrors_its_border():
    seen = pictures(2, 20, 33, 3)
    pan = tf.constant([[2.0, -3.0], [0.0, 5.0]])
    first, second = moved(seen, **{**still(2), "pan": pan}).numpy()
    np.testing.assert_array_equal(first[2:, :-3], seen[0, :-2, 3:])
    np.testing.assert_array_equal(first[:2, :-3], seen[0, :2, 3:][::-1])
    np.testing.assert_array_equal(second[:, 5:], seen[1, :, :-5])


def test_zoom_and_turn_are_about_the_middle():
    y, x = np.mgrid[-10:11, -10:11].astype(np.float32)
    ramps = tf.constant(np.stack([y, x, y + x], -1)[None])
    inner = slice(3, -3)
    larger = moved(ramps, **{**still(1), "zoom": tf.constant([1.25])})
    np.testing.assert_allclose(larger[0, inner, inner], ramps[0, inner, inner] / 1.25, atol=1e-4)
    turned = moved(ramps, **{**still(1), "turn": tf.constant([0.1])})[0, inner, inner]
    # What was to the right of the middle is now below that line: rows are counted downwards.
    np.testing.assert_allclose(turned[..., 1], (np.cos(0.1) * x + np.sin(0.1) * y)[inner, inner], atol=1e-4)
    np.testing.assert_allclose(turned[..., 0], (np.cos(0.1) * y - np.sin(0.1) * x)[inner, inner], atol=1e-4)


def test_what_comes_before_it_changes_its_rectangle_alone():
    seen = pictures(2, 20, 40, 3)
    middle, size = tf.constant([[0.5, 0.25], [0.0, 1.0]]), tf.constant([[0.2, 0.3], [0.2, 0.2]])
    changed = np.any(occluded(seen, middle, size).numpy() != seen.numpy(), axis=-1)
    expected = np.zeros((2, 20, 40), bool)
    expected[0, 8:12, 4:16] = True
    expected[1, :2, 36:] = True
    np.testing.assert_array_equal(changed, expected)


def test_it_takes_unknown_sizes_and_bfloat16():
    @tf.function(input_signature=[tf.TensorSpec((2, None, None, 3), tf.bfloat16)])
    def graph(seen):
        return occluded(moved(seen, **still(2)), tf.fill((2, 2), 0.5), tf.fill((2, 2), 0.0))

    seen = tf.cast(pictures(2, 20, 700, 3), tf.bfloat16)
    np.testing.assert_array_equal(graph(seen), seen)


def test_next_frames_are_near_and_each_moves_by_itself():
    seen = tf.image.resize(pictures(1, 5, 5, 3), (64, 64), "bicubic")
    after = next_frame(tf.repeat(seen, 2, axis=0), seeded())
    off = np.abs(after - seen).mean((1, 2, 3))
    assert (off > 0.01).all()
    assert (off < 0.3).all()
    assert off[0] != off[1]


def test_frames_share_random_numbers_and_what_is_behind_them_has_its_own():
    for draw in (normal, uniform):
        first, second, behind = tf.split(draw((6, 4, 4, 2), Repeated(seeded(), 2)), 3)
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first, behind)
        np.testing.assert_array_equal(
            tf.concat([first, behind], 0), draw((4, 4, 4, 2), seeded()), "as if there were no next frames"
        )


def test_frame_differences_are_those_of_the_film():
    x, after, paint, other = pictures(4, 2, 8, 8, 3)
    assert float(frame_difference(x + paint, after + paint, x, after)) < 1e-12  # the same paint on both
    flicker = float(frame_difference(x + paint, after + other, x, after))
    np.testing.assert_allclose(flicker, np.mean((other - paint) ** 2), rtol=1e-5)


def test_what_is_painted_comes_apart_in_frames_and_targets():
    frames = Frames(pictures(2, 8, 8, 3), seeded(), moving=True)
    again = pictures(2, 8, 8, 3)
    fakes, after = frames.apart(tf.concat([frames.pictures, again], 0))
    np.testing.assert_array_equal(fakes, tf.concat([frames.source, again], 0))
    np.testing.assert_array_equal(after, frames.next)
    assert float(frames.terms(fakes, after)["temporal"]) == 0


@pytest.mark.parametrize("kind", MOVING)
def test_the_term_is_told_where_it_has_a_weight(kind, tmp_path):
    told = {}
    for name, overrides in {"with": [TEMPORAL], "without": ["method.weights.temporal=0"]}.items():
        one, batch = method_of(kind, tmp_path, NOISE, DABS, *overrides), smooth_batch()
        one.prepare()
        told[name] = one.step(batch)
    assert set(told["with"]["generator"]) - set(told["without"]["generator"]) == {"temporal"}
    assert float(told["with"]["generator"]["temporal"]) > 0


@pytest.mark.parametrize("kind", MOVING)
def test_its_gradient_reaches_the_generator(kind, tmp_path):
    nothing = {"gan": "adversarial: 0, colour: 0", "feedforward": "style: 1e-30, content: 1e-30"}[kind]
    one = method_of(kind, tmp_path, NOISE, DABS, f"method.weights={{{nothing}, temporal: 1}}")
    one.prepare()
    before = [weight.numpy().copy() for weight in one.generator.network.trainable_variables]
    assert float(one.step(smooth_batch())["generator"]["gradient_norm"]) > 1e-6
    pairs = zip(before, one.generator.network.trainable_variables, strict=True)
    assert any(np.abs(old - new).max() > 1e-5 for old, new in pairs)


@pytest.mark.parametrize("kind", MOVING)
def test_without_a_weight_nothing_of_it_is_drawn_or_computed(kind, tmp_path, monkeypatch):
    monkeypatch.setattr("gan_style.methods.base.motion.next_frame", None)  # would raise if it were asked
    one = method_of(kind, tmp_path, NOISE, DABS)
    assert "temporal" not in one.config.model_dump()["weights"]
    one.prepare()
    assert "temporal" not in one.step(smooth_batch())["generator"]
