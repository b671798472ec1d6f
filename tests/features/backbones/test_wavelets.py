"""Wavelets: amplitudes by direction and size, statistics as defined, paintings told from photographs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import variation
from skimage import data
from skimage.measure import block_reduce

from gan_style.data.paintbox.painters import oil
from gan_style.features.backbones import steerable_pyramid as pyramid
from gan_style.features.backbones import wavelets
from gan_style.features.backbones.wavelets import Wavelets
from gan_style.losses.perceptual import style
from gan_style.system.errors import UserError
from gan_style.system.images import to_signed


def wave(period, degrees=0.0, phase=0.0, colour=(1, 1, 1), side=128):
    """A picture (1, side, side, 3) of amplitude 0.5 that changes along a direction, counted from x to y."""
    down, right = np.mgrid[:side, :side]
    along = right * np.cos(np.radians(degrees)) + down * np.sin(np.radians(degrees))
    return (0.5 * np.cos(2 * np.pi * along / period + phase)[..., None] * np.array(colour, float)).astype(
        np.float32
    )[None]


def scene():
    """A picture made by formula, with edges, waves and colours."""
    mixed = (
        wave(6, 20)
        + wave(17, 75, 1.0, (0.5, -0.5, 0.2))
        + 0.5 * np.sign(wave(50, 140, 0.5, (0.3, 0.2, -0.6)))
    )
    return np.clip(mixed, -1, 1).astype(np.float32)


def test_the_bands_lose_nothing():
    """Simoncelli & Freeman: all octaves and the last low-pass sum to the first's power, all turns to 1."""
    radius = np.linspace(0, np.pi * 1.4, 500)
    powers = (
        sum(pyramid.band_pass(radius, octave) ** 2 for octave in range(4)) + pyramid.low_pass(radius, 4) ** 2
    )
    np.testing.assert_allclose(powers[radius <= np.pi / 2], 1, atol=1e-12)
    assert powers[radius >= np.pi].max() < 1e-12
    angle = np.linspace(0, np.pi, 100)
    for turns in (3, 6):
        both = [
            pyramid.one_sided(angle + side, turn, turns) ** 2 / 4
            for turn in range(turns)
            for side in (0, np.pi)
        ]
        np.testing.assert_allclose(sum(both), 1, atol=1e-12)


@pytest.mark.parametrize(("octave", "period"), [(0, 4), (1, 8), (2, 16)])
@pytest.mark.parametrize("turn", [0, 2, 4])
def test_a_wave_shows_in_its_own_octave_and_direction(octave, period, turn):
    maps = Wavelets()(wave(period, 30 * turn))
    middle = {name: features[0, 2:-2, 2:-2, :6].mean((0, 1)) for name, features in maps.items()}
    assert max(middle, key=lambda name: middle[name].max()) == f"octave{octave}"
    assert middle[f"octave{octave}"].argmax() == turn


def test_amplitude_does_not_depend_on_phase_and_grows_with_contrast():
    first, shifted, fainter = (
        Wavelets()(picture)["octave1"][0, 8:-8, 8:-8, 0]
        for picture in (wave(8), wave(8, phase=1.3), wave(8) / 4)
    )
    np.testing.assert_allclose(first, shifted, rtol=0.02)
    assert first.std() < 0.02 * first.mean()
    np.testing.assert_allclose(fainter, first / 2, rtol=1e-4)


def test_colours_have_channels_of_their_own():
    features = Wavelets()(wave(8, colour=(1, -1, 0)))["octave1"][0, 8:-8, 8:-8].mean((0, 1))
    assert features[6] > 0.5
    assert max(features[:6].max(), features[9:].max()) < 1e-3


def test_a_quarter_turn_of_the_picture_turns_the_directions():
    turned = Wavelets()(np.ascontiguousarray(np.swapaxes(scene(), 1, 2)))["octave2"]
    upright = Wavelets()(scene())["octave2"]
    # Mirrored at the diagonal, direction k becomes 90 degrees - k.
    np.testing.assert_allclose(
        np.swapaxes(turned, 1, 2)[..., :6], upright[..., [3, 2, 1, 0, 5, 4]], atol=2e-3
    )


def test_statistics_agree_with_scipy_and_scikit_image():
    rng = np.random.default_rng(0)
    fine, coarse = (rng.gamma(2, 1, (1, side, side, 12)) for side in (40, 20))
    coarse += 2 * block_reduce(fine, (1, 2, 2, 1), np.mean)
    fine[..., 1:6] += fine[..., :5]
    np.testing.assert_allclose(wavelets.sparsity(fine)[0], np.log(variation(fine[0], axis=(0, 1))), atol=0.02)
    found = np.tanh(wavelets.across_octaves(fine, coarse)[0])
    small = block_reduce(fine[0], (2, 2, 1), np.mean)
    np.testing.assert_allclose(
        found,
        [np.corrcoef(small[..., c].ravel(), coarse[0, ..., c].ravel())[0, 1] for c in range(12)],
        atol=0.02,
    )
    between = np.corrcoef(fine[0].reshape(-1, 12).T)
    apart = [[(k, (k + gap) % 6) for k in range(6)] for gap in (1, 2, 3)]
    apart += [[(start + k, start + (k + 1) % 3) for k in range(3)] for start in (6, 9)]
    expected = [np.mean([between[pair] for pair in pairs]) for pairs in apart]
    np.testing.assert_allclose(np.tanh(wavelets.across_turns(fine)[0]), expected, atol=0.02)


def test_golden():
    """Figures of different machines and years must stay comparable."""
    backbone = Wavelets()
    assert backbone.fingerprint() == "0aa4948f4014e97ae23b8b75cad20d53ff07b4f12065ef4b0c86f6f2674f4cf6"
    vector = backbone.embed(scene())[0]
    assert vector.shape == (161,)
    np.testing.assert_allclose(
        vector[[0, 14, 60, 99, 120, 155]],
        [1.171381, 0.726349, -4.536586, -0.294495, 0.75227, -0.730144],
        atol=1e-4,
    )


def test_the_same_in_any_precision_batch_and_kind_of_array():
    pictures = np.concatenate([scene(), wave(9), scene()[:, ::-1]])
    plain = Wavelets().embed(pictures)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    np.testing.assert_array_equal(Wavelets().embed(tf.constant(pictures)), plain)
    np.testing.assert_allclose(Wavelets().embed(pictures[1:2])[0], plain[1], atol=1e-5)
    assert plain.dtype == np.float64


@pytest.mark.parametrize("size", [(64, 64), (97, 130), (200, 65)])
def test_any_size_from_64_pixels(size):
    maps = Wavelets()(np.zeros((2, *size, 3), np.float32))
    assert [features.shape for features in maps.values()] == [
        (2, -(-size[0] // n), -(-size[1] // n), 12) for n in (1, 2, 4, 8)
    ]
    assert np.isfinite(Wavelets().embed(np.zeros((2, *size, 3), np.float32))).all()
    with pytest.raises(UserError, match="130x63 pixels are too small"):
        Wavelets()(np.zeros((1, 63, 130, 3), np.float32))


@pytest.mark.parametrize("photo", [data.astronaut, data.coffee])
def test_a_second_painting_is_near_and_the_photograph_far(photo):
    photo = photo()[100:260, 140:300]
    backbone = Wavelets()
    wanted, second, identity = (
        backbone(to_signed(picture)[None]) for picture in (oil(photo, 1), oil(photo, 2), photo)
    )
    assert style(second, wanted, "relative") < 0.15 * style(identity, wanted, "relative")
