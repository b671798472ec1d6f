"""`gan-style check --device`: how large a step is, and how fast a device can be with it at best."""

import tensorflow as tf

from gan_style.data.batches import Batch
from gan_style.experiment.find import Recipe
from gan_style.optim.costs import DEVICES, costs_of, least_seconds
from gan_style.system.disk import size
from gan_style.system.errors import UserError
from gan_style.system.hardware import cores
from gan_style.system.machine import Machine, supposing
from gan_style.system.progress import say
from gan_style.training import checkpoints
from gan_style.training.build import build_method


def describe_on(recipe: Recipe, name: str) -> None:
    """Counted in the graph of a step from the middle of the run; nothing is computed."""
    config, device = recipe.config, DEVICES[name]
    if config.data.one_picture:
        raise UserError("--device: this recipe works on one picture; there is no step of a batch to count")
    precision = config.train.precision
    if precision == "auto":
        precision = "mixed_bfloat16" if device.bfloat16 else "float32"
    with supposing(Machine(precision, cores(), f"on {name}", "direct")):
        method = build_method(config, 0)
        method.prepare()
        side, count = config.data.side(), config.data.batch_size()
        pictures = tf.TensorSpec((count, side, side, 3), tf.float32)
        batch = Batch(pictures, pictures, tf.TensorSpec((count,), tf.int64))
        costs = costs_of(method.step_at(config.train.steps // 2), batch)
        standing = checkpoints.size(method)
    seconds = least_seconds(costs, device, precision)
    rate = device.bfloat16 if precision == "mixed_bfloat16" and device.bfloat16 else device.float32
    say(f"\na step on one {name}, {precision}")
    say(f"  {costs.multiply_adds / 1e9:,.1f} G multiply-adds, {size(costs.moved)} read and written")
    say(f"  {size(costs.peak)} at its fullest moment, beside {size(standing)} of weights and optimizers")
    stated = f"{rate / 1e12:,.1f} Tflop/s and {device.bandwidth / 1e9:,.0f} GB/s, as its maker states"
    say(f"  no less than {1000 * seconds:,.1f} ms with {stated}")
    minutes = config.train.steps * seconds / 60
    say(f"  no less than {minutes:,.1f} minutes for {config.train.steps:,} steps; expect a few times as much")
    fits = "fit into" if costs.peak + standing < device.memory else "DO NOT FIT into"
    say(f"  {size(costs.peak + standing)} {fits} {size(device.memory)}")
