"""The encoder-deconvolution network: its energy of two terms."""

import numpy as np
import pytest

from gan_style.losses import perceptual
from gan_style.losses.statistics import statistics_distance
from tests.methods.test_methods import method_of, smooth_batch


@pytest.mark.parametrize("statistics", ["relative", "normalised", "johnson", "moments"])
def test_it_adds_statistics_of_the_style_and_the_squared_difference(tmp_path, statistics):
    one, batch = method_of("deconvnet", tmp_path, f"method.statistics={statistics}"), smooth_batch()
    one.prepare()
    one.style.measure([batch.target])
    terms = {name: float(value) for name, value in one.terms(batch.source, batch.target).items()}
    fake = one.generator.network(batch.source, training=True)
    bank = one.style_features
    if statistics == "moments":
        style = statistics_distance(bank(fake), bank(batch.target), in_common=True)
    else:
        style = perceptual.style_in_common(bank(fake), bank(batch.target), statistics, one.style.scale)
    np.testing.assert_allclose(terms["style"], float(style), rtol=1e-3)
    np.testing.assert_allclose(terms["mse"], np.square(fake.numpy() - batch.source.numpy()).mean(), rtol=1e-4)
