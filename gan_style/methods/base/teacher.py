"""A trained painter as the teacher of a smaller one: its network, frozen, and what both have in common."""

from collections.abc import Sequence

import keras

from gan_style.methods.base.generator_input import GeneratorInput
from gan_style.methods.base.method import Method
from gan_style.networks.network import Network
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

PAINTERS = ("generator", "source_to_target")  # names of networks that paint photographs in one pass


class Teacher:
    """What it is given, it paints and tells the features of."""

    def __init__(self, method: Method, student: keras.Model, shown: GeneratorInput) -> None:
        """`shown`: what the student sees of a photograph, which must be what the teacher has learned with."""
        self.network = painting_network(method)
        refuse_other_input(method, self.network, student, shown)
        self.layers = in_common(self.network, student)
        self.with_features = with_features(self.network, self.layers)

    def __call__(self, seen: Tensor) -> tuple[Tensor, list[Tensor]]:
        painted, *features = every(self.with_features(seen, training=False))
        return painted, features

    def refuse_nothing_in_common(self) -> None:
        if not self.layers:
            raise UserError("method.weights.channels: set it to 0; no residual blocks are in both")


def painting_network(method: Method) -> keras.Model:
    kind, painting = type(method).__name__, method.painting()
    found = next((painting[name] for name in PAINTERS if name in painting), None)
    if found is None:
        raise UserError(f"method.teacher: a {kind} does not paint in one pass with a generator")
    if len(found.inputs) > 1 or method.styles:
        raise UserError(f"method.teacher: this {kind} has several styles; only one can be taught")
    return found


def refuse_other_input(
    method: Method, network: keras.Model, student: keras.Model, shown: GeneratorInput
) -> None:
    """The same dabs and noise for both, or the student would learn to undo the difference."""
    learned = getattr(getattr(method, "config", None), "generator_input", GeneratorInput())
    if learned != shown:
        raise UserError("method.generator_input: this is not the one that method.teacher was trained with")
    noise, known = (one.input.shape[-1] - 3 for one in (student, network))
    if noise != known:
        raise UserError(f"method.generator.noise_channels: the teacher has {known}, not {noise}")


def in_common(teacher: keras.Model, student: keras.Model) -> list[str]:
    """Residual blocks that both have, by name; how wide they are does not matter."""
    known = {layer.name for layer in teacher.layers}
    return [one.name for one in student.layers if one.name.startswith("block") and one.name in known]


def with_features(network: keras.Model, layers: Sequence[str]) -> keras.Model:
    """The painting, and the features of these layers; it shares the network's weights."""
    return Network(network.input, [network.output, *(network.get_layer(name).output for name in layers)])


def every(told: Tensor) -> list[Tensor]:
    """The painting and the features, of which there may be none: a network of one output gives no list."""
    return list(told) if isinstance(told, list | tuple) else [told]
