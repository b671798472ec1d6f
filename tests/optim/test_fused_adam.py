import keras
import numpy as np
import tensorflow as tf

from gan_style.optim.fused_adam import FusedAdam
from gan_style.optim.schedules import LinearDecay


def test_adam_is_that_of_keras(rng):
    start = rng.normal(size=(5, 4)).astype(np.float32)
    gradients = rng.normal(size=(30, 5, 4)).astype(np.float32)
    reached = []
    for kind in (FusedAdam, keras.optimizers.Adam):
        variable = keras.Variable(start)
        optimizer = kind(LinearDecay(1e-2, 0.5, 30), 0.5, 0.999, epsilon=1e-8)
        optimizer.build([variable])
        for gradient in gradients:
            optimizer.apply_gradients([(tf.constant(gradient), variable)])
        reached.append([variable.numpy(), *(np.asarray(value) for value in optimizer.variables)])
    for fused, plain in zip(*reached, strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-4, atol=1e-7)
