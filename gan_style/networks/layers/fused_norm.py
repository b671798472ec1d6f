"""Normalisation by TensorFlow's fused kernel, which passes over memory once where separate operations do ten.

Statistics are float32 whatever the images are.
"""

import tensorflow as tf

from gan_style.networks.layers import statistics
from gan_style.system import replicas
from gan_style.system.tensor import Tensor

NORM_EPSILON = 1e-5


def normalised(images: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Each channel over all pixels of all images (N, H, W, C)."""
    return tf.raw_ops.FusedBatchNormV3(
        x=images,
        scale=tf.cast(scale, tf.float32),
        offset=tf.cast(shift, tf.float32),
        mean=[],
        variance=[],
        epsilon=NORM_EPSILON,
        is_training=True,
    ).y


def with_moments(images: Tensor, scale: Tensor, shift: Tensor, moments: statistics.Moments) -> Tensor:
    """Each channel by a mean and a variance that are known."""
    return tf.raw_ops.FusedBatchNormV3(
        x=images,
        scale=tf.cast(scale, tf.float32),
        offset=tf.cast(shift, tf.float32),
        mean=moments[0],
        variance=moments[1],
        epsilon=NORM_EPSILON,
        is_training=False,
    ).y


def all_normalised(images: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Each channel over all pixels of all images of all replicas."""
    if traced := statistics.here.traced:
        return with_moments(images, scale, shift, traced.moments(images))
    if replicas.count() == 1:
        return normalised(images, scale, shift)
    pixels = tf.cast(images, tf.float32)
    mean = replicas.mean(tf.reduce_mean(pixels, (0, 1, 2)))
    variance = replicas.mean(tf.reduce_mean(tf.square(pixels - mean), (0, 1, 2)))
    gain = tf.math.rsqrt(variance + NORM_EPSILON) * tf.cast(scale, tf.float32)
    return tf.cast((pixels - mean) * gain + tf.cast(shift, tf.float32), images.dtype)


def each_normalised(images: Tensor, scale: Tensor = None, shift: Tensor = None) -> Tensor:
    """Each channel over the pixels of each image: several images are taken for channels of a single one."""
    channels = images.shape[-1]
    scale = tf.ones(channels) if scale is None else scale
    shift = tf.zeros(channels) if shift is None else shift
    if traced := statistics.here.traced:
        return with_moments(images, scale, shift, traced.moments(images))
    if images.shape[0] == 1:
        return normalised(images, scale, shift)
    known = zip(images.shape[:3], tf.unstack(tf.shape(images))[:3], strict=True)
    count, height, width = (side or unknown for side, unknown in known)
    beside = tf.reshape(tf.transpose(images, (1, 2, 0, 3)), (1, height, width, count * channels))
    flat = normalised(beside, tf.tile(scale, [count]), tf.tile(shift, [count]))
    return tf.transpose(tf.reshape(flat, (height, width, count, channels)), (2, 0, 1, 3))
