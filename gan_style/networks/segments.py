"""A network cut into segments, so that little goes from one to the next (Chen et al. 2016)."""

import inspect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from weakref import WeakKeyDictionary

import keras

from gan_style.system.tensor import Tensor

Shapes = tuple[tuple[int, ...], ...]  # of what a network is given
LIMITS = 24  # sizes of segments that are tried


@dataclass(frozen=True)
class Segment:
    nodes: list[Any]  # calls of layers, in the order in which they are computed
    takes: list[int]  # identities of Keras' symbolic tensors
    gives: list[int]

    def layers(self) -> list[keras.layers.Layer]:
        every = {id(node.operation): node.operation for node in self.nodes}.values()
        return [one for one in every if isinstance(one, keras.layers.Layer)]

    def weights(self) -> list[keras.Variable]:
        return [weight for layer in self.layers() for weight in layer.trainable_variables]

    def run(self, taken: Sequence[Tensor]) -> list[Tensor]:
        """As while learning."""
        there = dict(zip(self.takes, taken, strict=True))
        for node in self.nodes:
            positional, named = node.arguments.fill_in(there)
            if "training" in inspect.signature(node.operation.call).parameters:
                named["training"] = True
            given = keras.tree.flatten(node.operation(*positional, **named))
            there |= dict(zip(map(id, node.outputs), given, strict=True))
        return [there[one] for one in self.gives]


KNOWN: WeakKeyDictionary[keras.Model, dict[Shapes, list[Segment]]] = WeakKeyDictionary()


def segments_of(network: keras.Model, shapes: Shapes) -> list[Segment]:
    """Found once for each shape of what it is given."""
    known = KNOWN.setdefault(network, {})
    if shapes not in known:
        known[shapes] = cut(network, shapes)
    return known[shapes]


def cut(network: keras.Model, shapes: Shapes) -> list[Segment]:
    nodes = calls_of(network)
    made = [[id(tensor) for tensor in node.outputs] for node in nodes]
    sizes = sizes_of(network, nodes, shapes)
    inside = [sum(sizes[one] for one in some) for some in made]
    between = [living(network, nodes, place) for place in range(len(nodes) + 1)]
    ends = best_ends(inside, [sum(sizes.get(one, 0) for one in some) for some in between])
    starts = [0, *ends[:-1]]
    return [
        Segment(nodes[start:end], between[start], between[end])
        for start, end in zip(starts, ends, strict=True)
    ]


def calls_of(network: keras.Model) -> list[Any]:
    by_depth = network._nodes_by_depth
    every = [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
    return [node for node in every if not node.is_input]


def sizes_of(network: keras.Model, nodes: Sequence[Any], shapes: Shapes) -> Mapping[int, int]:
    """Numbers in each tensor that is computed."""
    tensors = [tensor for node in nodes for tensor in node.outputs]
    whole = keras.Model(network.inputs, tensors)
    found = whole.compute_output_shape(list(shapes) if len(shapes) > 1 else shapes[0])
    return {id(tensor): math.prod(shape) for tensor, shape in zip(tensors, found, strict=True)}


def living(network: keras.Model, nodes: Sequence[Any], place: int) -> list[int]:
    """What is there before the call at a place and is needed from there on."""
    there = [*map(id, network.inputs), *(id(one) for node in nodes[:place] for one in node.outputs)]
    needed = {id(one) for node in nodes[place:] for one in node.input_tensors}
    needed |= {id(one) for one in network.outputs}
    return [one for one in there if one in needed]


def best_ends(inside: Sequence[int], between: Sequence[int]) -> list[int]:
    """Where segments end: what they pass on and the largest one's inside are as small together as can be."""
    until = [0, *accumulate(inside)]
    tried = {max(*inside, math.ceil(until[-1] / count)) for count in range(1, LIMITS + 1)}
    plans = [ends_within(limit, until, between) for limit in tried]
    return min(plans)[1]


def ends_within(limit: int, until: Sequence[int], between: Sequence[int]) -> tuple[int, list[int]]:
    """The least to keep with segments of at most that size, and where these end."""
    best: list[tuple[int, list[int]]] = [(0, [])]
    for end in range(1, len(until)):
        passed_on = between[end] if end < len(until) - 1 else 0
        choices = [
            (best[start][0] + passed_on, [*best[start][1], end])
            for start in range(end)
            if until[end] - until[start] <= limit
        ]
        best.append(min(choices))
    return best[-1][0] + limit, best[-1][1]
