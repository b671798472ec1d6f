"""The published networks in PyTorch, written from their papers, for tests where PyTorch happens to be."""

import itertools

import torch
from torch import nn
from torch.nn import functional


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        once = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width)]
        again = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width)]
        self.conv_block = nn.Sequential(*once, nn.ReLU(), *again)

    def forward(self, x):
        return x + self.conv_block(x)


class BlurDown(nn.Module):
    """1-2-1 along both axes, edges mirrored, then every second pixel (Zhang 2019)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("filt", torch.outer(line, line)[None, None].repeat(channels, 1, 1, 1))

    def forward(self, x):
        return functional.conv2d(
            functional.pad(x, (1, 1, 1, 1), mode="reflect"), self.filt, stride=2, groups=x.shape[1]
        )


class BlurUp(nn.Module):
    """Zeros between the pixels, then 1-3-3-1 along both axes: bilinear, edges repeated."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4
        self.register_buffer("filt", torch.outer(line, line)[None, None].repeat(channels, 1, 1, 1))

    def forward(self, x):
        padded = functional.pad(x, (1, 1, 1, 1), mode="replicate")
        return functional.conv_transpose2d(padded, self.filt, stride=2, padding=3, groups=x.shape[1])


def resnet(filters: int, blocks: int, antialias: bool = False) -> nn.Module:
    """CycleGAN's generator; with `antialias` CUT's."""
    f = filters

    def down(width: int) -> list:
        conv = nn.Conv2d(width, 2 * width, 3, stride=1 if antialias else 2, padding=1)
        return [conv, nn.InstanceNorm2d(2 * width), nn.ReLU(), *([BlurDown(2 * width)] if antialias else [])]

    def up(width: int) -> list:
        enlarge = [BlurUp(width), nn.Conv2d(width, width // 2, 3, padding=1)]
        transposed = [nn.ConvTranspose2d(width, width // 2, 3, stride=2, padding=1, output_padding=1)]
        return [*(enlarge if antialias else transposed), nn.InstanceNorm2d(width // 2), nn.ReLU()]

    first = [nn.ReflectionPad2d(3), nn.Conv2d(3, f, 7), nn.InstanceNorm2d(f), nn.ReLU()]
    middle = [Residual(4 * f) for _ in range(blocks)]
    last = [nn.ReflectionPad2d(3), nn.Conv2d(f, 3, 7), nn.Tanh()]
    return nn.Sequential(*first, *down(f), *down(2 * f), *middle, *up(4 * f), *up(2 * f), *last)


def patchgan(channels: int, filters: int, norm: str, antialias: bool = False) -> nn.Module:
    """C64-C128-C256-C512 and one logit, the 70x70 PatchGAN; `antialias`: CUT's, blurred, not strided."""

    def conv(entering: int, leaving: int, stride: int, bias: bool = True) -> nn.Conv2d:
        return nn.Conv2d(entering, leaving, 4, 1 if antialias else stride, 1, bias=bias)

    def blur(width: int) -> list:
        return [BlurDown(width)] if antialias else []

    layers, f = [conv(channels, filters, 2), nn.LeakyReLU(0.2), *blur(filters)], filters
    for width, stride in ((2 * f, 2), (4 * f, 2), (8 * f, 1)):
        normalise = nn.BatchNorm2d(width) if norm == "batch" else nn.InstanceNorm2d(width)
        layers += [conv(width // 2, width, stride, bias=norm != "batch"), normalise, nn.LeakyReLU(0.2)]
        layers += blur(width) if stride == 2 else []
    return nn.Sequential(*layers, nn.Conv2d(8 * f, 1, 4, 1, 1))


class Heads(nn.Module):
    """CUT's: two layers for each layer of features; vectors are divided by their length and a little."""

    def __init__(self, channels: list[int], width: int) -> None:
        super().__init__()
        self.first = nn.ModuleList(nn.Linear(count, width) for count in channels)
        self.second = nn.ModuleList(nn.Linear(width, width) for _ in channels)

    def forward(self, maps):
        vectors = []
        for features, first, second in zip(maps, self.first, self.second, strict=True):
            vector = second(torch.relu(first(features.flatten(2).transpose(1, 2))))
            vectors.append(vector / (vector.norm(dim=2, keepdim=True) + 1e-7))
        return vectors


class Level(nn.Module):
    """One level of the U-Net, with all the deeper ones inside; its input passes around them."""

    def __init__(self, outer: int, inner: int, inside: nn.Module | None) -> None:
        super().__init__()
        down = [nn.LeakyReLU(0.2), nn.Conv2d(outer, inner, 4, 2, 1, bias=False)]
        deeper = [nn.BatchNorm2d(inner), inside] if inside else []
        up = [
            nn.ReLU(),
            nn.ConvTranspose2d(2 * inner if inside else inner, outer, 4, 2, 1, bias=False),
            nn.BatchNorm2d(outer),
        ]
        self.model = nn.Sequential(*down, *deeper, *up)

    def forward(self, x):
        return torch.cat([x, self.model(x)], 1)


def unet(filters: int, depth: int) -> nn.Module:
    """pix2pix's generator without its dropout, which no two libraries draw alike.

    Only the last layer has a bias.
    """
    widths = [filters * min(2**level, 8) for level in range(depth)]
    inside = None
    for outer, inner in reversed(list(itertools.pairwise(widths))):
        inside = Level(outer, inner, inside)
    first, last = nn.Conv2d(3, filters, 4, 2, 1, bias=False), nn.ConvTranspose2d(2 * filters, 3, 4, 2, 1)
    return nn.Sequential(first, inside, nn.ReLU(), last, nn.Tanh())


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """Weights that differ everywhere and keep activations of order 1.

    In training mode, as pix2pix normalises by the batch at hand.
    """
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        fan_in = parameter[0].numel() if parameter.ndim > 1 else 1
        spread = fan_in**-0.5 if parameter.ndim > 1 else 0.2
        parameter.data = (
            torch.randn(parameter.shape, generator=generator) * spread + (parameter.ndim == 1) * 0.5
        )
    return network.train()
