"""One method with one strategy: `python -m tests.training.replicas_program KIND FOLDER STRATEGY [KEY=VALUE]`.

Leaves in FOLDER/KIND-STRATEGY.npz the first gradient of each trained variable, and the terms of five steps.
"""

import os
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from gan_style.config.load import load
from gan_style.data.batches import Batch
from gan_style.experiment.recipe import Experiment
from gan_style.system import machine
from gan_style.training.build import build_method
from gan_style.training.strategy import Devices, choose_devices
from tests.methods.small_methods import recipe

PICTURES, SIDE, STEPS = 4, 32, 5
PLAIN = "{kind: sgd, learning_rate: 1.0, decay_start: 1, clip_norm: null}"  # a step is the gradient


def batches() -> list[Batch]:
    """Smooth pictures that a network can learn."""
    made = []
    for step in range(STEPS):
        coarse = tf.random.stateless_uniform((2 * PICTURES, 5, 5, 3), (step, 1), -0.9, 0.9)
        pictures = tf.split(tf.image.resize(coarse, (SIDE, SIDE), "bicubic"), 2)
        made.append(Batch(*pictures, style=tf.constant([0, 1, 1, 0], tf.int64)))
    return made


def trained(path: Path, devices: Devices, overrides: list[str], steps: int):
    """Weights before and after, by network, and what each step told."""
    config = load(path, Experiment, overrides).config
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    with devices.building():
        method = build_method(config, seed=0)
        method.prepare()
    method.measure(iter(batches()))
    before, told, graphs = weights(method), [], {}
    for number, batch in enumerate(batches()[:steps]):
        step = method.step_at(number + 2)
        graph = graphs.setdefault(step, devices.compiled(step))
        metrics = graph(batch).items()
        named = {f"{who}/{name}": value for who, terms in metrics for name, value in terms.items()}
        told.append({name: float(value) for name, value in named.items()})
    return before, weights(method), told


def weights(method) -> dict[str, np.ndarray]:
    return {
        f"{name}/{place:03d}-{variable.path.split('/')[-1]}": keras.ops.convert_to_numpy(variable)
        for name, network in method.networks.items()
        for place, variable in enumerate(network.trainable_variables)
    }


def main(kind: str, folder: str, strategy: str, *overrides: str) -> None:
    if strategy == "mirrored":
        two = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)
    machine.configure(machine.choose_machine("float32", 1), 0)  # before a teacher is made for the recipe
    path = Path(folder) / f"{kind}-{os.getpid()}.yaml"  # a recipe names its own process' teacher
    path.write_text(recipe(kind, "a", "b"))
    devices = choose_devices(strategy, PICTURES)  # type: ignore[arg-type]
    config = load(path, Experiment).config.method
    optimizers = [name for name in type(config).model_fields if name.endswith("optimizer")]
    always = [f"data.batch={PICTURES}", "train.steps=1000", *overrides]
    plain = [*always, *(f"method.{name}={PLAIN}" for name in optimizers)]
    before, after, _ = trained(path, devices, plain, 1)
    slow = [f"method.{name}.learning_rate=2e-4" for name in optimizers]
    *_, told = trained(path, devices, [*always, *slow], STEPS)
    arrays = {f"before/{name}": array for name, array in before.items()}
    arrays |= {f"gradient/{name}": before[name] - after[name] for name in before}
    arrays |= {f"term/{name}": np.array([one[name] for one in told]) for name in told[0]}
    np.savez(Path(folder) / f"{kind}-{strategy}.npz", **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
