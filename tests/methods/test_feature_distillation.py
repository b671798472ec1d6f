"""Distillation: components are those of the pictures, the student learns them, a bank is its network."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from gan_style.features.backbones import refuse_training_features
from gan_style.features.distilled import Distilled
from gan_style.features.random_encoder import RandomEncoder
from gan_style.losses import perceptual
from gan_style.methods.base.components import Components, varimax
from gan_style.methods.base.encoder import Encoder
from gan_style.methods.feature_distillation import levels
from gan_style.networks.student import arrays_of, build_student
from gan_style.system.disk import file_sha256
from gan_style.system.errors import UserError
from tests.methods.test_methods import method_of, smooth_batch

LEARNING = ("train.steps=1000", "method.filters=[8,12]", "method.optimizer.learning_rate=5e-3")


def features_of(rng, mixing) -> tf.Tensor:
    """Maps (2, 16, 16, 6) with three directions in them."""
    hidden = rng.uniform(0, 1, (2, 16, 16, 3)) * [3.0, 1.0, 0.3]
    return tf.constant(hidden @ mixing, tf.float32)


def test_components_hold_grams_and_variance(rng):
    mixing = np.linalg.qr(rng.standard_normal((6, 6)))[0][:3]
    batches = [{"layer": features_of(rng, mixing)} for _ in range(4)]
    components = Components({"layer": 6}, {"layer": 3})
    components.measure(batches)
    basis = components.bases["layer"].numpy()
    np.testing.assert_allclose(basis.T @ basis, np.eye(3), atol=1e-5)
    assert float(components.kept["layer"]) == pytest.approx(1, abs=1e-5)
    found = components.of(batches[0])["layer"]
    np.testing.assert_allclose(found @ basis.T, batches[0]["layer"], atol=1e-4)
    every = np.concatenate([one["layer"].numpy() for one in batches])
    assert float(components.variances["layer"]) == pytest.approx(every.var((0, 1, 2)).sum(), rel=1e-3)
    seen = [
        perceptual.squared_norms(perceptual.gram(components.of(one)["layer"], "normalised"))
        for one in batches
    ]
    assert float(components.gram_norms["layer"]) == pytest.approx(np.sqrt(np.mean(seen)), rel=1e-4)


def test_the_strongest_come_first_and_what_is_left_out_is_told(rng):
    mixing = np.linalg.qr(rng.standard_normal((6, 6)))[0][:3]
    components = Components({"layer": 6}, {"layer": 2})
    components.measure([{"layer": features_of(rng, mixing)} for _ in range(4)])
    assert 0.9 < float(components.kept["layer"]) < 0.999
    energy = [
        float(tf.reduce_mean(column**2))
        for column in tf.unstack(components.of({"layer": features_of(rng, mixing)})["layer"], axis=-1)
    ]
    assert energy[0] > 3 * energy[1]


def test_the_student_halves_as_the_teacher_does():
    outputs = build_student([5, 7], [4, 6])(tf.zeros((1, 33, 46, 3)))
    assert {name: tuple(one.shape) for name, one in outputs.items()} == {
        "level0": (1, 33, 46, 5),
        "level1": (1, 16, 23, 7),
        "picture": (1, 33, 46, 3),
    }


def test_the_student_learns_what_the_components_are(tmp_path):
    method, batch = method_of("feature_distillation", tmp_path, *LEARNING), smooth_batch()
    method.measure([batch])
    wanted = method.components.of(method.teacher(batch.source))

    def missed() -> dict[str, float]:
        told = method.in_units(method.student(batch.source))
        pairs = {layer: (told[layer], wanted[layer]) for layer in method.levels}
        return {
            layer: float(
                tf.reduce_mean(tf.reduce_sum((one - other) ** 2, -1)) / method.components.variances[layer]
            )
            for layer, (one, other) in pairs.items()
        }

    before, step = missed(), tf.function(method.step, autograph=False)
    for _ in range(150):
        step(batch)
    for layer, share in missed().items():
        assert share < 0.3 < before[layer]


def packed(folder, arrays):
    """As `gan-style pack` leaves a bank."""
    np.savez(folder / "features.npz", **arrays)
    hashes = {"features.npz": file_sha256(folder / "features.npz")}
    (folder / "card.json").write_text(json.dumps({"sha256": hashes}))
    return str(folder)


def test_a_bank_is_the_students_network_in_the_teachers_units(tmp_path):
    method, batch = method_of("feature_distillation", tmp_path, *LEARNING), smooth_batch()
    method.measure([batch])
    told = method.in_units(method.student(batch.source))
    bank = Distilled(weights=packed(tmp_path, method.bank_arrays()))
    rotations = method.components.rotations()
    for maps, layer, rotation in zip(bank(batch.source).values(), method.levels, rotations, strict=True):
        np.testing.assert_allclose(maps, told[layer] @ rotation.astype(np.float32), atol=1e-4)
    # Neither the teacher nor another network with its filters may judge what was trained with the bank.
    judge = SimpleNamespace(name="judge", arrays=method.teacher.bank.arrays, fingerprint=lambda: "")
    with pytest.raises(UserError, match=r"backbone judge .*\(Distilled\), or that one's teacher"):
        refuse_training_features(judge, [bank])
    judge.arrays = RandomEncoder(levels=2, filters=4, seed=9).arrays
    refuse_training_features(judge, [bank])


def test_varimax_finds_the_channels_of_which_directions_are_mixtures(rng):
    channels = np.eye(9)[:, [1, 4, 7]]
    mixed = channels @ np.linalg.qr(rng.standard_normal((3, 3)))[0]
    rotation = varimax(mixed)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-10)
    found = np.abs(mixed @ rotation)
    np.testing.assert_allclose(np.sort(found[[1, 4, 7]], axis=None), [0] * 6 + [1] * 3, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda arrays: arrays.pop("hidden1/kernel"), "no array 'hidden1/kernel'"),
        (lambda arrays: arrays.update({"level0/bias": np.zeros(4, np.float32)}), "'level0/bias' has shape"),
        (lambda arrays: arrays.update({"hidden0/kernel": np.full((3, 3, 3, 4), np.nan)}), "finite"),
        (lambda arrays: arrays.update({"hidden0/kernel": np.array(["a"] * 3)}), "finite"),
        (lambda arrays: arrays.update({"hidden0/kernel": np.array([{}])}), "no readable .npz"),
        (lambda arrays: arrays.clear(), "no array 'level0/kernel'"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, change, complaint):
    arrays = arrays_of(build_student([5, 7], [4, 6]))
    change(arrays)
    with pytest.raises(UserError, match=complaint):
        Distilled(weights=packed(tmp_path, arrays))


def test_a_file_that_is_not_the_cards_is_refused(tmp_path):
    folder = packed(tmp_path, arrays_of(build_student([5, 7], [4, 6])))
    file = tmp_path / "features.npz"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match=r"features\.npz: damaged"):
        Distilled(weights=folder)
    (tmp_path / "card.json").unlink()
    with pytest.raises(UserError, match="expected a folder with features"):
        Distilled(weights=folder)


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        (
            "method.filters=[8]",
            r"method\.filters: one number for each .* layers: layer1, layer2",
        ),
        ("method.components=[4,999]", r"method\.components: layer2 has \d+ channels, not 999"),
    ],
)
def test_widths_go_with_the_teachers_layers(tmp_path, override, complaint):
    with pytest.raises(UserError, match=complaint):
        method_of("feature_distillation", tmp_path, override)


def test_a_teacher_needs_a_layer_at_each_size():
    class Gap(RandomEncoder):
        def __call__(self, images):
            maps = super().__call__(images)
            return {name: maps[name] for name in ("layer1", "layer3")}

    with pytest.raises(UserError, match=r"one layer at each size.*layer3 1/4"):
        levels(Encoder(lambda: Gap(levels=3, filters=4)))
