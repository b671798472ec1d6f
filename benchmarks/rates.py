"""What this machine multiplies at best in TensorFlow: large matrix products and wide convolutions."""

import tensorflow as tf

from benchmarks.timing import CHANNELS, SIDE, SQUARE, median_seconds


def tensorflow_rates(precision: str) -> dict[str, float]:
    """Multiplications and additions a second, by what was computed."""
    kind = "bfloat16" if precision == "mixed_bfloat16" else "float32"

    def normal(*shape: int) -> tf.Tensor:
        return tf.cast(tf.random.stateless_normal(shape, (1, 2)), kind)

    matrix, maps = normal(SQUARE, SQUARE), normal(1, SIDE, SIDE, CHANNELS)
    kernel = normal(3, 3, CHANNELS, CHANNELS)
    # Sums, so that nothing large has to be brought out of the graph.
    multiply = tf.function(lambda: tf.reduce_sum(tf.matmul(matrix, matrix)), autograph=False)
    convolve = tf.function(lambda: tf.reduce_sum(tf.nn.conv2d(maps, kernel, 1, "SAME")), autograph=False)
    return {
        "matrix product": 2 * SQUARE**3 / median_seconds(lambda: float(multiply())),
        "convolution": 2 * 9 * CHANNELS**2 * SIDE**2 / median_seconds(lambda: float(convolve())),
    }
