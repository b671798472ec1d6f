"""Networks of `keras.applications` as feature banks: VGG, ResNet, Inception, MobileNet, ... by name."""

import importlib
import re
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import keras
import numpy as np
from pydantic import Field

from gan_style.config.places import Place
from gan_style.features.bank import FeatureBank
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

IMAGENET = "imagenet"
VGG_LAYER, VGG_PAPER_NAME = r"block(\d)_conv(\d)", r"conv\1_\2"


class Application(FeatureBank):
    """Named layers of a pretrained network, in float32; its own preprocessing is applied here."""

    def __init__(
        self,
        *,
        network: Annotated[str, Field(description="a class of keras.applications, such as VGG19")],
        layers: Annotated[
            tuple[str, ...],
            Field(
                min_length=1,
                description="names of the layers whose output is used; VGG's conv4_4 is block4_conv4 before "
                "its rectifier",
            ),
        ],
        weights: Annotated[
            str,
            Field(description="'imagenet' (downloaded by Keras) or the path of an .h5 or .npz file"),
            Place("file", (IMAGENET,)),
        ] = "imagenet",
    ) -> None:
        module, build = find_application(network)
        self.preprocess = module.preprocess_input
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy("float32")
        try:
            base = _build(build, network, weights)
        finally:
            keras.config.set_dtype_policy(policy)
        self.model = keras.Model(base.input, outputs_of(base, network, layers))
        self.model.trainable = False
        if weights != IMAGENET:
            _load(base, self.model, network, Path(weights).expanduser())

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        # preprocess_input mutates NumPy input in place; a computed tensor is nobody else's.
        pixels = (keras.ops.cast(images, "float32") + 1.0) * 127.5
        maps: dict[str, Tensor] = self.model(self.preprocess(pixels), training=False)
        return maps

    def arrays(self) -> list[np.ndarray]:
        return [np.asarray(weight) for weight in self.model.get_weights()]


def find_application(network: str) -> tuple[ModuleType, Any]:
    """The module of keras.applications that holds a network's builder and preprocessing."""
    build = getattr(keras.applications, network, None)
    if not network[:1].isupper() or build is None:
        known = ", ".join(sorted(name for name in dir(keras.applications) if name[:1].isupper()))
        raise UserError(f"there is no keras.applications.{network}; known: {known}")
    for name in dir(keras.applications):
        module = getattr(keras.applications, name)
        builds = isinstance(module, ModuleType) and getattr(module, network, None) is build
        if builds and hasattr(module, "preprocess_input"):
            return module, build
    return importlib.import_module(build.__module__), build


class BeforeRectifier(keras.layers.Layer):  # type: ignore[misc]
    """What a convolution of VGG, with the very same weights, hands to its rectifier."""

    def __init__(self, convolution: keras.layers.Conv2D) -> None:
        super().__init__(dtype="float32")
        self.convolution = convolution

    def call(self, x: Tensor) -> Tensor:
        return self.convolution.convolution_op(x, self.convolution.kernel) + self.convolution.bias


def outputs_of(base: keras.Model, network: str, layers: tuple[str, ...]) -> dict[str, Any]:
    """By name: a layer's output or, under its name in the VGG papers, what comes before its rectifier."""
    known = {layer.name: layer for layer in base.layers}
    rectified = [name for name in known if re.fullmatch(VGG_LAYER, name) and network.startswith("VGG")]
    taps = {paper_name(name): known[name] for name in rectified}
    for name in layers:
        if name not in known and name not in taps:
            raise UserError(f"{network} has no layer '{name}'; it has: {', '.join([*known, *taps])}")
    return {
        name: known[name].output if name in known else BeforeRectifier(taps[name])(taps[name].input)
        for name in layers
    }


def paper_name(layer: str) -> str:
    return re.sub(VGG_LAYER, VGG_PAPER_NAME, layer)


def _build(build: Any, network: str, weights: str) -> keras.Model:
    known = IMAGENET if weights == IMAGENET else None
    try:
        return build(weights=known, include_top=False, input_shape=(None, None, 3))
    except Exception as problem:
        raise UserError(
            f"the weights of {network} could not be downloaded ({problem}). Either connect this machine "
            "to the network once, or get the file elsewhere and give its path as 'weights'"
        ) from None


def _load(base: keras.Model, used: keras.Model, network: str, path: Path) -> None:
    """A whole network's .h5 as Keras writes it, or an .npz that holds at least the layers in use."""
    if not path.is_file():
        raise UserError(
            f"weights: there is no file {path}; give a file of {network}, or '{IMAGENET}' to let Keras "
            "download one"
        )
    try:
        if path.suffix == ".npz":
            _load_arrays(used, path)
        else:
            base.load_weights(str(path))
    except UserError:
        raise
    except Exception as problem:
        raise UserError(f"{path}: these are no weights of {network}: {problem}") from None


def _load_arrays(used: keras.Model, path: Path) -> None:
    """Arrays named `layer/weight`: block3_conv1/kernel, or conv3_1/kernel as the VGG papers have it."""
    with np.load(path, allow_pickle=False) as arrays:
        for variable in used.variables:
            layer, weight = variable.path.split("/")[-2:]
            names = (f"{layer}/{weight}", f"{paper_name(layer)}/{weight}")
            key = next((name for name in names if name in arrays), None)
            if key is None:
                raise UserError(f"{path}: holds no array '{names[0]}'")
            if arrays[key].shape != tuple(variable.shape):
                raise UserError(
                    f"{path}: '{key}' has shape {arrays[key].shape}, {tuple(variable.shape)} was expected"
                )
            variable.assign(arrays[key])
