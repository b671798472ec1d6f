"""Pictures in tiles that cannot be seen: where tiles may begin, and what their pixels depend on."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_style.methods.base.dabs import AVERAGED, Dabs
from gan_style.methods.base.generator_input import EDGE_BLURS, GeneratorInput
from gan_style.methods.base.style_maps import everywhere
from gan_style.networks.graph import Graph
from gan_style.networks.layers.statistics import Doing as Doing
from gan_style.networks.layers.statistics import WholePicture as WholePicture
from gan_style.networks.layers.statistics import following as following
from gan_style.networks.layers.statistics import of_whole as of_whole
from gan_style.optim.memory import peak_memory
from gan_style.system.tensor import Tensor

SIDE = 512  # pixels of the picture in which it is seen how far a network looks
MOST_MULTIPLE = 256  # pixels: tiles would be too large
Paint = Callable[[Tensor], Tensor]
COPIES = 1.4  # times the memory of a network's features: what convolutions are reordered into


@dataclass(frozen=True)
class Tiling:
    multiple: int  # pixels: tiles begin and end at multiples of it
    input_reach: int  # pixels around its own that a pixel of the generator's input depends on
    network_reach: int | None  # pixels of that input around its own that a painted one depends on; None: all
    bytes_a_pixel: int  # at the fullest moment of painting
    surveyed: bool = False  # all tiles, before any is painted: see `Method.survey`


def seen_through(found: Tiling | None, other: Tiling | None) -> Tiling | None:
    """Where a generator's input depends on what another network says of the picture."""
    if not (found and other):
        return None
    return Tiling(
        math.lcm(found.multiple, other.multiple),
        found.input_reach + (other.network_reach or 0),
        found.network_reach if other.network_reach is not None else None,
        max(found.bytes_a_pixel, other.bytes_a_pixel),
    )


def tiling(network: keras.Model, *inputs: GeneratorInput) -> Tiling:
    """Of a generator, the first of whose inputs is the picture as `inputs` show it."""
    channels = network.inputs[0].shape[-1]
    return tiling_of(painted_by(network), stride_of(network), channels, *inputs)


def at_once(network: keras.Model) -> Tiling:
    """Of one that is to see pictures as a whole, whatever it is built of."""
    return Tiling(1, 0, None, bytes_a_pixel(painted_by(network), network.inputs[0].shape[-1]))


def painted_by(network: keras.Model) -> Paint:
    def paint(images: Tensor) -> Tensor:
        others = [everywhere(ops.ones((1, one.shape[-1])), images) for one in network.inputs[1:]]
        return network([images, *others] if others else images, training=False)

    return paint


def tiling_of(paint: Paint, stride: int, channels: int, *inputs: GeneratorInput) -> Tiling:
    """No reach: a pixel depends on the whole picture, as in a U-Net, or cells have no small multiple."""
    multiple = math.lcm(stride, *(step for how in inputs for step in steps_of(how)))
    reach = reach_of(paint, stride, channels) if multiple <= MOST_MULTIPLE else None
    further = max((input_reach(how) for how in inputs), default=0)
    return Tiling(multiple, further, reach, bytes_a_pixel(paint, channels))


def steps_of(how: GeneratorInput) -> list[int]:
    """Sides of the cells into which a generator's input divides a picture."""
    return [*(how.dabs.widths if how.dabs else ()), *(how.stroke_widths if how.stroke_noise else ())]


def input_reach(how: GeneratorInput) -> int:
    reach = 2 * how.input_blur
    if how.abstraction:
        reach += 2 * how.abstraction.radius * how.abstraction.times
    if how.edge_lines:
        reach += 2 * EDGE_BLURS + 1
    if how.dabs:
        reach += dabs_reach(how.dabs)
    if how.stroke_noise:
        # Cells: of the contours' averaging (4 blurs) and slopes, of smaller and larger pictures, and its own.
        reach += max(how.stroke_widths) * (2 * 4 + 1 + 3 + 1)
    return reach


def dabs_reach(how: Dabs) -> int:
    """Whole cells: the furthest dab's, what turns it, what its mean colour is of, and the pixel's own.

    A finer layer sees how far the one before is from the picture.
    """
    turned = 2 * AVERAGED + 1
    widest = max(how.widths) * (how.reach() + turned + 2)
    return widest + sum(width * (how.reach() + 2) for width in how.widths[1:])


def stride_of(network: keras.Model) -> int:
    """How many pixels are one place of its smallest features."""
    shapes = [(1, SIDE, SIDE, one.shape[-1]) for one in network.inputs]
    whole = keras.Model(network.inputs, [layer.output for layer in network.layers if layer.weights])
    found = whole.compute_output_shape(shapes if len(shapes) > 1 else shapes[0])
    return 1 << math.ceil(math.log2(SIDE / min(shape[1] for shape in found)))


def reach_of(paint: Paint, stride: int, channels: int) -> int | None:
    """Seen by changing the pixels of one place in the middle: as far as anything else changes."""
    picture = keras.random.uniform((1, SIDE, SIDE, channels), -1, 1, seed=0)
    middle, end = SIDE // 2, SIDE // 2 - stride
    spot = ops.pad(ops.ones((1, stride, stride, channels)), [[0, 0], [middle, end], [middle, end], [0, 0]])
    graph, whole = Graph(paint), WholePicture()
    with of_whole(whole, "measuring"):
        graph(picture)
    with of_whole(whole):
        before = graph(picture)
    with of_whole(whole):
        changed = ops.convert_to_numpy(ops.any(graph(picture + spot) != before, (0, 3)))
    places = np.flatnonzero(changed.any(0) | changed.any(1))
    if not len(places):
        return 0
    first, last = int(places[0]), int(places[-1])
    return None if first == 0 or last == SIDE - 1 else max(middle - first, last + 1 - middle - stride)


def bytes_a_pixel(paint: Paint, channels: int) -> int:
    peak = peak_memory(lambda _: paint(ops.zeros((1, SIDE, SIDE, channels))))
    return math.ceil(COPIES * peak / SIDE**2)
