"""Every loss against NumPy, and every gradient against finite differences."""

import hashlib

import numpy as np
import pytest
import tensorflow as tf

from gan_style.features.random_pyramid import RandomPyramid, random_filters
from gan_style.losses import perceptual, regularisers, temporal
from gan_style.losses.adversarial import ADVERSARIAL

LOGITS = np.array([[-2.0, -0.5, 0.0, 0.7, 3.0]], np.float32)
REAL, FAKE = LOGITS, -LOGITS[:, ::-1] * 0.5 + 0.2


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


@pytest.mark.parametrize(
    ("family", "discriminator", "generator"),
    [
        ("lsgan", ((REAL - 1) ** 2).mean() / 2 + (FAKE**2).mean() / 2, ((FAKE - 1) ** 2).mean()),
        (
            "bce",
            -(np.log(sigmoid(REAL)).mean() + np.log(1 - sigmoid(FAKE)).mean()) / 2,
            -np.log(sigmoid(FAKE)).mean(),
        ),
        ("hinge", np.maximum(0, 1 - REAL).mean() + np.maximum(0, 1 + FAKE).mean(), -FAKE.mean()),
    ],
)
def test_adversarial_losses_match_numpy(family, discriminator, generator):
    loss = ADVERSARIAL[family]
    np.testing.assert_allclose(
        loss.discriminator(tf.constant(REAL), tf.constant(FAKE)), discriminator, rtol=1e-5
    )
    np.testing.assert_allclose(loss.generator(tf.constant(FAKE)), generator, rtol=1e-5)


def grams(features: np.ndarray) -> np.ndarray:
    flat = features.reshape(len(features), -1, features.shape[-1]).astype(np.float64)
    return np.einsum("npc,npd->ncd", flat, flat)


def reference(preset: str, fake: np.ndarray, target: np.ndarray) -> float:
    _, height, width, channels = fake.shape
    pixels, difference = height * width, grams(fake) - grams(target)
    return {
        "johnson": np.mean((difference / (channels * pixels)) ** 2),
        "gatys": np.mean((difference**2).sum((1, 2)) / (4 * channels**2 * pixels**2)),
        "magenta": np.mean((difference / pixels) ** 2),
        "animegan": np.mean(np.abs(difference / (pixels * channels))),
        "relative": (difference**2).sum() / (grams(target) ** 2).sum(),
    }[preset]


@pytest.mark.parametrize("preset", ["johnson", "gatys", "magenta", "animegan", "relative"])
def test_gram_presets_match_numpy(preset, rng):
    fake, target = rng.normal(size=(2, 3, 6, 5, 4)).astype(np.float32)
    found = perceptual.gram_distance(tf.constant(fake), tf.constant(target), preset)
    np.testing.assert_allclose(found, reference(preset, fake, target), rtol=1e-4)
    assert float(perceptual.gram_distance(tf.constant(fake), tf.constant(fake), preset)) == 0


def test_together_compares_whole_batches(rng):
    fake, target = rng.normal(size=(2, 3, 6, 5, 4)).astype(np.float32)
    found = perceptual.style({"a": tf.constant(fake)}, {"a": tf.constant(target)}, "relative", together=True)
    whole = [array.reshape(1, 18, 5, 4) for array in (fake, target)]
    np.testing.assert_allclose(found, reference("relative", *whole), rtol=1e-4)
    shuffled = perceptual.style(
        {"a": tf.constant(fake[::-1])}, {"a": tf.constant(target)}, "relative", together=True
    )
    np.testing.assert_allclose(found, shuffled, rtol=1e-4)


@pytest.mark.parametrize("preset", ["johnson", "gatys", "relative"])
def test_every_picture_is_compared_with_the_style_in_common(preset, rng):
    fake, target = rng.normal(size=(2, 3, 6, 5, 4)).astype(np.float32)
    smaller, whole = target[:, :3], target[:, :3].reshape(1, 9, 5, 4)
    found = perceptual.style_in_common({"a": tf.constant(fake)}, {"a": tf.constant(smaller)}, preset)
    wanted = perceptual.gram_for(6 * 5, tf.constant(whole), preset)
    each = [perceptual.distance_to_gram(tf.constant(one[None]), wanted, preset) for one in fake]
    np.testing.assert_allclose(found, np.mean(each), rtol=1e-4)
    # A batch in which one picture has all the style and the others none is worse than one that shares it;
    # together they are alike.
    shared, alone = np.ones((3, 4, 4, 1), np.float32), np.zeros((3, 4, 4, 1), np.float32)
    alone[0] = np.sqrt(3)
    in_common, together = (
        [
            float(distance({"a": tf.constant(maps)}, {"a": tf.constant(shared)}, "relative", **more))
            for maps in (shared, alone)
        ]
        for distance, more in ((perceptual.style_in_common, {}), (perceptual.style, {"together": True}))
    )
    assert together == pytest.approx([0, 0], abs=1e-6)
    assert in_common[0] == pytest.approx(0, abs=1e-6)
    assert in_common[1] > 1


def test_pooled_colour_and_structure_match_numpy(rng):
    fake, source = rng.uniform(-1, 1, (2, 1, 16, 16, 3)).astype(np.float32)

    def average(image, window):
        starts = range(0, 16 - window + 1, window // 2)
        return np.array(
            [[image[0, y : y + window, x : x + window].mean((0, 1)) for x in starts] for y in starts]
        )

    np.testing.assert_allclose(
        perceptual.pooled_colour(fake, source),
        np.abs(average(fake, 8) - average(source, 8)).mean(),
        rtol=1e-4,
    )
    grey = [average(image, 4) @ [0.299, 0.587, 0.114] for image in (fake, source)]
    expected = sum(
        np.abs(np.diff(grey[0], axis=axis) - np.diff(grey[1], axis=axis)).mean() for axis in (0, 1)
    )
    np.testing.assert_allclose(perceptual.coarse_structure(fake, source), expected, rtol=1e-4)


def test_strokes_are_free_under_pooled_colour():
    stripes = np.zeros((1, 32, 32, 3), np.float32)
    stripes[:, ::2], stripes[:, 1::2] = 0.5, -0.5
    assert float(perceptual.pooled_colour(stripes, np.zeros_like(stripes))) < 1e-6


def test_total_variation_and_feature_content_match_numpy(rng):
    images, other = rng.normal(size=(2, 2, 6, 5, 3)).astype(np.float32)
    expected = np.abs(np.diff(images, axis=1)).mean() + np.abs(np.diff(images, axis=2)).mean()
    np.testing.assert_allclose(perceptual.total_variation(images), expected, rtol=1e-5)
    np.testing.assert_allclose(
        perceptual.feature_content({"a": images}, {"a": other}), ((images - other) ** 2).mean(), rtol=1e-5
    )


BANK = RandomPyramid(levels=2, kernels=(3, 5), filters=4)
GUIDE = np.linspace(0, 1, 16, dtype=np.float32).reshape(1, 1, 16, 1) * np.ones((1, 16, 1, 1), np.float32)
TERMS = {
    "pooled_colour": lambda fake, other: perceptual.pooled_colour(fake, other),
    "coarse_structure": lambda fake, other: perceptual.coarse_structure(fake, other),
    "feature_content": lambda fake, other: perceptual.feature_content(BANK(fake), BANK(other)),
    "total_variation": lambda fake, other: perceptual.total_variation(fake),
    "regularisers.total_variation": lambda fake, other: regularisers.total_variation(fake, 1.5),
    "alpha_norm": lambda fake, other: regularisers.alpha_norm(fake),
    "frame_difference": lambda fake, other: temporal.frame_difference(other, fake, fake / 3, other / 2),
    "guided_gram": lambda fake, other: perceptual.gram_distance(
        perceptual.guided(fake, GUIDE), perceptual.guided(other, GUIDE), "relative"
    ),
    **{
        f"gram_{preset}": lambda fake, other, preset=preset: perceptual.style(
            BANK(fake), BANK(other), preset, together=True
        )
        for preset in ("johnson", "gatys", "magenta", "animegan", "relative")
    },
}


@pytest.mark.parametrize("term", TERMS)
def test_gradients_reach_the_image_and_match_finite_differences(term, rng):
    fake, other = rng.uniform(-1, 1, (2, 2, 16, 16, 3)).astype(np.float32)
    direction = rng.choice([-1.0, 1.0], fake.shape).astype(np.float32)
    with tf.GradientTape() as tape:
        images = tf.constant(fake)
        tape.watch(images)
        value = TERMS[term](images, tf.constant(other))
    slope = tape.gradient(value, images).numpy()
    assert np.abs(slope).max() > 0
    step = 2e-3
    ahead, behind = (
        float(TERMS[term](tf.constant(fake + sign * step * direction), tf.constant(other)))
        for sign in (1, -1)
    )
    np.testing.assert_allclose(
        (ahead - behind) / (2 * step),
        (slope * direction).sum(),
        rtol=0.05,
        atol=2e-4 * max(1, abs(float(value))),
    )


def test_random_filters_are_orthonormal_and_blind_to_flat_colour(rng):
    filters = random_filters(5, 16, rng)
    flat = filters.reshape(-1, 16)
    np.testing.assert_allclose(flat.T @ flat, np.eye(16), atol=1e-5)
    np.testing.assert_allclose(filters.sum((0, 1)), 0, atol=1e-5)


def test_the_pyramid_is_the_same_everywhere():
    """A golden hash: figures of different machines and years must stay comparable."""
    rounded = [np.round(array, 4) + 0.0 for array in RandomPyramid().arrays()]
    assert [array.shape for array in rounded] == [(size, size, 3, 32) for size in (3, 5, 7, 11)]
    assert (
        hashlib.sha256(b"".join(array.tobytes() for array in rounded)).hexdigest()[:16] == "8e5fb7830c12646b"
    )


def test_the_pyramid_tells_strokes_from_the_photo(small_paintbox):
    from gan_style.system.images import read, to_signed

    name = sorted((small_paintbox / "test" / "source").iterdir())[0].name
    pictures = [read(small_paintbox / "test" / role / name).pixels for role in ("source", "target", "second")]
    source, target, second = (BANK(to_signed(picture)[None]) for picture in pictures)
    photo, again = (float(perceptual.style(features, target, "relative")) for features in (source, second))
    assert photo > 20 * again


def test_small_pictures_get_fewer_levels():
    maps = RandomPyramid(levels=4, kernels=(3, 7), filters=2)(tf.zeros((1, 24, 30, 3)))
    assert list(maps) == ["level0", "level1"]
    assert maps["level1"].shape == (1, 12, 15, 4)


def test_yuv_colour_against_scikit_image(rng):
    from skimage.color import rgb2yuv

    fake, source = rng.uniform(-1, 1, (2, 2, 5, 5, 3))
    difference = np.abs(rgb2yuv((fake + 1) / 2) - rgb2yuv((source + 1) / 2))
    huber = np.where(difference < 1, 0.5 * difference**2, difference - 0.5)
    expected = difference[..., 0].mean() + huber[..., 1].mean() + huber[..., 2].mean()
    np.testing.assert_allclose(
        perceptual.yuv_colour(tf.constant(fake, tf.float32), tf.constant(source, tf.float32)),
        expected,
        rtol=1e-5,
    )


def test_squared_variation(rng):
    images = rng.uniform(-1, 1, (2, 5, 6, 3)).astype(np.float32)
    expected = sum(np.square(np.diff(images, axis=axis)).mean() for axis in (1, 2))
    np.testing.assert_allclose(perceptual.total_variation(tf.constant(images), power=2), expected, rtol=1e-5)


def test_guided_grams_match_numpy_and_do_not_depend_on_the_area(rng):
    features, guide = (
        rng.normal(size=(1, 6, 5, 4)).astype(np.float32),
        rng.uniform(0, 1, (1, 6, 5, 1)).astype(np.float32),
    )
    found = perceptual.gram(perceptual.guided(tf.constant(features), tf.constant(guide)), "magenta")
    weights = guide[0].astype(np.float64) ** 2 / np.square(guide, dtype=np.float64).sum()
    expected = np.einsum("hwc,hwd->cd", features[0] * weights, features[0].astype(np.float64))
    np.testing.assert_allclose(found[0], expected, rtol=1e-4, atol=1e-6)
    # A texture beside something else, guided to it, is that texture alone.
    beside = np.concatenate([features, rng.normal(size=features.shape)], axis=2).astype(np.float32)
    half = np.concatenate([np.ones((1, 6, 5, 1)), np.zeros((1, 6, 5, 1))], axis=2).astype(np.float32)
    alone = perceptual.gram(tf.constant(features), "magenta")
    np.testing.assert_allclose(
        perceptual.gram(perceptual.guided(tf.constant(beside), tf.constant(half)), "magenta"),
        alone,
        rtol=1e-4,
    )


@pytest.mark.parametrize("preset", ["johnson", "gatys", "magenta", "animegan", "relative"])
def test_pictures_of_different_sizes_with_the_same_texture_are_no_distance_apart(preset, rng):
    tile = rng.normal(size=(1, 3, 4, 5)).astype(np.float32)
    small, large = tf.constant(np.tile(tile, (1, 2, 2, 1))), tf.constant(np.tile(tile, (1, 4, 3, 1)))
    wanted = perceptual.gram_for(6 * 8, large, preset)
    assert float(perceptual.distance_to_gram(small, wanted, preset)) < 1e-7
    np.testing.assert_allclose(
        perceptual.gram_for(6 * 8, small, preset), perceptual.gram(small, preset), rtol=1e-6
    )


def test_regularisers_match_numpy(rng):
    images = rng.uniform(-1, 1, (2, 5, 6, 3))
    down, right = np.diff(images, axis=1)[:, :, :-1], np.diff(images, axis=2)[:, :-1]
    found = regularisers.total_variation(tf.constant(images, tf.float32), 1.5)
    np.testing.assert_allclose(found, ((down**2 + right**2) ** 0.75).mean(), rtol=1e-4)
    np.testing.assert_allclose(
        regularisers.alpha_norm(tf.constant(images, tf.float32)), (images**6).mean(), rtol=1e-4
    )


def test_colour_gain_changes_colours_and_leaves_brightness():
    images = np.random.default_rng(0).uniform(-1, 1, (2, 4, 5, 3)).astype(np.float32)
    colourful = perceptual.with_colour_gain(images, 4.0)
    np.testing.assert_allclose(np.mean(colourful, -1), images.mean(-1), atol=1e-6)
    np.testing.assert_allclose(
        colourful[..., 0] - colourful[..., 1], 4 * (images[..., 0] - images[..., 1]), atol=1e-5
    )
    assert perceptual.with_colour_gain(images, 1.0) is images


@pytest.mark.parametrize(("size", "shape"), [((8, 12), (2, 3)), ((9, 14), (2, 3)), ((3, 2), (1, 1))])
def test_cells_are_the_parts_of_a_picture_row_by_row(rng, size, shape):
    features = rng.normal(size=(2, *size, 3)).astype(np.float32)
    found = perceptual.cells(tf.constant(features), 4).numpy()
    across = min(4, size[1])
    assert found.shape == (2 * min(4, size[0]) * across, *shape, 3)
    np.testing.assert_array_equal(found[1], features[0, : shape[0], shape[1] : 2 * shape[1]])
    np.testing.assert_array_equal(found[across], features[0, shape[0] : 2 * shape[0], : shape[1]])


def test_with_cells_a_corner_cannot_have_the_texture_of_all(rng):
    wanted = rng.normal(size=(1, 16, 16, 4)).astype(np.float32)
    corner = np.zeros_like(wanted)
    corner[:, :4, :4] = 4 * wanted[:, :4, :4]  # all of the energy in a sixteenth

    def missed(fake, count):
        pair = ({"layer": perceptual.cells(tf.constant(one), count)} for one in (fake, wanted))
        return float(perceptual.style(*pair, "normalised"))

    assert missed(corner, 1) < missed(np.zeros_like(wanted), 1)
    assert missed(corner, 4) > missed(np.zeros_like(wanted), 4)
