"""Generators that cheat, made of NumPy, beside honest ones."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist, pdist

from gan_style.data.paintbox.painters import PAINTERS
from gan_style.metrics.collapse import (
    flicker,
    identity_collapse,
    spread,
    steganography,
    with_jpeg,
    with_noise,
)
from gan_style.system.errors import UserError
from tests.evaluation.photos import photographs, shifted

PHOTOS = photographs()


@pytest.mark.parametrize("photo", PHOTOS)
def test_an_identity_generator_is_caught_whatever_it_does_to_the_colours(photo):
    assert identity_collapse(photo, photo) == pytest.approx(1.0)
    assert identity_collapse(shifted(photo * 0.6, 40), photo) > 0.95
    assert identity_collapse(255 - photo, photo) == pytest.approx(1.0)
    assert identity_collapse(PAINTERS["oil"](photo, 0), photo) < 0.4


def test_another_picture_has_detail_of_its_own():
    assert identity_collapse(PHOTOS[0], PHOTOS[2]) < 0.1
    assert identity_collapse(np.full_like(PHOTOS[0], 90), PHOTOS[0]) < 1e-6


def test_a_constant_output_is_caught(rng):
    sources = rng.normal(size=(20, 6))
    assert spread(sources) == pytest.approx(pdist(sources).mean())
    assert spread(np.tile(sources[:1], (20, 1))) == 0
    assert spread(0.25 * sources + 3) == pytest.approx(0.25 * spread(sources))
    assert spread(np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])) == pytest.approx((5 + 5 + 0) / 3)
    with pytest.raises(UserError, match="two pictures"):
        spread(sources[:1])


def test_diversity_compares_different_photographs_and_leaves_them_out_whole(rng):
    vectors, groups = rng.normal(size=(6, 4)), np.array([0, 0, 1, 1, 2, 2])
    distances = cdist(vectors, vectors)
    apart = groups[:, None] != groups[None]
    expected = [distances[apart].mean(), distances[:2, 4:].mean()]
    assert spread(vectors, groups, np.array([[1, 1, 1], [1, 0, 1]])) == pytest.approx(expected)


def blocky(photo):
    """A photograph in 4 x 4 blocks: few enough bits to be hidden."""
    return photo[2::4, 2::4].repeat(4, axis=0).repeat(4, axis=1)


def paint(photo):
    """An honest style: flat colours in eight levels."""
    return (gaussian_filter(photo.astype(float), (3, 3, 0)) // 32 * 32 + 16).astype(np.uint8)


def unpaint(fake):
    """The honest inverse: the colours that everyone sees."""
    return np.round(gaussian_filter(fake.astype(float), (1, 1, 0))).astype(np.uint8)


def hide(source):
    """The same style, the photograph in the lowest bits: each block's 16 pixels carry its level's 8 bits."""
    places = np.arange(source.shape[0])[:, None] % 4 * 4 + np.arange(source.shape[1]) % 4
    return (paint(source) // 2 * 2 + (source >> (places % 8)[..., None] & 1)).astype(np.uint8)


def reveal(fake):
    """Reads nothing but those bits."""
    height, width, _ = fake.shape
    bits = (
        (fake & 1)
        .reshape(height // 4, 4, width // 4, 4, 3)
        .transpose(0, 2, 4, 1, 3)
        .reshape(height // 4, width // 4, 3, 16)
    )
    levels = (bits[..., :8] << np.arange(8)).sum(axis=-1).astype(np.uint8)
    return levels.repeat(4, axis=0).repeat(4, axis=1)


def probe(source, forwards, backwards, perturb):
    fake = forwards(source)
    return steganography(
        source, backwards(fake), backwards(perturb(fake)), fake=fake, perturbed=perturb(fake)
    )


PERTURBATIONS = {"noise": lambda fake: with_noise(fake, 2.0), "jpeg": lambda fake: with_jpeg(fake, 90)}


@pytest.mark.parametrize("perturbation", PERTURBATIONS)
@pytest.mark.parametrize("photo", PHOTOS)
def test_a_hidden_code_is_caught_and_an_honest_cycle_is_not(photo, perturbation):
    source, perturb = blocky(photo), PERTURBATIONS[perturbation]
    assert np.array_equal(reveal(hide(source)), source), "the toy's cycle is perfect"
    assert np.abs(hide(source).astype(int) - paint(source)).max() <= 1, "and its code cannot be seen"
    assert probe(source, hide, reveal, perturb) > 10
    assert probe(source, paint, unpaint, perturb) < 1.1
    identity = lambda picture: picture  # noqa: E731
    assert probe(source, identity, identity, perturb) < 1.1


def test_a_perfect_cycle_without_any_perturbation_is_nothing_to_divide_by():
    photo = PHOTOS[0]
    assert steganography(photo, photo, photo, fake=photo, perturbed=photo) == 0


def test_noise_has_its_strength_and_its_seed():
    grey = np.full((128, 128, 3), 128, np.uint8)
    noisy = with_noise(grey, 6.0)
    assert (noisy.astype(float) - 128).std() == pytest.approx(6.0, rel=0.02)
    assert np.array_equal(noisy, with_noise(grey, 6.0))
    assert not np.array_equal(noisy, with_noise(grey, 6.0, seed=1))


def test_jpeg_is_what_a_file_of_that_quality_would_hold(tmp_path):
    Image.fromarray(PHOTOS[0]).save(tmp_path / "a.jpg", quality=40)
    assert np.array_equal(with_jpeg(PHOTOS[0], 40), np.asarray(Image.open(tmp_path / "a.jpg")))


def test_flicker_is_what_the_sources_do_not_do(rng):
    sources = np.stack([np.roll(PHOTOS[0], shift, axis=1) for shift in range(5)])
    assert flicker(sources, sources) == 0
    assert flicker(np.repeat(sources[:1], 5, axis=0), sources) == 0
    steady = sources // 2 + 20
    assert flicker(steady, sources) < 0.5
    restless = np.stack([with_noise(frame, 8.0, seed) for seed, frame in enumerate(steady)])
    assert flicker(restless, sources) > 3
    still = np.stack([np.full((8, 8, 3), 100, np.uint8)] * 3)
    blinking = still.copy()
    blinking[1] = 110
    assert flicker(blinking, still) == pytest.approx(10.0)
    with pytest.raises(UserError, match="two or more frames"):
        flicker(sources[:1], sources[:1])
