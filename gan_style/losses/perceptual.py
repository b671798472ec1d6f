"""Losses on what a picture shows: content, style, smoothness. Images (N, H, W, 3) in [-1, 1]."""

from collections.abc import Mapping
from typing import Literal

from keras import ops

from gan_style.system import replicas
from gan_style.system.tensor import Tensor

GramPreset = Literal["johnson", "gatys", "magenta", "animegan", "relative", "normalised"]
UNSCALED: Mapping[str, Tensor] = {}  # 1 for every layer
SMALLEST_SCALE = 1e-6  # of targets that have no texture at all
LUMINANCE = (0.299, 0.587, 0.114)
# Columns: Y, U, V (BT.601).
RGB_TO_YUV = (
    (0.299, -0.14714119, 0.61497538),
    (0.587, -0.28886916, -0.51496512),
    (0.114, 0.43601035, -0.10001026),
)


def pooled_colour(fake: Tensor, source: Tensor, window: int = 8) -> Tensor:
    """L1 between local average colours: where each colour lies, and nothing about strokes."""
    return ops.mean(ops.abs(_average(fake, window) - _average(source, window)))


def coarse_structure(fake: Tensor, source: Tensor, window: int = 4) -> Tensor:
    """L1 between the luminance gradients of the downscaled pictures: the composition's edges."""
    difference = 0.0
    for axis in (1, 2):
        slopes = [ops.diff(_luminance(_average(image, window)), axis=axis) for image in (fake, source)]
        difference = difference + ops.mean(ops.abs(slopes[0] - slopes[1]))
    return difference


def feature_content(fake: Mapping[str, Tensor], source: Mapping[str, Tensor]) -> Tensor:
    """Mean squared difference of feature maps (Gatys et al. 2016), averaged over layers."""
    return sum(ops.mean(ops.square(fake[layer] - source[layer])) for layer in fake) / len(fake)


def feature_l1(fake: Mapping[str, Tensor], source: Mapping[str, Tensor]) -> Tensor:
    """Mean absolute difference of feature maps (CartoonGAN, Chen et al. 2018), averaged over layers."""
    return sum(ops.mean(ops.abs(fake[layer] - source[layer])) for layer in fake) / len(fake)


def yuv_colour(fake: Tensor, source: Tensor) -> Tensor:
    """L1 of brightness, Huber of both colour differences, on YUV in 0..1 (AnimeGAN, Chen et al. 2019)."""
    to_yuv = ops.convert_to_tensor(RGB_TO_YUV, dtype=fake.dtype)
    difference = ops.abs(ops.matmul((fake - source) / 2.0, to_yuv))
    huber = ops.where(difference < 1.0, 0.5 * ops.square(difference), difference - 0.5)
    return ops.mean(difference[..., 0]) + ops.mean(huber[..., 1]) + ops.mean(huber[..., 2])


def grey(images: Tensor) -> Tensor:
    """Brightness alone, in three equal channels."""
    return ops.repeat(_luminance(images)[..., None], 3, axis=-1)


def with_colour_gain(images: Tensor, gain: float) -> Tensor:
    """Differences between the channels, that many times as large; their mean stays."""
    if gain == 1.0:
        return images
    brightness = ops.mean(images, axis=-1, keepdims=True)
    return brightness + gain * (images - brightness)


def gram(features: Tensor, preset: GramPreset) -> Tensor:
    """Channel products (N, C, C) of feature maps (N, H, W, C), scaled as the preset's authors do."""
    count, height, width, channels = ops.shape(features)
    flat = ops.cast(ops.reshape(features, (count, height * width, channels)), "float32")
    products = ops.matmul(ops.transpose(flat, (0, 2, 1)), flat)
    pixels = ops.cast(height * width, "float32")
    match preset:
        case "johnson" | "animegan" | "relative" | "normalised":
            return products / (channels * pixels)
        case "magenta":
            return products / pixels
        case "gatys":
            return products


def gram_distance(fake: Tensor, target: Tensor, preset: GramPreset, scale: Tensor = 1.0) -> Tensor:
    """Distance of two feature maps' Grams, in the mean over images.

    johnson, magenta: mean square (Johnson et al. 2016; Ghiasi et al. 2017). animegan: mean absolute
    difference (Chen et al. 2019). gatys: sum of squares by 4 N^2 M^2, with N channels, M pixels (2016).
    relative: sum of squares by the targets' own, for one picture and a style that is always the same: it goes
    with the fourth power of contrast, and beside nearly empty targets it has no bound.
    normalised: the difference's norm by `scale`, that of the whole target set: its gradient goes with
    contrast itself, whatever the batch.
    """
    return distance_to_gram(fake, gram(target, preset), preset, scale)


def distance_to_gram(
    fake: Tensor, wanted: Tensor, preset: GramPreset, scale: Tensor = 1.0, *, together: bool = False
) -> Tensor:
    """As `gram_distance`, to Grams (N, C, C) that are known already; `together`: to that of all replicas."""
    found = gram(fake, preset)
    difference = (replicas.mean(found) if together else found) - wanted
    match preset:
        case "normalised":
            # The root has no slope at zero.
            return ops.mean(ops.sqrt(squared_norms(difference / scale) + 1e-12))
        case "relative":
            missed, all_there = (replicas.mean(ops.sum(ops.square(some))) for some in (difference, wanted))
            return missed / (all_there + 1e-12)
        case "johnson" | "magenta":
            return ops.mean(ops.square(difference))
        case "animegan":
            return ops.mean(ops.abs(difference))
        case "gatys":
            _, height, width, channels = ops.shape(fake)
            scale = 4.0 * ops.square(ops.cast(height * width, "float32") * channels)
            return ops.mean(ops.sum(ops.square(difference), axis=(1, 2)) / scale)


def squared_norms(grams: Tensor) -> Tensor:
    """The sum of squares of each of (N, C, C): (N,)."""
    return ops.sum(ops.square(grams), axis=(1, 2))


def gram_for(pixels: int, features: Tensor, preset: GramPreset) -> Tensor:
    """The Gram of so many pixels of these features' texture: sums grow with the area, means do not."""
    whole = gram(features, preset)
    return whole * (pixels / (features.shape[1] * features.shape[2])) if preset == "gatys" else whole


def cells(features: Tensor, count: int) -> Tensor:
    """Features (N, h, w, C) of count x count parts of each picture, side by side in the batch."""
    if count == 1:
        return features
    pictures, height, width, channels = features.shape
    rows, columns = min(count, height), min(count, width)
    high, wide = height // rows, width // columns
    features = features[:, : rows * high, : columns * wide]
    parts = ops.reshape(features, (pictures, rows, high, columns, wide, channels))
    return ops.reshape(ops.transpose(parts, (0, 1, 3, 2, 4, 5)), (-1, high, wide, channels))


def guided(features: Tensor, guide: Tensor) -> Tensor:
    """Features (N, h, w, C) of a region, for its Gram, whatever its area (Gatys et al. 2017, section 4).

    The guide (1, H, W, 1) in 0..1 is brought to their size and its mean square to 1.
    """
    guide = ops.image.resize(guide, ops.shape(features)[1:3], antialias=True)
    return features * guide / ops.sqrt(ops.mean(ops.square(guide)) + 1e-12)


def style(
    fake: Mapping[str, Tensor],
    target: Mapping[str, Tensor],
    preset: GramPreset,
    scale: Mapping[str, Tensor] = UNSCALED,
    *,
    together: bool = False,
) -> Tensor:
    """Gram distance in the mean over layers; `together`: one Gram for the whole batch, not one an image."""

    def texture(features: Tensor) -> Tensor:
        return ops.reshape(features, (1, -1, *features.shape[2:])) if together else features

    total = 0.0
    for layer, features in fake.items():
        wanted = gram(texture(target[layer]), preset)
        wanted = replicas.mean(wanted) if together else wanted
        unit = scale.get(layer, 1.0)
        total = total + distance_to_gram(texture(features), wanted, preset, unit, together=together)
    return total / len(fake)


def style_in_common(
    fake: Mapping[str, Tensor],
    target: Mapping[str, Tensor],
    preset: GramPreset,
    scale: Mapping[str, Tensor] = UNSCALED,
) -> Tensor:
    """Gram distance of every picture to what all targets have in common.

    No picture can leave the style to a corner of another.
    """
    total = 0.0
    for layer, painted in fake.items():
        count, height, width, _ = painted.shape
        targets = ops.reshape(target[layer], (1, -1, *target[layer].shape[2:]))
        common = replicas.mean(gram_for(height * width, targets, preset))
        wanted = ops.repeat(common, count, axis=0)
        total = total + distance_to_gram(painted, wanted, preset, scale.get(layer, 1.0))
    return total / len(fake)


def total_variation(images: Tensor, power: int = 1) -> Tensor:
    """Mean difference of neighbouring pixels, raised to a power."""
    return sum(ops.mean(ops.power(ops.abs(ops.diff(images, axis=axis)), power)) for axis in (1, 2))


def _average(images: Tensor, window: int) -> Tensor:
    return ops.average_pool(images, window, strides=max(1, window // 2), padding="valid")


def _luminance(images: Tensor) -> Tensor:
    return ops.sum(images * ops.convert_to_tensor(LUMINANCE, dtype=images.dtype), axis=-1)
