"""The yardstick: CycleGAN's step, or one pass of its generator, in PyTorch, as `make bench-peers` runs it.

It needs torch and nothing else, and computes what `benchmarks.peer_own` does: Zhu et al. 2017 with LSGAN,
cycle 10, identity 5, no pool, instance norm without scale and shift. A mode is `fp32` or `bf16` (autocast),
then what is added: `fp32-channels_last-compile`.
"""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.timing import CHANNELS, SIDE, SQUARE, answer, asked, measure, median_seconds

CYCLE, IDENTITY = 10.0, 5.0


def generator(filters: int, blocks: int) -> nn.Module:
    """c7s1-f, d2f, d4f, R4f x blocks, u2f, uf, c7s1-3."""
    widths = [filters, 2 * filters, 4 * filters]
    parts: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(3, filters, 7), *norm_relu(filters)]
    for narrow, wide in pairwise(widths):
        parts += [nn.Conv2d(narrow, wide, 3, stride=2, padding=1), *norm_relu(wide)]
    parts += [Residual(widths[-1]) for _ in range(blocks)]
    for wide, narrow in zip(widths[:0:-1], widths[-2::-1], strict=True):
        up = nn.ConvTranspose2d(wide, narrow, 3, stride=2, padding=1, output_padding=1)
        parts += [up, *norm_relu(narrow)]
    return nn.Sequential(*parts, nn.ReflectionPad2d(3), nn.Conv2d(filters, 3, 7), nn.Tanh())


def norm_relu(channels: int) -> list[nn.Module]:
    return [nn.InstanceNorm2d(channels, eps=1e-5), nn.ReLU(inplace=True)]


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            *(nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3), *norm_relu(channels)),
            *(nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3), nn.InstanceNorm2d(channels)),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.branch(x)


def discriminator(filters: int) -> nn.Module:
    """C64-C128-C256-C512 and a logit for each 70x70 patch."""
    parts: list[nn.Module] = [nn.Conv2d(3, filters, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
    for level in range(3):
        width, stride = filters * 2**level, 2 if level < 2 else 1
        parts += [nn.Conv2d(width, 2 * width, 4, stride, 1), nn.InstanceNorm2d(2 * width)]
        parts.append(nn.LeakyReLU(0.2, inplace=True))
    return nn.Sequential(*parts, nn.Conv2d(8 * filters, 1, 4, 1, 1))


class Side:
    """What a mode says of memory layout, compiler and precision."""

    def __init__(self, mode: str) -> None:
        words = mode.split("-")
        self.bfloat16, self.compiles = "bf16" in words, "compile" in words
        self.joint = "joint" in words  # two batches through one network in one call, as this project does
        self.layout = torch.channels_last if "channels_last" in words else torch.contiguous_format

    def network(self, module: nn.Module) -> Any:
        module = module.to(memory_format=self.layout)
        return torch.compile(module) if self.compiles else module

    def pictures(self, batch: int, size: int) -> torch.Tensor:
        return (torch.rand(batch, 3, size, size) * 2 - 1).contiguous(memory_format=self.layout)

    def precision(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16)


class CycleGan:
    """A and B are the two domains; one optimizer moves both generators, one both discriminators."""

    def __init__(self, side: Side, filters: int, blocks: int) -> None:
        self.side = side
        self.a_to_b, self.b_to_a = (side.network(generator(filters, blocks)) for _ in range(2))
        self.judge_a, self.judge_b = (side.network(discriminator(filters)) for _ in range(2))
        self.judged = [*self.judge_a.parameters(), *self.judge_b.parameters()]
        self.painters = adam([*self.a_to_b.parameters(), *self.b_to_a.parameters()])
        self.judges = adam(self.judged)

    def both(self, network: Any, first: torch.Tensor, second: torch.Tensor) -> Sequence[torch.Tensor]:
        if self.side.joint:
            return network(torch.cat([first, second])).chunk(2)
        return network(first), network(second)

    def step(self, a: torch.Tensor, b: torch.Tensor) -> float:
        for parameter in self.judged:
            parameter.requires_grad_(False)
        with self.side.precision():
            (fake_b, same_b), (fake_a, same_a) = self.both(self.a_to_b, a, b), self.both(self.b_to_a, b, a)
            loss = squared(self.judge_b(fake_b), 1) + squared(self.judge_a(fake_a), 1)
            loss = loss + CYCLE * (l1(self.b_to_a(fake_b), a) + l1(self.a_to_b(fake_a), b))
            loss = loss + IDENTITY * (l1(same_a, a) + l1(same_b, b))
        update(self.painters, loss)
        for parameter in self.judged:
            parameter.requires_grad_(True)
        with self.side.precision():
            judged_a = self.both(self.judge_a, a, fake_a.detach())
            judged_b = self.both(self.judge_b, b, fake_b.detach())
            told_a, told_b = (
                0.5 * (squared(of_real, 1) + squared(of_fake, 0)) for of_real, of_fake in (judged_a, judged_b)
            )
        update(self.judges, told_a + told_b)
        return loss.item()


def adam(parameters: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=2e-4, betas=(0.5, 0.999), fused=True)


def update(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def squared(logits: torch.Tensor, wanted: float) -> torch.Tensor:
    return (logits.float() - wanted).square().mean()


def l1(painted: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    return F.l1_loss(painted.float(), original)


def training(wanted: dict[str, Any]) -> Callable[[], float]:
    side = Side(wanted["mode"])
    method = CycleGan(side, wanted["filters"], wanted["blocks"])
    a, b = (side.pictures(wanted["batch"], wanted["size"]) for _ in range(2))
    return lambda: method.step(a, b)


def sampling(wanted: dict[str, Any]) -> Callable[[], Any]:
    side = Side(wanted["mode"])
    network = side.network(generator(wanted["filters"], wanted["blocks"]).eval())
    pictures = side.pictures(wanted["batch"], wanted["size"])

    def sample() -> torch.Tensor:
        with torch.inference_mode(), side.precision():
            return network(pictures).float()

    return sample


def rates(precision: str) -> dict[str, float]:
    """Multiplications and additions a second, of the two products that networks are made of."""
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    matrix = torch.randn(SQUARE, SQUARE, dtype=kind)
    with torch.inference_mode():
        found = {"matrix product": 2 * SQUARE**3 / median_seconds(lambda: matrix @ matrix)}
        for layout in (torch.contiguous_format, torch.channels_last):
            layer = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, dtype=kind).to(memory_format=layout)
            maps = torch.randn(1, CHANNELS, SIDE, SIDE, dtype=kind).contiguous(memory_format=layout)
            seconds = median_seconds(partial(layer, maps))
            found[f"convolution, {layout}".replace("torch.", "")] = 2 * 9 * CHANNELS**2 * SIDE**2 / seconds
    return found


def main() -> None:
    wanted = asked(sys.argv[1:])
    torch.set_num_threads(wanted["threads"])
    torch.manual_seed(0)
    if wanted["work"] == "rates":
        answer({"rates": rates(wanted["mode"])})
        return
    act = {"step": training, "sample": sampling}[wanted["work"]](wanted)
    answer({**measure(act, wanted["started"], wanted["quick"]), "version": torch.__version__})


if __name__ == "__main__":
    main()
