"""A recipe's method, its networks untrained."""

import keras

from gan_style.data.manifest import PictureStore
from gan_style.experiment.recipe import Experiment
from gan_style.methods import METHODS, Method, Setting
from gan_style.system.errors import UserError


def build_method(config: Experiment, seed: int, store: PictureStore | None = None) -> Method:
    _, build = METHODS[config.method.kind]
    data, side = config.data, config.data.side()
    subject = data.subject(store or PictureStore())
    setting = Setting(side, config.train.steps, seed, data.style_names(), subject)
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


def takes_pictures(network: keras.Model) -> bool:
    """The decoders of features, and networks of two inputs, take lists."""
    return isinstance(network.input, keras.KerasTensor) and len(network.input.shape) == 4
