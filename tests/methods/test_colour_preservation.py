"""Colour control against the moments and histograms that it promises."""

import numpy as np
import pytest
from skimage.color import rgb2yuv

from gan_style.methods.base.colour_preservation import in_colours_of, luminance, with_luminance


@pytest.fixture
def content(rng):
    mix = rng.normal(size=(3, 3))
    return np.clip(0.1 * rng.normal(size=(20, 30, 3)) @ mix + [0.1, -0.2, 0.3], -1, 1).astype(np.float32)


@pytest.fixture
def style(rng):
    return rng.uniform(-0.9, 0.5, (25, 15, 3)).astype(np.float32)


def test_the_linear_match_takes_over_mean_and_covariance(content, style):
    matched = in_colours_of(content, style, "linear").reshape(-1, 3)
    np.testing.assert_allclose(matched.mean(0), content.reshape(-1, 3).mean(0), atol=1e-4)
    np.testing.assert_allclose(np.cov(matched.T), np.cov(content.reshape(-1, 3).T), rtol=0.02, atol=1e-3)


def test_the_linear_match_leaves_a_picture_that_has_the_colours_already_as_it_is(content):
    np.testing.assert_allclose(in_colours_of(content, content[::-1], "linear"), content[::-1], atol=1e-4)


def test_histograms_are_taken_over(content, style):
    matched = in_colours_of(content, style, "histogram")
    for channel in range(3):
        steps = np.linspace(5, 95, 19)
        found, wanted = (np.percentile(pixels[..., channel], steps) for pixels in (matched, content))
        np.testing.assert_allclose(found, wanted, atol=0.02)


def test_luminance_has_the_contents_moments_and_no_colour(content, style):
    matched = in_colours_of(content, style, "luminance")
    assert np.ptp(matched, axis=-1).max() == 0
    np.testing.assert_allclose(
        [matched[..., 0].mean(), matched[..., 0].std()],
        [luminance(content).mean(), luminance(content).std()],
        rtol=1e-3,
    )


def test_painted_brightness_leaves_colour_differences_alone(content):
    content = content / 3
    painted = np.clip(content + 0.1, -1, 1)
    found, before = (rgb2yuv((pixels + 1) / 2) for pixels in (with_luminance(content, painted), content))
    np.testing.assert_allclose(found[..., 1:], before[..., 1:], atol=1e-3)
    np.testing.assert_allclose(found[..., 0], before[..., 0] + 0.05, atol=1e-3)


def test_pictures_of_one_colour_are_no_trouble(content):
    flat = np.full((8, 8, 3), 0.3, np.float32)
    for how in ("none", "luminance", "linear", "histogram"):
        assert np.isfinite(in_colours_of(content, flat, how)).all()
        assert np.isfinite(in_colours_of(flat, content, how)).all()
