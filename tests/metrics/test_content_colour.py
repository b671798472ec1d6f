"""Content and colour distances against definitions and scikit-image; inverted colours are caught."""

import numpy as np
import pytest
from skimage.color import rgb2lab

from gan_style.metrics.collapse import with_noise
from gan_style.metrics.colour import colour_cast, colour_shift, lab
from gan_style.metrics.content import coarse_edges, self_similarity
from gan_style.system.errors import UserError
from tests.evaluation.photos import photographs, shifted

PHOTOS = photographs()


def test_lab_is_that_of_scikit_image_for_every_level(rng):
    colours = rng.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    colours[0, :64, :] = np.arange(64)[:, None]  # the dark, where the formulas have their straight pieces
    np.testing.assert_allclose(lab(colours), rgb2lab(colours), atol=1e-6)


def test_colour_distances_are_those_of_the_definition():
    fake, source = PHOTOS[0][:120, :100], PHOTOS[2][:120, :100]
    ours, theirs = rgb2lab(fake), rgb2lab(source)
    windows = [np.s_[y : y + 8, x : x + 8] for y in range(0, 120, 8) for x in range(0, 96, 8)]
    expected = np.mean([np.linalg.norm(ours[w].mean((0, 1)) - theirs[w].mean((0, 1))) for w in windows])
    assert colour_shift(fake, source) == pytest.approx(expected, abs=1e-6)
    assert colour_cast(fake, source) == pytest.approx(
        np.linalg.norm(ours.mean((0, 1)) - theirs.mean((0, 1))), abs=1e-6
    )


@pytest.mark.parametrize("photo", PHOTOS)
def test_inverted_colours_are_caught_and_strokes_are_not(photo):
    strokes = with_noise(photo, 15.0)
    assert colour_shift(photo, photo) == colour_cast(photo, photo) == 0
    assert colour_shift(255 - photo, photo) > 6 * colour_shift(strokes, photo)
    assert colour_shift(255 - photo, photo) > 25
    assert coarse_edges(255 - photo, photo) > 0.9, "dark is where light was: every edge is turned round"


def test_a_cast_is_told_from_colours_that_moved_about():
    photo = PHOTOS[0]
    moved = photo[::-1]
    assert colour_cast(moved, photo) == pytest.approx(0.0, abs=1e-9)
    assert colour_shift(moved, photo) > 10
    tinted = shifted(photo, np.array([25, 0, -25]))
    assert colour_cast(tinted, photo) > 8


def looped_self_similarity(fake, source):
    """Kolkin et al. 2019, equation 7, at all places."""
    patterns = []
    for features in (fake, source):
        places = features.reshape(-1, features.shape[-1])
        cosines = [[1 - x @ y / np.linalg.norm(x) / np.linalg.norm(y) for y in places] for x in places]
        patterns.append(np.array(cosines) / np.sum(cosines, axis=1, keepdims=True))
    return 0.5 * np.abs(patterns[0] - patterns[1]).sum() / len(patterns[0])


def test_self_similarity_is_that_of_the_definition(rng):
    fake, source = rng.gamma(1.0, size=(2, 6, 5, 8))
    once = looped_self_similarity(fake, source)
    assert self_similarity({"a": fake}, {"a": source}) == pytest.approx(once, abs=1e-6)
    assert self_similarity({"a": fake, "b": source}, {"a": source, "b": source}) == pytest.approx(
        once / 2, abs=1e-6
    )


def test_self_similarity_ignores_what_a_style_changes_and_sees_what_moves(rng):
    source = rng.gamma(1.0, size=(40, 40, 8))
    turned = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    assert self_similarity({"a": 3 * source @ turned}, {"a": source}) == pytest.approx(0.0, abs=1e-6)
    moved = self_similarity({"a": np.roll(source, 7, axis=0)}, {"a": source})
    other = self_similarity({"a": rng.gamma(1.0, size=(40, 40, 8))}, {"a": source})
    assert moved == pytest.approx(other, rel=0.1)
    assert other > 0.1
    assert 0.2 < self_similarity({"a": np.ones((40, 40, 8))}, {"a": source}) <= 1, (
        "a constant output shows nothing"
    )
    with pytest.raises(UserError, match=r"one size: a is \(40, 20\) and \(40, 40\)"):
        self_similarity({"a": source[:, :20]}, {"a": source})


def test_coarse_edges_are_those_of_the_definition():
    fake, source = PHOTOS[0], PHOTOS[2]
    coarse = []
    for picture in (fake, source):
        grey = picture @ [0.299, 0.587, 0.114]
        coarse.append(
            np.array(
                [[grey[y : y + 8, x : x + 8].mean() for x in range(0, 128, 8)] for y in range(0, 128, 8)]
            )
        )
    slopes = [np.concatenate([np.diff(c, axis=0).ravel(), np.diff(c, axis=1).ravel()]) for c in coarse]
    expected = np.abs(slopes[0] - slopes[1]).sum() / np.abs(slopes).sum()
    assert coarse_edges(fake, source) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("photo", PHOTOS)
def test_coarse_edges_tell_strokes_from_another_picture(photo):
    assert coarse_edges(photo, photo) == 0
    assert coarse_edges(np.full_like(photo, 128), photo) == pytest.approx(1.0), (
        "a constant output shows nothing"
    )
    assert coarse_edges(with_noise(photo, 15.0), photo) < 0.5 * coarse_edges(photo[::-1, ::-1], photo)
    assert coarse_edges(np.zeros_like(photo), np.zeros_like(photo)) == 0
