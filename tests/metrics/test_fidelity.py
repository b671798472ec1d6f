"""Pixel metrics against scikit-image and TensorFlow."""

import numpy as np
import pytest
import tensorflow as tf
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity
from skimage.transform import downscale_local_mean

from gan_style.metrics.collapse import with_jpeg, with_noise
from gan_style.metrics.fidelity import ms_ssim, mse, psnr, ssim
from gan_style.system.errors import UserError
from tests.evaluation.photos import photographs

PHOTOS = photographs()
DAMAGED = [
    with_noise(photo, 12.0) if index % 2 else with_jpeg(photo, 10) for index, photo in enumerate(PHOTOS)
]
PAIRS = [
    *zip(DAMAGED, PHOTOS, strict=True),
    (PHOTOS[0], PHOTOS[2]),
    (255 - PHOTOS[0], PHOTOS[0]),
    (PHOTOS[1][:97, :75], PHOTOS[4][:97, :75]),
]


def scikit_ssim(source, fake, **constants):
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255.0}
    return structural_similarity(source, fake, **options, **constants)


@pytest.mark.parametrize(("fake", "source"), PAIRS)
def test_mse_psnr_and_ssim_are_those_of_scikit_image(fake, source):
    assert mse(fake, source) == pytest.approx(mean_squared_error(source, fake), rel=1e-12)
    assert psnr(fake, source) == pytest.approx(peak_signal_noise_ratio(source, fake), rel=1e-12)
    assert ssim(fake, source) == pytest.approx(scikit_ssim(source, fake, channel_axis=-1), abs=1e-6)


def reference_ms_ssim(source, fake, weights):
    """One channel: an endless K1 makes scikit-image's luminance term one; contrast and structure are left."""
    product = 1.0
    for weight in weights[:-1]:
        product *= scikit_ssim(source, fake, K1=1e9) ** weight
        even = [
            picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2] for picture in (source, fake)
        ]
        source, fake = (downscale_local_mean(picture, 2) for picture in even)
    return product * scikit_ssim(source, fake) ** weights[-1]


@pytest.mark.parametrize(
    ("side", "scales"), [(180, 5), (176, 5), (175, 4), (88, 4), (87, 3), (22, 2), (21, 1)]
)
def test_ms_ssim_has_the_scales_that_fit_with_weights_of_one_sum(side, scales):
    weights = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])[:scales]
    weights *= 1.0001 / weights.sum()
    for photo in photographs(side=180)[:4]:
        source = photo[:side, :177]
        fake = with_noise(source, 20.0)
        channels = [reference_ms_ssim(source[..., c] * 1.0, fake[..., c] * 1.0, weights) for c in range(3)]
        assert ms_ssim(fake, source) == pytest.approx(np.mean(channels), abs=1e-6)


def test_ms_ssim_is_that_of_tensorflow():
    for source in photographs(side=176):
        fake = with_jpeg(with_noise(source, 20.0), 30)
        assert ms_ssim(fake, source) == pytest.approx(
            float(tf.image.ssim_multiscale(fake, source, 255)), abs=1e-4
        )


def test_equal_pictures_have_the_best_value_of_each_and_all_are_finite():
    photo = PHOTOS[0]
    assert (mse(photo, photo), psnr(photo, photo)) == (0.0, 100.0)
    assert ssim(photo, photo) == pytest.approx(1.0)
    assert ms_ssim(photo, photo) == pytest.approx(1.0)
    assert 0 <= ms_ssim(255 - photo, photo) < 0.1, (
        "opposed structure has no real power, and must not become nan"
    )


@pytest.mark.parametrize("metric", [mse, psnr, ssim, ms_ssim])
def test_what_cannot_be_compared_is_refused(metric):
    photo = PHOTOS[0]
    with pytest.raises(UserError, match=r"different sizes.*100x128 and 128x128"):
        metric(photo[:, :100], photo)
    with pytest.raises(UserError, match="uint8"):
        metric(photo.astype(np.float32), photo)
    if metric in (ssim, ms_ssim):
        with pytest.raises(UserError, match="at least 11x11 pixels, this one has 10x128"):
            metric(photo[:, :10], photo[:, :10])
