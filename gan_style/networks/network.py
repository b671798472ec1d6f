"""What every network that learns is: Keras' functional model, sparing with memory where it is told to be."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from gan_style.networks import recompute
from gan_style.networks.layers.dropout import Dropout
from gan_style.networks.layers.norms import BatchNorm
from gan_style.networks.recompute import Plan, recomputed
from gan_style.networks.segments import Segment, segments_of
from gan_style.system import learning
from gan_style.system.tensor import Tensor

Values = list[tuple[keras.Variable, Tensor]]  # what variables are to be


@keras.saving.register_keras_serializable("gan_style")
class Network(keras.Model):
    """A function of pictures. While it learns, what it keeps for the gradient is as `recompute.Plan` says."""

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **options: Any) -> None:
        super().__init__(inputs, outputs, name=name, **options)
        self.dtype_policy = "float32"  # of what is between layers: each casts its own weights

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        plan = recompute.in_use
        if not training or plan == Plan():
            return super().call(inputs, training=training, mask=mask)
        outputs = keras.tree.pack_sequence_as(self.output, self.sparing(keras.tree.flatten(inputs), plan))
        return outputs[0] if isinstance(outputs, list | tuple) and len(outputs) == 1 else outputs

    def sparing(self, rows: Sequence[Tensor], plan: Plan) -> list[Tensor]:
        weights = self.trainable_variables
        fixed = [*begun(self.layers), *((one, as_it_is(one)) for one in self.non_trainable_weights)]
        values = [as_it_is(weight) for weight in weights]

        def run(rows: Sequence[Tensor], values: Sequence[Tensor]) -> list[Tensor]:
            known = [*zip(weights, values, strict=True), *fixed]
            return self.by_segments(rows, known) if plan.segments else self.at_once(rows, known)

        parts = min(plan.parts, *(one.shape[0] for one in rows)) if goes_in_parts(self) else 1
        if parts == 1:
            return run(rows, values)
        learns = any(id(weight) in learning.asked for weight in weights)
        return recomputed(run, rows, values, parts, learns=learns)

    def at_once(self, rows: Sequence[Tensor], known: Values) -> list[Tensor]:
        inputs = keras.tree.pack_sequence_as(self.input, list(rows))
        with keras.StatelessScope(known):
            outputs: list[Tensor] = keras.tree.flatten(super().call(inputs, training=True))
        return outputs

    def by_segments(self, rows: Sequence[Tensor], known: Values) -> list[Tensor]:
        there = {id(tensor): one for tensor, one in zip(self.inputs, rows, strict=True)}
        for segment in segments_of(self, tuple(tuple(one.shape) for one in rows)):
            given = run_again(segment, [there[one] for one in segment.takes], known)
            there |= dict(zip(segment.gives, given, strict=True))
        return [there[id(tensor)] for tensor in self.outputs]


def run_again(segment: Segment, taken: Sequence[Tensor], known: Values) -> list[Tensor]:
    """A segment with these of its weights; the network's others have nothing to do with it."""
    weights = segment.weights()
    mine, of = {id(weight) for weight in weights}, {id(variable): value for variable, value in known}
    others = [(variable, value) for variable, value in known if id(variable) not in mine]

    def run(rows: Sequence[Tensor], values: Sequence[Tensor]) -> list[Tensor]:
        with keras.StatelessScope([*zip(weights, values, strict=True), *others]):
            return segment.run(rows)

    return recomputed(run, taken, [of[id(weight)] for weight in weights])


def as_it_is(variable: keras.Variable) -> Tensor:
    return tf.convert_to_tensor(variable.value)


def begun(layers: Sequence[keras.layers.Layer]) -> Values:
    """Where dropout's random numbers begin: in both passes the same features are lost."""
    dropouts = [layer for layer in layers if isinstance(layer, Dropout) and layer.rate]
    return [(layer.seed_generator.state, layer.seed_generator.next()) for layer in dropouts]


def goes_in_parts(network: keras.Model) -> bool:
    """Batch norm alone makes a picture depend on what is beside it."""
    return not any(isinstance(layer, BatchNorm) for layer in network.layers)
