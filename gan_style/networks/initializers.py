"""How the GAN papers draw their first weights."""

from typing import Any, Literal

import keras

Init = Literal["normal", "xavier"]
GAIN = 0.02


def initializer(init: Init) -> Any:
    """normal: N(0, 0.02), as pix2pix and CycleGAN. xavier: Glorot's normal scaled by 0.02, as CUT."""
    if init == "normal":
        return keras.initializers.RandomNormal(0.0, GAIN)
    return keras.initializers.VarianceScaling(GAIN**2, "fan_avg", "untruncated_normal")
