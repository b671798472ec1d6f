"""The ResNet generator of Johnson et al. (2016) and CycleGAN (Zhu et al. 2017)."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import keras
from keras import layers
from pydantic import Field

from gan_style.config.bounds import MOST_FILTERS, AtMost
from gan_style.networks.initializers import Init, initializer
from gan_style.networks.layers.convolutions import Conv2D
from gan_style.networks.layers.guided_filter import GuidedColours
from gan_style.networks.layers.norms import ConditionalInstanceNorm, InstanceNorm
from gan_style.networks.layers.padding import CropLike, PadToMultiple, ReflectionPad
from gan_style.networks.layers.resampling import BlurDown
from gan_style.networks.network import Network
from gan_style.networks.upsampling import UPSAMPLERS, Upsampling, separable
from gan_style.system.tensor import Tensor


def build_resnet_generator(
    styles: int = 0,
    *,
    noise_channels: Annotated[
        int,
        Field(ge=0, description="of noise beside the photo; the decoder meets them at every scale"),
        AtMost(256, "channels of noise: more would only fill the memory"),
    ] = 0,
    filters: Annotated[
        int,
        Field(ge=1, description="channels of the first convolution; doubled at each downsampling"),
        MOST_FILTERS,
    ] = 64,
    downsamplings: Annotated[int, Field(ge=0, le=5)] = 2,
    blocks: Annotated[
        int,
        Field(ge=0, description="residual blocks at the lowest resolution"),
        AtMost(100, "blocks: each is built and compiled one by one"),
    ] = 9,
    kernel: Annotated[Literal[3, 5, 7, 9], Field(description="size of the first and last convolution")] = 7,
    upsampling: Upsampling = "transposed",
    upsampling_kernel: Annotated[
        Literal[3, 4], Field(description="of transposed convolutions; 4 treats all pixels alike")
    ] = 3,
    norm: Literal["instance", "none"] = "instance",
    affine: Annotated[bool, Field(description="instance norms learn a scale and a shift")] = False,
    antialias: Annotated[
        bool, Field(description="blur before dropping pixels, as CUT does, instead of striding")
    ] = False,
    init: Init = "normal",
    input_skip: Annotated[
        Literal["none", "features", "residual"],
        Field(description="how colours pass the norms: the first features, or the picture, reach the end"),
    ] = "none",
    colour_guide: Annotated[
        int,
        Field(
            ge=0, le=16, description="radius of a guided filter that lays colours along brightness; 0: none"
        ),
    ] = 0,
    depthwise: Annotated[
        bool,
        Field(
            description="convolutions of residual blocks are depthwise, and then pointwise",
            # Where nobody asks for it, a recipe is what it was before there was this key.
            exclude_if=lambda asked: not asked,
        ),
    ] = False,
) -> keras.Model:
    """Image in [-1, 1] of any size to one of that size: c7s1-f, d2f, d4f, R4f x blocks, u2f, uf, c7s1-3.

    Instance norm takes colours away, hence `input_skip`; `residual` paints on top of the picture, a little
    beyond [-1, 1]. With `styles` the network also takes their weights for every pixel (N, H, W, styles).
    """
    images = keras.Input((None, None, 3 + noise_channels), name="images")
    weights = keras.Input((None, None, styles), name="styles")
    padded = PadToMultiple(2**downsamplings)(images)
    style_weights = PadToMultiple(2**downsamplings)(weights) if styles else None
    conv = Convolution(norm, affine, init, depthwise, style_weights)
    # Layers with names are those whose features CUT compares.
    x = ReflectionPad(kernel // 2, name="picture")(padded)
    x = Conv2D(filters, kernel, kernel_initializer=conv.initializer())(x)
    x = layers.ReLU()(conv.normalise(x, 0) if input_skip == "none" else x)
    full_resolution = x
    for level in range(1, downsamplings + 1):
        options: dict[str, Any] = {"strides": 1 if antialias else 2, "kernel_initializer": conv.initializer()}
        x = Conv2D(filters * 2**level, 3, name=f"down{level}", **options)(layers.ZeroPadding2D(1)(x))
        x = layers.ReLU()(conv.normalise(x, level - 1 if antialias else level))
        x = BlurDown()(x) if antialias else x
    x = with_noise(x, padded, noise_channels, 2**downsamplings)
    for block in range(1, blocks + 1):
        x = residual_block(x, conv, downsamplings, f"block{block}")
    for level in reversed(range(downsamplings)):
        x = UPSAMPLERS[upsampling](x, filters * 2**level, conv.initializer(), upsampling_kernel)
        x = layers.ReLU()(conv.normalise(with_noise(x, padded, noise_channels, 2**level), level))
    if input_skip != "none":
        x = layers.Concatenate()([x, full_resolution])
    x = ReflectionPad(kernel // 2)(x)
    last = conv.initializer(last=True)
    x = Conv2D(3, kernel, kernel_initializer=last, even_sides=downsamplings > 0)(x)
    painted = layers.Activation("tanh", dtype="float32")(x)  # whatever the precision before it
    if input_skip == "residual":
        painted = layers.Add(dtype="float32")([painted, padded[..., :3]])
    painted = GuidedColours(colour_guide)(painted) if colour_guide else painted
    result = CropLike(dtype="float32")([painted, images])
    return Network([images, weights] if styles else images, result, name="resnet_generator")


@dataclass(frozen=True)
class Convolution:
    """How the convolutions of one network are initialised and normalised."""

    norm: Literal["instance", "none"]
    affine: bool
    init: Init
    depthwise: bool = False  # of residual blocks
    styles: Tensor = None  # their weights for every pixel

    def initializer(self, *, last: bool = False) -> Any:
        """As published. Without norms He's, and small where a branch or the network ends."""
        if self.norm == "instance":
            return initializer(self.init)
        return keras.initializers.VarianceScaling(0.1 if last else 2.0, "fan_in")

    def normalise(self, x: Tensor, level: int) -> Tensor:
        """`level`: how often the size has been halved."""
        if self.norm == "none":
            return x
        if self.styles is None:
            return InstanceNorm(self.affine)(x)
        return ConditionalInstanceNorm()([x, layers.AveragePooling2D(2**level)(self.styles)])

    def in_block(self, x: Tensor, *, last: bool = False) -> Tensor:
        """A 3x3 convolution that keeps the width."""
        width, kernels = x.shape[-1], self.initializer(last=last)
        if self.depthwise:
            return separable(ReflectionPad(1)(x), width, kernels)
        return Conv2D(width, 3, kernel_initializer=kernels)(ReflectionPad(1)(x))


def with_noise(x: Tensor, padded: Tensor, noise_channels: int, stride: int) -> Tensor:
    """Add a learned mixture of the input's noise channels, every `stride`-th pixel of them.

    What strided convolutions and norms leave of the input's noise is too faint for strokes in flat skies.
    """
    if not noise_channels:
        return x
    noise = padded[:, ::stride, ::stride, 3:]
    return layers.Add()([x, Conv2D(x.shape[-1], 1, use_bias=False)(noise)])


def residual_block(x: Tensor, conv: Convolution, level: int, name: str) -> Tensor:
    y = layers.ReLU()(conv.normalise(conv.in_block(x), level))
    y = conv.in_block(y, last=True)
    return layers.Add(name=name)([x, conv.normalise(y, level)])
