"""Which style suits which region: a small network from a photograph to style weights for every pixel."""

import keras
from keras import layers

from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.norms import InstanceNorm
from gan_style.networks.layers.padding import CropLike, PadToMultiple, ReflectionPad
from gan_style.networks.layers.resampling import UpBilinear
from gan_style.networks.network import Network

HALVINGS = 3  # regions are not smaller than eight pixels, and their seams are soft


def build_attention(styles: int, filters: int) -> keras.Model:
    """Image (N, H, W, 3) to weights (N, H, W, styles) that add up to one."""
    images = keras.Input((None, None, 3), name="images")
    x = PadToMultiple(2**HALVINGS)(images)
    for level in range(HALVINGS):
        x = Conv2D(filters * 2**level, 3, strides=2)(ReflectionPad(1)(x))
        x = layers.ReLU()(InstanceNorm(affine=True)(x) if level else x)
    x = Conv2D(filters * 2, 3, activation="relu")(ReflectionPad(1)(x))
    # Undecided at first.
    x = Conv2D(styles, 1, kernel_initializer="zeros")(x)
    for _ in range(HALVINGS):
        x = UpBilinear()(x)
    weights = layers.Softmax(dtype="float32")(CropLike()([x, images]))
    return Network(images, weights, name="attention")
