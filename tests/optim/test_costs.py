"""What a step costs, against what the shapes say."""

import pytest
import tensorflow as tf
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.optim.costs import DEVICES, Costs, costs_of, least_seconds

PICTURES = tf.TensorSpec((2, 16, 16, 3), tf.float32)
CONVOLUTION = 2 * 16 * 16 * (3 * 3 * 3) * 8  # places of both pictures, times the kernel


def test_convolutions_and_their_gradients_are_counted():
    kernel = tf.Variable(tf.ones((3, 3, 3, 8)))

    def forward(pictures):
        return tf.nn.conv2d(pictures, kernel, 1, "SAME")

    def learn(pictures):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            total = tf.reduce_sum(tf.square(forward(pictures)))
        return tape.gradient(total, [kernel, pictures])

    assert costs_of(forward, PICTURES).multiply_adds == CONVOLUTION
    assert costs_of(learn, PICTURES).multiply_adds == 3 * CONVOLUTION
    made = 2 * 16 * 16 * 8 * 4
    assert costs_of(forward, PICTURES).moved == made + 2 * 16 * 16 * 3 * 4 + 3 * 3 * 3 * 8 * 4


def test_depthwise_convolutions_and_their_gradients_are_counted():
    kernel = tf.Variable(tf.ones((3, 3, 3, 1)))

    def learn(pictures):
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            total = tf.reduce_sum(tf.square(tf.nn.depthwise_conv2d(pictures, kernel, [1] * 4, "SAME")))
        return tape.gradient(total, [kernel, pictures])

    assert costs_of(learn, PICTURES).multiply_adds == 3 * (2 * 16 * 16 * 3) * 9


@pytest.mark.parametrize("turned", [False, True])
def test_matrix_products_are_counted(turned):
    def product(one):
        return tf.matmul(one, tf.ones((2, 5, 7)), transpose_a=turned)

    shape = (2, 5, 3) if turned else (2, 3, 5)
    assert costs_of(product, tf.TensorSpec(shape, tf.float32)).multiply_adds == 2 * 3 * 5 * 7


def test_a_device_is_as_slow_as_its_slower_side():
    device = DEVICES["a100"]
    assert least_seconds(Costs(156 * 10**12, 0, 0), device, "mixed_bfloat16") == pytest.approx(1.0)
    assert least_seconds(Costs(0, 1555 * 10**9, 0), device, "mixed_bfloat16") == pytest.approx(1.0)
    assert least_seconds(Costs(10**12, 0, 0), device, "float32") > 0.1


def test_check_says_what_a_gpu_could_do_at_best(small_recipe):
    told = CliRunner().invoke(main, ["check", str(small_recipe), "--device", "t4"]).output
    assert "a step on one t4, float32" in told
    assert "G multiply-adds" in told
    assert "no less than" in told
    assert "fit into 16" in told
    wrong = CliRunner().invoke(main, ["check", str(small_recipe), "--device", "moon"])
    assert wrong.exit_code == 2
    assert "--device moon: known are t4, v100" in wrong.output
