"""Painting with graphs: the same pictures as layer by layer, one trace for all sizes, the weights of now."""

import threading
from itertools import combinations

import numpy as np
import pytest
import tensorflow as tf

from gan_style.methods import Request
from gan_style.networks.graph import Graph
from tests.methods.small_methods import SMALL
from tests.methods.test_methods import method_of, plain_request, smooth_batch

SIZES = (40, 52), (33, 67)
CLOSE = 1e-5  # in [-1, 1]; what is fused rounds less often
STROKES = (
    "method.generator_input={input_blur: 1, stroke_noise: 0.1, edge_lines: 5, stroke_widths: [1, 2], "
    "abstraction: {radius: 2}}"
)


def pictures() -> list[tf.Tensor]:
    return [tf.random.stateless_uniform((1, *size, 3), (1, 2), -1, 1) for size in SIZES]


def layer_by_layer(graph: Graph, *given, **options):
    return graph.function(*given, **options)


@pytest.mark.parametrize("kind", SMALL)
def test_a_graph_paints_what_layers_paint_one_by_one(kind, tmp_path, monkeypatch):
    method = method_of(kind, tmp_path)
    request = plain_request(method)
    fast = [method.translate(picture, request).numpy() for picture in pictures()]
    of_an_array = method.translate(pictures()[0].numpy(), request)
    np.testing.assert_array_equal(of_an_array, fast[0])
    monkeypatch.setattr(Graph, "__call__", layer_by_layer)
    slow = [method.translate(picture, request).numpy() for picture in pictures()]
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one, other, atol=CLOSE)


@pytest.mark.parametrize("kind", ["gan", "multistyle"])
def test_strokes_and_strength_are_the_same_too(kind, tmp_path, monkeypatch):
    method, picture = method_of(kind, tmp_path, STROKES), pictures()[0]
    for variable in method.generator.identity.weights:
        variable.assign(0.9 * variable)
    requests = [Request(seed=seed, strength=strength) for seed in (3, 4) for strength in (None, 0.5)]
    fast = [method.translate(picture, request).numpy() for request in requests]
    assert all(not np.array_equal(*two) for two in combinations(fast, 2))
    monkeypatch.setattr(Graph, "__call__", layer_by_layer)
    slow = [method.translate(picture, request).numpy() for request in requests]
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one, other, atol=CLOSE)


@pytest.mark.parametrize("kind", ["gan", "adain"])
def test_a_graph_paints_with_the_weights_of_now(kind, tmp_path):
    method, other, (picture, _) = method_of(kind, tmp_path), method_of(kind, tmp_path), pictures()
    request = plain_request(method)
    before = method.translate(picture, request).numpy()
    for one in (method, other):
        one.step_at(2)(smooth_batch())
    after = method.translate(picture, request).numpy()
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(after, other.translate(picture, request).numpy())


def test_one_trace_does_for_all_sizes_and_options_have_their_own():
    traces = []

    def function(images, factor=1):
        traces.append((images.shape.as_list(), factor))
        return factor * images

    graph = Graph(function)
    for side in range(5, 9):
        assert graph(tf.ones((1, side, 2 * side, 3))).shape == (1, side, 2 * side, 3)
    assert float(tf.reduce_max(graph(tf.ones((1, 5, 5, 3)), factor=2))) == 2
    graph(tf.ones((2, 5, 5, 3)))
    assert traces == [([1, None, None, 3], 1), ([1, None, None, 3], 2), ([2, None, None, 3], 1)]


def test_it_runs_in_the_thread_that_asks():
    def noted(number):
        ran.append(threading.get_ident())
        return number

    def function(images):
        with tf.control_dependencies([tf.nn.conv2d(images, tf.ones((3, 3, 3, 1)), 1, "SAME")]):
            return images + tf.numpy_function(noted, [np.float32(1)], tf.float32)

    ran: list[int] = []
    graph, asked = Graph(function), []

    def ask():
        asked.append(threading.get_ident())
        graph(tf.ones((1, 8, 8, 3)))

    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert ran == asked
