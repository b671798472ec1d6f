"""How unlike two pictures are in structure. Images (N, H, W, 3) in [-1, 1]."""

from keras import ops

from gan_style.losses.perceptual import with_colour_gain
from gan_style.system.tensor import Tensor

RADIUS, DEVIATION = 5, 1.5  # of the 11 x 11 window of Wang et al. 2004, in pixels
C1, C2 = 0.01**2, 0.03**2  # of pixels in 0..1: about grey, which is 0 here, brightness would decide


def structural_dissimilarity(fake: Tensor, other: Tensor, colour_gain: float = 1.0) -> Tensor:
    """1 - SSIM (Wang et al. 2004), in the mean over pixels and channels; 0 for equal pictures.

    `colour_gain`: of colours in contrast and structure. Not in brightness, whose ratios need pixels in 0..1.
    """
    pair = [0.5 * ops.cast(images, "float32") + 0.5 for images in (fake, other)]
    strong = [with_colour_gain(images, colour_gain) for images in pair]
    squares, products = ops.square(strong[0]) + ops.square(strong[1]), strong[0] * strong[1]
    *means, squares, products = ops.split(windowed(ops.concatenate([*pair, squares, products])), 4)
    brightness = (2 * means[0] * means[1] + C1) / (ops.square(means[0]) + ops.square(means[1]) + C1)
    mean, other_mean = (with_colour_gain(one, colour_gain) for one in means)
    covariance = products - mean * other_mean
    variances = squares - ops.square(mean) - ops.square(other_mean)
    return 1.0 - ops.mean(brightness * (2 * covariance + C2) / (variances + C2))


def windowed(images: Tensor) -> Tensor:
    """Means under the Gaussian window. Beyond the borders pictures are mirrored.

    Without that a pixel at a border would hardly count, and small networks leave a blemish there.
    """
    places = ops.arange(-RADIUS, RADIUS + 1, dtype="float32")
    window = ops.exp(-0.5 * ops.square(places / DEVIATION))
    window = ops.repeat((window / ops.sum(window))[:, None, None, None], images.shape[-1], axis=2)
    margin = [RADIUS, RADIUS]
    images = ops.pad(images, [[0, 0], margin, margin, [0, 0]], mode="reflect")
    for kernel in (window, ops.transpose(window, (1, 0, 2, 3))):
        images = ops.depthwise_conv(images, kernel)
    return images
