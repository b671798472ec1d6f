"""Colours of 16 bits go through a profile as ImageCms says of 8, and finer."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from gan_style.system import profiles
from tests.system.profiles import (
    ADOBE,
    PROPHOTO,
    formula,
    grey_profile,
    look_up,
    power,
    rgb_profile,
    table,
)

CURVES = {
    "power": power(1.8),
    "straight": power(1.0),
    "table": table(np.linspace(0, 1, 1024) ** 2.4 * 65535),
    "foot": formula(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    "power's formula": formula(0, 2.2),
    "raised": formula(2, 2.0, 0.9, 0.1, -0.01),
    "all": formula(4, 2.4, 0.94, 0.05, 0.08, 0.04, 0.001, 0.0),
}


def by_imagecms(eight: np.ndarray, source: bytes, target: bytes) -> np.ndarray:
    one, other = (ImageCms.ImageCmsProfile(io.BytesIO(profile)) for profile in (source, target))
    return np.asarray(ImageCms.profileToProfile(Image.fromarray(eight), one, other, outputMode="RGB"))


@pytest.fixture
def colours(rng) -> np.ndarray:
    return rng.integers(0, 256, (100, 100, 3), np.uint8)


@pytest.mark.parametrize("primaries", [ADOBE, PROPHOTO], ids=["adobe", "prophoto"])
@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_it_agrees_with_imagecms(colours, primaries, curve):
    profile = rgb_profile(primaries, curve)
    convert, kept = profiles.to_srgb(profile, "RGB")
    assert kept == profile
    found = convert(colours.astype(np.uint16) * 257) / 257
    difference = np.abs(found - by_imagecms(colours, profile, profiles.srgb()))
    assert difference.max() < 2
    assert difference.mean() < 0.3  # a quarter is what rounding to 8 bits costs


@pytest.mark.parametrize("curve", [power(1.0), power(1.8), power(2.2)])
def test_into_the_files_colours_and_back(rng, curve):
    colours = rng.integers(0, 65536, (100, 100, 3)).astype(np.uint16)
    profile = rgb_profile(PROPHOTO, curve)
    back = profiles.to_srgb(profile, "RGB")[0](profiles.from_srgb(profile)[0](colours))
    assert np.abs(back.astype(int) - colours).max() < 65535 / 1000


def test_srgb_changes_nothing(rng):
    colours = rng.integers(0, 65536, (100, 100, 3)).astype(np.uint16)
    np.testing.assert_array_equal(profiles.to_srgb(profiles.srgb(), "RGB")[0](colours), colours)


def test_a_scanners_table_is_what_counts_and_does_not_band(colours):
    profile = rgb_profile(ADOBE, power(2.2), A2B0=look_up())
    convert, _ = profiles.to_srgb(profile, "RGB")
    found = convert(colours.astype(np.uint16) * 257) / 257
    difference = np.abs(found - by_imagecms(colours, profile, profiles.srgb()))
    assert difference.mean() < 0.6
    assert np.quantile(difference, 0.99) < 4
    ramp = np.linspace(0, 65535, 16384).astype(np.uint16)[:, None].repeat(3, -1)
    assert all(len(np.unique(channel)) > 10_000 for channel in convert(ramp).T)


def test_greys(rng):
    ramp = np.arange(0, 65536, 7).astype(np.uint16)[:, None].repeat(3, -1)
    profile = grey_profile(power(2.2))
    convert, kept = profiles.to_srgb(profile, "GRAY")
    assert kept is None
    source, target = (ImageCms.ImageCmsProfile(io.BytesIO(one)) for one in (profile, profiles.srgb()))
    eight = Image.fromarray((ramp[:, :1] // 257).astype(np.uint8))
    expected = np.asarray(ImageCms.profileToProfile(eight, source, target, outputMode="RGB"))[:, 0]
    assert np.abs(convert(ramp // 257 * 257) / 257 - expected).max() < 2
    assert profiles.to_srgb(profile, "RGB") == (None, None)


def test_what_is_broken_says_nothing(rng):
    good = rgb_profile(ADOBE, power(2.2))
    assert profiles.to_srgb(None, "RGB") == profiles.to_srgb(b"", "RGB") == (None, None)
    for end in range(16, len(good), 9):
        profiles.to_srgb(good[:end], "RGB")
    for _ in range(200):
        broken = np.frombuffer(good, np.uint8).copy()
        broken[rng.integers(0, len(good), 8)] = rng.integers(0, 256, 8)
        profiles.from_srgb(broken.tobytes())
