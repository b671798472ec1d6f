"""What the default recipe's step may cost, in operations and bytes: seconds depend on who else computes."""

from collections import Counter

import pytest
import tensorflow as tf

from gan_style.data.batches import Batch
from gan_style.experiment.find import read_recipe
from gan_style.optim.player import compiled
from gan_style.system.machine import Machine, configure
from gan_style.training.build import build_method

# These hand on what they are given, or are weights; `If` hands on gradients, unless one is a spike.
NO_COPY = {
    "Const", "EnsureShape", "Fill", "Identity", "IdentityN", "If", "Placeholder", "ReadVariableOp", "Reshape",
    "Split", "SplitV", "StatelessIf", "Unpack",
}  # fmt: skip
# Gradients and layers that are slow for what they do, and have a faster way in networks/layers.
SLOW = ("StridedSliceGrad", "MirrorPadGrad")


@pytest.fixture(scope="module")
def step():
    """The graph of one step, and the bytes that each kind of operation writes."""
    configure(Machine("float32", 2, "tests"), 0)
    config = read_recipe("oil", None, ()).config
    side = config.data.crop
    pictures = tf.TensorSpec((config.data.batch, side, side, 3))
    graph = compiled(build_method(config, 0).step).get_concrete_function(Batch(pictures, pictures)).graph
    written: Counter[str] = Counter()
    for operation in graph.get_operations():
        if operation.type not in NO_COPY:
            known = [one for one in operation.outputs if one.shape.is_fully_defined()]
            written[operation.type] += sum(one.shape.num_elements() * one.dtype.size for one in known)
    return graph, written


def test_operations(step):
    graph, _ = step
    computing = [one for one in graph.get_operations() if one.type not in NO_COPY]
    assert len(computing) < 2700


def test_bytes(step):
    _, written = step
    assert sum(written.values()) < 720e6, written.most_common(12)


def test_wide_maps_take_no_slow_operation(step):
    _, written = step
    for kind in SLOW:
        assert written[kind] < 1.5e6, kind
