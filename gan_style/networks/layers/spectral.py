"""Spectral normalisation (Miyato et al. 2018)."""

import keras
from keras import ops

from gan_style.networks.layers.convolutions import Conv2D
from gan_style.system.tensor import Tensor


@keras.saving.register_keras_serializable("gan_style")
class SpectralConv2D(Conv2D):
    """A convolution by kernel / sigma, sigma being the kernel's largest singular value (Miyato et al. 2018).

    The kernel itself stays untouched. `power_iterate` refines the estimate; call it once per update of
    the discriminator, so that real and fake images meet the same weights.
    """

    def build(self, shape: tuple) -> None:
        super().build(shape)
        options = {"initializer": "random_normal", "trainable": False}
        self.left = self.add_weight(name="left", shape=(1, self.filters), **options)

    def power_iterate(self) -> None:
        self.left.assign(self._singular_vectors(self.kernel)[0])

    def _singular_vectors(self, kernel: Tensor) -> tuple[Tensor, Tensor]:
        matrix = ops.reshape(ops.cast(kernel, "float32"), (-1, self.filters))
        right = ops.normalize(ops.matmul(self.left, ops.transpose(matrix)), axis=-1)
        return ops.normalize(ops.matmul(right, matrix), axis=-1), right

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        matrix = ops.reshape(ops.cast(kernel, "float32"), (-1, self.filters))
        left, right = (ops.stop_gradient(vector) for vector in self._singular_vectors(kernel))
        sigma = ops.sum(ops.matmul(right, matrix) * left)
        return super().convolution_op(inputs, kernel / ops.cast(sigma, kernel.dtype))


def power_iterate(network: keras.Model) -> None:
    """Refine every spectral norm of a network by one power iteration."""
    for layer in network.layers:
        if isinstance(layer, SpectralConv2D):
            layer.power_iterate()
