"""How unlike two pictures are in structure. Images (N, H, W, 3) in [-1, 1]."""

from keras import ops

from gan_style.system.tensor import Tensor

RADIUS, DEVIATION = 5, 1.5  # of the 11 x 11 window of Wang et al. 2004, in pixels
C1, C2 = 0.01**2, 0.03**2  # of pixels in 0..1: about grey, which is 0 here, brightness would decide


def structural_dissimilarity(fake: Tensor, other: Tensor) -> Tensor:
    """1 - SSIM (Wang et al. 2004), in the mean over pixels and channels; 0 for equal pictures."""
    fake, other = (0.5 * ops.cast(images, "float32") + 0.5 for images in (fake, other))
    squares, products = ops.square(fake) + ops.square(other), fake * other
    means, others, squares, products = ops.split(
        windowed(ops.concatenate([fake, other, squares, products])), 4
    )
    both, of_means = means * others, ops.square(means) + ops.square(others)
    brightness = (2 * both + C1) / (of_means + C1)
    structure = (2 * (products - both) + C2) / (squares - of_means + C2)
    return 1.0 - ops.mean(brightness * structure)


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
