"""Injected faults against the same score on the clean photographs."""

import numpy as np
import pytest
from scipy.ndimage import convolve1d

from gan_style.metrics.artefacts import border, checkerboard
from gan_style.metrics.collapse import with_jpeg, with_noise
from gan_style.system.errors import UserError
from tests.evaluation.photos import photographs, shifted

PHOTOS = photographs()
Y, X = np.mgrid[:128, :128]
PATTERNS = {
    "checkerboard": (-1.0) ** (Y + X),
    "stripes": (-1.0) ** X,
    "lines": (-1.0) ** Y,
    "two-pixel squares": np.where((Y // 2 + X // 2) % 2, 1.0, -1.0),
    "crossed diagonals": 2 * np.cos(np.pi / 2 * Y) * np.cos(np.pi / 2 * X),
    "stripes of every second line": np.sqrt(2) * (-1.0) ** Y * np.cos(np.pi / 2 * X),
    "dots": 4.0 * ((Y % 4 == 0) & (X % 4 == 0)) - 0.25,
}


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("name", PATTERNS)
def test_a_faint_pattern_of_the_stride_is_caught(photo, name):
    clean, faulty = checkerboard(photo), checkerboard(shifted(photo, 2 * PATTERNS[name][..., None]))
    assert clean < 2
    assert faulty > 5 * clean
    assert faulty > 5


@pytest.mark.parametrize("photo", PHOTOS)
def test_noise_and_compression_are_no_checkerboard(photo):
    assert checkerboard(with_noise(photo, 10.0)) < 1.5
    assert checkerboard(with_jpeg(photo, 90)) < 2


def test_a_flat_or_striped_picture_has_no_checkerboard():
    flat = np.full((64, 64, 3), 200, np.uint8)
    assert checkerboard(flat) == pytest.approx(1.0)
    edge = flat.copy()
    edge[:, 30:] = 20
    assert checkerboard(edge) < 1.5


@pytest.mark.parametrize("photo", PHOTOS[:6])
def test_uneven_overlap_of_an_up_sampling_layer_is_caught_and_even_overlap_is_not(photo):
    """Of stride 2, transposed: kernels of 3 pixels overlap unevenly, of 4 they do not (Odena et al. 2016)."""
    small = photo.reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
    spaced = np.zeros((128, 128, 3))
    spaced[::2, ::2] = small
    scores = {}
    for name, kernel in (("uneven", [0.55, 1.0, 0.55]), ("even", [0.25, 0.75, 0.75, 0.25])):
        scores[name] = checkerboard(
            shifted(convolve1d(convolve1d(spaced, kernel, axis=0), kernel, axis=1), 0)
        )
    assert scores["uneven"] > 20
    assert scores["even"] < 1.5


def framed(photo, width, fault):
    whole = fault(photo)
    whole[width:-width, width:-width] = photo[width:-width, width:-width]
    return whole


FRAMES = {
    "darker": lambda photo: shifted(photo * 0.8, 0),
    "black": np.zeros_like,
    "tinted": lambda photo: shifted(photo, np.array([25, 0, -25])),
    "rolled": lambda photo: np.roll(photo, (8, 8), (0, 1)),
    "mirrored": lambda photo: photo[::-1, ::-1].copy(),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("width", [2, 3, 4])
def test_a_frame_is_caught(name, width):
    clean = np.array([border(photo) for photo in PHOTOS])
    faulty = np.array([border(framed(photo, width, FRAMES[name])) for photo in PHOTOS])
    assert clean.max() < 1.5
    assert np.median(faulty) > 3, "most frames are caught beyond doubt"
    assert np.all(faulty > 1.2 * clean), "and every one makes its picture worse"


@pytest.mark.parametrize("turns", range(4))
def test_one_edge_is_enough(turns):
    photo = PHOTOS[4]
    faulty = np.rot90(photo, turns).copy()
    faulty[-3:] = shifted(faulty[-3:] * 0.7, 0)
    assert border(np.rot90(faulty, -turns)) > 2.5 * border(photo)


def test_a_flat_picture_has_no_frame_and_a_framed_one_has():
    flat = np.full((64, 64, 3), 200, np.uint8)
    assert border(flat) == pytest.approx(1.0)
    flat[:2] = 190
    assert border(flat) > 20


@pytest.mark.parametrize("score", [border, checkerboard])
def test_a_picture_too_small_is_refused(score):
    assert np.isfinite(score(PHOTOS[0][:32, :40]))
    with pytest.raises(UserError, match="at least 32x32"):
        score(PHOTOS[0][:31])
