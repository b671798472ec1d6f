"""CycleGAN: every term of both directions against NumPy, and each direction logged apart."""

import pytest

from tests.methods.by_numpy import close, l1, lsgan, numbers
from tests.methods.test_methods import method_of, smooth_batch


def test_the_terms_of_both_directions(tmp_path):
    one, batch = method_of("cyclegan", tmp_path, "method.pool_size=0"), smooth_batch()
    forth, back = one.source_to_target, one.target_to_source
    fake_target, fake_source = forth(batch.source), back(batch.target)
    expected = {
        "G_AB": {
            "adversarial": lsgan(one.target_discriminator.network(fake_target), 1),
            "cycle": l1(back(fake_target), batch.source),
            "identity": l1(forth(batch.target), batch.target),
        },
        "G_BA": {
            "adversarial": lsgan(one.source_discriminator.network(fake_source), 1),
            "cycle": l1(forth(fake_source), batch.target),
            "identity": l1(back(batch.source), batch.source),
        },
    }
    total = sum(
        terms["adversarial"] + 10 * terms["cycle"] + 5 * terms["identity"] for terms in expected.values()
    )
    logits = {
        "D_A": (
            one.source_discriminator.network(batch.source),
            one.source_discriminator.network(fake_source),
        ),
        "D_B": (
            one.target_discriminator.network(batch.target),
            one.target_discriminator.network(fake_target),
        ),
    }
    metrics = one.step(batch)
    for direction, terms in expected.items():
        close(numbers(metrics[direction]), terms)
    assert float(metrics["generators"]["total"]) == pytest.approx(total, rel=1e-5)
    for name, (real, fake) in logits.items():
        close(numbers(metrics[name]), {"adversarial": 0.5 * (lsgan(real, 1) + lsgan(fake, 0))})


def test_a_collapse_of_one_direction_shows_in_its_own_log(tmp_path):
    one, batch = method_of("cyclegan", tmp_path, "method.pool_size=0"), smooth_batch()
    before = one.step(batch)
    last = [layer for layer in one.target_to_source.layers if layer.weights][-1]
    last.bias.assign(last.bias + 50)  # white, whatever it is shown
    after = one.step(batch)
    assert float(after["G_BA"]["identity"]) > 3 * float(before["G_BA"]["identity"])
    assert float(after["G_AB"]["identity"]) < 1.5 * float(before["G_AB"]["identity"])
