"""A recipe's method, its networks untrained."""

from pathlib import Path

import keras

from gan_style.config.load import load
from gan_style.data.manifest import PictureStore
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.methods import METHODS, Method, Setting
from gan_style.system import included
from gan_style.system.errors import UserError
from gan_style.training import checkpoints
from gan_style.training.chosen import chosen_checkpoint


def build_method(
    config: Experiment, seed: int, store: PictureStore | None = None, *, learning: bool = True
) -> Method:
    """`learning`: whether it is to be trained, for which some methods need a trained teacher."""
    _, build = METHODS[config.method.kind]
    data, side = config.data, config.data.side()
    subject = data.subject(store or PictureStore())
    teacher = taught_by(config) if learning else None
    setting = Setting(side, config.train.steps, seed, data.style_names(), subject, teacher)
    method: Method = build(config.method, setting)
    method.spare_memory(config.train.accumulate, config.train.recompute)
    for name, network in method.networks.items():
        if not takes_pictures(network):
            continue
        try:
            network.compute_output_shape((1, side, side, network.input.shape[-1]))
        except ValueError:
            raise UserError(f"data.crop: {side} pixels are too few for the {name}") from None
    return method


def taught_by(config: Experiment) -> Method | None:
    """The method of the run that the recipe names as its teacher, with that run's networks."""
    named = getattr(config.method, "teacher", None)
    if not isinstance(named, str):  # a teacher of another kind is a bank of features
        return None
    folder = included.place(named)
    run = Run(Path(folder))
    if not run.config.is_file():
        raise UserError(f"method.teacher: {named} is no run folder (it holds no config.yaml)")
    checkpoint = chosen_checkpoint(run.folder)
    method = build_method(load(run.config, Experiment).config, 0, learning=False)
    checkpoints.restore_networks(method, checkpoint)
    return method


def takes_pictures(network: keras.Model) -> bool:
    """The decoders of features, and networks of two inputs, take lists."""
    return isinstance(network.input, keras.KerasTensor) and len(network.input.shape) == 4
