"""3x3 convolutions with fewer multiplications: Winograd's F(2x2, 3x3) (Lavin & Gray 2016).

Each tile of 2x2 results needs 16 multiplications instead of 36: both sides are transformed, multiplied place
by place, and transformed back. The products are matrix products, which run near the processor's peak; the
transforms only add, and XLA makes one pass over memory of each. Whatever is passed between the two is a list
with one tensor for each of a tile's 16 places.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from gan_style.system.tensor import Tensor

# The three transforms, of images, of kernels and of products: B, G and A in the paper, here transposed.
IMAGES = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.float32)
KERNELS = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]], np.float32) / 2
RESULTS = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], np.float32)
KERNELS_2D = np.kron(KERNELS, KERNELS)  # 16 places of 9 taps
TILE = 2
# Where sizes are unknown while tracing, XLA compiles for each, which takes a third of a second and some MB:
# results are then padded to multiples of this.
BUCKET = 16


def convolved(images: Tensor, kernel: Tensor) -> Tensor:
    """Stride 1 and no padding, images (N, H, W, C) by a kernel (3, 3, C, D): (N, H - 2, W - 2, D)."""
    sides = images.shape[1:3]
    step = TILE if all(sides) else BUCKET
    height, width = (known or tf.shape(images)[axis] for axis, known in enumerate(sides, start=1))
    missing = [-(side - 2) % step for side in (height, width)]
    if all(sides) and missing == [0, 0]:
        return by_tiles(images, kernel)
    roomy = tf.pad(images, [[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
    cut = tf.slice(by_tiles(roomy, kernel), [0] * 4, [-1, height - 2, width - 2, -1])
    return tf.ensure_shape(cut, (images.shape[0], *(side and side - 2 for side in sides), kernel.shape[-1]))


@tf.custom_gradient
def by_tiles(images: Tensor, kernel: Tensor) -> tuple:
    """The convolution of images whose results have even sides, in all three of its products."""
    weights = transformed_kernel(kernel)
    products = multiplied(transformed_images(images), weights)

    def backward(slope: Tensor) -> tuple[Tensor, Tensor]:
        of_products = transformed_slopes(slope)
        of_images = slopes_of_images(multiplied(of_products, weights, transpose_b=True))
        # Made again only when the gradient has come: kept since the forward pass, the places would take
        # four times the memory of the images.
        with tf.control_dependencies([slope]):
            transformed = transformed_images(tf.identity(images))
        return interleaved(of_images), slope_of_kernel(transformed, of_products, kernel)

    return interleaved(results(products)), backward


@tf.custom_gradient
def with_kernel_gradient_by_tiles(images: Tensor, kernel: Tensor) -> tuple:
    """The plain convolution, of which only the kernel's gradient is computed by tiles.

    For bfloat16, where rounding the transformed images would triple the error of what is painted.
    """

    def backward(slope: Tensor) -> tuple[Tensor, Tensor]:
        of_images = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(images), filter=kernel, out_backprop=slope, strides=[1] * 4, padding="VALID"
        )
        return of_images, slope_of_kernel(transformed_images(images), transformed_slopes(slope), kernel)

    return tf.nn.conv2d(images, kernel, 1, "VALID"), backward


@tf.function(jit_compile=True, autograph=False)
def transformed_images(images: Tensor) -> list[Tensor]:
    """Each tile's 4x4 pixels, which its neighbours share by half, to 16 places: (N, H/2, W/2, C) each."""
    wide = tf.cast(images, tf.float32)
    rows = [wide[:, first : (first - 3) or None : TILE] for first in range(4)]
    places = []
    for across in combined(IMAGES, rows):
        columns = [across[:, :, first : (first - 3) or None : TILE] for first in range(4)]
        places += combined(IMAGES, columns)
    return [tf.cast(place, images.dtype) for place in places]


@tf.function(jit_compile=True, autograph=False)
def results(products: list[Tensor]) -> list[Tensor]:
    """From the 16 places to a tile's 2x2 results, row by row."""
    return transformed_back(products, RESULTS)


@tf.function(jit_compile=True, autograph=False)
def transformed_slopes(slope: Tensor) -> list[Tensor]:
    """The gradient at the results to that at the 16 places."""
    wide = tf.cast(slope, tf.float32)
    places = []
    for across in combined(RESULTS.T, [wide[:, first::TILE] for first in range(TILE)]):
        places += combined(RESULTS.T, [across[:, :, first::TILE] for first in range(TILE)])
    return [tf.cast(place, slope.dtype) for place in places]


@tf.function(jit_compile=True, autograph=False)
def slopes_of_images(places: list[Tensor]) -> list[Tensor]:
    """The gradient at the 16 places to that at the pixels: of every second row and column, four times."""
    pixels = transformed_back(places, IMAGES.T)
    totals = []
    for row in range(TILE):
        for column in range(TILE):
            # A pixel lies in the first half of one tile and in the second half of the tile before.
            shares = [
                tf.pad(
                    tf.cast(pixels[4 * (row + TILE * down) + column + TILE * right], tf.float32),
                    [[0, 0], [down, 1 - down], [right, 1 - right], [0, 0]],
                )
                for down in range(2)
                for right in range(2)
            ]
            totals.append(tf.cast(tf.add_n(shares), places[0].dtype))
    return totals


def transformed_back(places: Sequence[Tensor], matrix: np.ndarray) -> list[Tensor]:
    wide = [tf.cast(place, tf.float32) for place in places]
    by_column = [combined(matrix, wide[column::4]) for column in range(4)]
    rows = [combined(matrix, [column[row] for column in by_column]) for row in range(len(matrix))]
    return [tf.cast(value, places[0].dtype) for row in rows for value in row]


def combined(matrix: np.ndarray, parts: Sequence[Tensor]) -> list[Tensor]:
    """The matrix times the parts. Its entries are 0, 1 and -1."""
    totals = []
    for row in matrix:
        signed = [part if sign > 0 else -part for sign, part in zip(row, parts, strict=True) if sign]
        totals.append(tf.add_n(signed))
    return totals


def transformed_kernel(kernel: Tensor) -> Tensor:
    """(3, 3, C, D) to its 16 places (16, C, D)."""
    taps = tf.reshape(tf.cast(kernel, tf.float32), (9, -1))
    return tf.reshape(tf.cast(tf.matmul(KERNELS_2D, taps), kernel.dtype), (16, *kernel.shape[2:]))


def slope_of_kernel(transformed: list[Tensor], of_products: list[Tensor], kernel: Tensor) -> Tensor:
    pairs = (tf.stack(flat(places)) for places in (transformed, of_products))
    places = tf.reshape(tf.matmul(*pairs, transpose_a=True), (16, -1))
    taps = tf.matmul(KERNELS_2D, tf.cast(places, tf.float32), transpose_a=True)
    return tf.cast(tf.reshape(taps, kernel.shape), kernel.dtype)


def multiplied(places: list[Tensor], weights: Tensor, *, transpose_b: bool = False) -> list[Tensor]:
    """Place by place, all tiles (N, h, w, C) times that place's weights."""
    products = tf.matmul(tf.stack(flat(places)), weights, transpose_b=transpose_b)
    sides = tf.shape(places[0])[:3]
    whole = tf.reshape(products, tf.concat([[16], sides, [products.shape[-1]]], 0))
    return tf.unstack(tf.ensure_shape(whole, (16, *places[0].shape[:3], products.shape[-1])))


def flat(places: list[Tensor]) -> list[Tensor]:
    return [tf.reshape(place, (-1, place.shape[-1])) for place in places]


def interleaved(parts: list[Tensor]) -> Tensor:
    """Four tensors (N, h, w, C), of every second row and column each, to one (N, 2h, 2w, C)."""
    rows = [tf.stack(parts[first : first + TILE], axis=3) for first in (0, TILE)]
    whole = tf.stack(rows, axis=2)
    known = zip(parts[0].shape[:3], tf.unstack(tf.shape(parts[0]))[:3], strict=True)
    count, height, width = (side or unknown for side, unknown in known)
    return tf.reshape(whole, (count, TILE * height, TILE * width, parts[0].shape[-1]))
