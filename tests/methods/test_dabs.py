"""Dabs: a picture in flat strokes of its own colours."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.methods.base.dabs import Dabs, dabbed, laid
from gan_style.methods.base.generator_input import GeneratorInput, generator_input, target_input
from gan_style.networks.graph import Graph


def seeded(seed: int = 0) -> keras.random.SeedGenerator:
    return keras.random.SeedGenerator(seed)


def laid_by_numpy(canvas, images, dabs, colours, width, how):
    """Pixel by pixel, over every dab of the picture."""
    painted = canvas.copy()
    for y in range(canvas.shape[0]):
        for x in range(canvas.shape[1]):
            highest = 0.0
            for dab, colour in zip(dabs.reshape(-1, 5), colours.reshape(-1, 3), strict=True):
                down, right = y + 0.5 - dab[0], x + 0.5 - dab[1]
                past = max(0.0, abs(right * dab[2] + down * dab[3]) - width * (how.length - 1) / 2)
                covers = np.hypot(past, down * dab[2] - right * dab[3]) <= width / 2
                if covers and dab[4] > highest and np.abs(images[y, x] - colour).mean() < how.strays:
                    highest, painted[y, x] = dab[4], colour
    return painted


@pytest.mark.parametrize(
    ("size", "width", "length"), [((20, 26), 4, 4.0), ((17, 9), 3, 1.0), ((9, 21), 2, 5.0)]
)
def test_the_highest_dab_that_covers_a_pixel_gives_its_colour(size, width, length):
    rng = np.random.default_rng(0)
    rows, columns = -(-size[0] // width), -(-size[1] // width)
    corners = np.stack(np.mgrid[:rows, :columns], -1)
    angles = rng.uniform(0, np.pi, (rows, columns, 1))
    ranks = rng.uniform(0, 1, (rows, columns, 1)) * (rng.uniform(size=(rows, columns, 1)) < 0.7)
    places = (corners + rng.uniform(size=corners.shape)) * width
    dabs = np.concatenate([places, np.cos(angles), np.sin(angles), ranks], -1)
    canvas, images = rng.uniform(-1, 1, (2, *size, 3))
    colours = rng.uniform(-1, 1, (rows, columns, 3))
    how = Dabs(length=length, strays=0.7)
    expected = laid_by_numpy(canvas, images, dabs, colours, width, how)
    inside = dabs - width * np.concatenate([corners, np.zeros((rows, columns, 3))], -1)
    tensors = [tf.constant(one[None], tf.float32) for one in (canvas, images, inside, colours)]
    found = laid(*tensors, width, how, how.reach())[0].numpy()
    assert (np.abs(found - expected).max(-1) > 1e-5).mean() < 0.005, "but for pixels on an edge, by rounding"
    assert (np.abs(expected - canvas).max(-1) > 0).mean() > 0.2


def test_dabs_run_along_contours():
    stripes = np.broadcast_to(np.sin(np.arange(96) / 6.0)[None, :, None] * 0.6, (96, 96, 3))
    painted = dabbed(tf.constant(stripes[None], tf.float32), Dabs(widths=(4,), tone=0.2), seeded())[0].numpy()
    own = (painted - stripes).mean(-1)
    along, across = (np.mean(own * np.roll(own, 6, axis=axis)) / own.var() for axis in (0, 1))
    assert along > across + 0.2


def test_a_dab_ends_at_an_edge_that_it_would_smear():
    half = np.where(np.arange(64) < 32, -0.5, 0.5)[None, :, None] * np.ones((64, 1, 3))
    images = tf.constant(half[None], tf.float32)
    painted = dabbed(images, Dabs(tone=0.0, strays=0.3), seeded())[0].numpy()
    assert np.abs(painted - half).max() < 0.3
    smeared = dabbed(images, Dabs(tone=0.0, strays=2.0, widths=(8,)), seeded())[0].numpy()
    assert np.abs(smeared - half).max() > 0.5


def test_fine_dabs_go_where_coarse_ones_have_left_an_error():
    picture = np.zeros((64, 64, 3))
    picture[:24, :24] = np.random.default_rng(0).choice([-0.4, 0.4], (3, 3, 1)).repeat(8, 0).repeat(8, 1)
    images = tf.constant(picture[None], tf.float32)
    coarse, both = (
        dabbed(images, Dabs(widths=widths, tone=0.0, strays=2.0), seeded())[0].numpy()
        for widths in ((16,), (16, 4))
    )
    errors = [np.abs(one[:24, :24] - picture[:24, :24]).mean() for one in (coarse, both)]
    assert errors[1] < 0.6 * errors[0]
    np.testing.assert_allclose(both[44:, 44:], 0.0, atol=1e-6)


def test_a_seed_gives_the_same_dabs_in_a_graph_of_any_size():
    how = GeneratorInput(dabs=Dabs(widths=(16, 4)), input_blur=2)
    random = seeded(3)
    graph = Graph(lambda pictures: generator_input(pictures, how, random))
    for size in ((33, 7), (40, 52)):
        images = tf.random.stateless_uniform((2, *size, 3), (1, 2), -1, 1)
        plain = generator_input(images, how, seeded(3)).numpy()
        random.state.assign(seeded(3).state)
        np.testing.assert_allclose(graph(images), plain, atol=1e-5)
    assert np.abs(generator_input(images, how, seeded(4)) - plain).mean() > 0.01


def test_targets_keep_traces_of_their_own_strokes_instead():
    images = tf.random.stateless_uniform((1, 32, 32, 3), (1, 2), -1, 1)
    with_dabs, without = GeneratorInput(dabs=Dabs(), input_blur=2), GeneratorInput(input_blur=2)
    np.testing.assert_array_equal(
        target_input(images, with_dabs, seeded()), target_input(images, without, seeded())
    )
