"""Compression: terms by their formulas, a teacher that stays as it is, a student that paints alone."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
import yaml
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.losses.similarity import structural_dissimilarity
from gan_style.metrics.fidelity import ssim
from gan_style.system.errors import UserError
from gan_style.training import checkpoints
from gan_style.training.build import build_method
from gan_style.training.load import load_method
from tests.methods.by_numpy import close, l1, numbers
from tests.methods.small_methods import recipe, small_teacher
from tests.methods.test_methods import method_of, plain_request, smooth_batch

TOLD = {"seconds": 0, "figures": {}, "config": {}, "identity": {"threads": 2}}
DABS = "method.generator_input={dabs: {widths: [8, 4]}, input_blur: 1}"


@pytest.fixture
def method(tmp_path):
    return method_of("compression", tmp_path)


def gram(features) -> np.ndarray:
    flat = np.asarray(features, np.float64).reshape(len(features), -1, features.shape[-1])
    return np.einsum("npc,npd->ncd", flat, flat) / (flat.shape[1] * flat.shape[2])  # pixels times channels


def cells(features) -> list[np.ndarray]:
    """Of all pictures the sixteenths, row by row."""
    rows = np.split(np.asarray(features), 4, axis=1)
    return [cell for row in rows for cell in np.split(row, 4, axis=2)]


def test_dissimilarity_is_that_of_the_metric(rng):
    fake, other = rng.integers(0, 256, (2, 3, 24, 20, 3), np.uint8)
    other = (0.5 * other + 0.5 * fake).astype(np.uint8)
    found = structural_dissimilarity(*(tf.constant(one / 127.5 - 1, tf.float32) for one in (fake, other)))
    # The metric sees only windows that fit; here the borders count like everything else.
    wide = [np.pad(one, [(0, 0), (5, 5), (5, 5), (0, 0)], mode="reflect") for one in (fake, other)]
    expected = 1 - np.mean([ssim(*pair) for pair in zip(*wide, strict=True)])
    assert float(found) == pytest.approx(expected, abs=1e-4)
    white = tf.ones((1, 16, 16, 3))
    assert float(structural_dissimilarity(white, white, 4)) == pytest.approx(0, abs=1e-6)


def test_with_a_gain_colours_count_for_more_and_brightness_for_what_it_did(rng):
    grey, other = np.repeat(rng.uniform(-0.5, 0.5, (2, 1, 24, 24, 1)), 3, axis=-1).astype(np.float32)
    tinted = grey + 0.02 * rng.normal(size=(1, 24, 24, 3)).astype(np.float32)
    plain, strong = (
        [float(structural_dissimilarity(grey, one, gain)) for one in (other, tinted)] for gain in (1, 4)
    )
    assert strong[0] == pytest.approx(plain[0], abs=1e-4)
    assert strong[1] > 3 * plain[1]


def test_terms_of_pictures_match_their_formulas(tmp_path):
    weights = "method.weights={l1: 1, ssim: 1, features: 1, style: 1, total_variation: 1, channels: 0}"
    method = method_of("compression", tmp_path, weights, "method.colour_gain=2")
    fake, wanted = (np.asarray(smooth_batch(seed).source) for seed in (1, 2))
    strong = [2 * one - one.mean(-1, keepdims=True) for one in (fake, wanted)]
    of_fake, of_wanted = (method.frozen.bank(tf.constant(one)) for one in strong)
    pairs = [(of_fake[layer], of_wanted[layer]) for layer in of_fake]
    # Before it is measured, the unit of Grams is 1.
    distances = [
        np.sqrt(((gram(a) - gram(b)) ** 2).sum((1, 2)) + 1e-12).mean()
        for pair in pairs
        for a, b in zip(*map(cells, pair), strict=True)
    ]
    slopes = [np.abs(np.diff(fake, axis=axis)).mean() for axis in (1, 2)]
    expected = {
        "l1": l1(fake, wanted),
        "ssim": float(structural_dissimilarity(fake, wanted, 2)),
        "features": np.mean([l1(*pair) for pair in pairs]),
        "style": np.mean(distances),
        "total_variation": sum(slopes),
    }
    close(numbers(method.picture_terms(fake, wanted)), expected)


def test_channels_are_compared_by_their_means_through_an_adaptor(method):
    source = smooth_batch().source
    wanted, features = method.teacher(source)
    _, own = method.student(source, training=True)
    kernel, bias = (np.asarray(one, np.float64) for one in method.adaptors[0].weights)
    strengths = [np.asarray(one, np.float64).mean((1, 2)) for one in (own, features[0])]
    expected = np.square(strengths[0] @ kernel + bias - strengths[1]).mean()
    found = method.terms(source, wanted, features)["channels"]
    assert expected > 1e-4
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_the_teacher_is_the_run_and_stays_as_it_is(method):
    run = load_method(Run(small_teacher()))[0]
    before = [weight.numpy() for weight in method.teacher.network.weights]
    for old, trained in zip(before, run.generator.ema.network.weights, strict=True):
        np.testing.assert_array_equal(old, trained)
    assert len(before) == len(method.generator.network.weights)
    taught = {id(weight) for weight in method.teacher.network.weights}
    assert not taught & {id(variable) for variable in method.player.variables}
    for _ in range(2):
        method.step(smooth_batch())
    for old, weight in zip(before, method.teacher.network.weights, strict=True):
        np.testing.assert_array_equal(old, weight)


def test_both_see_the_same_dabs(tmp_path):
    """The teacher's own network in the student's place then has nothing to learn."""
    teacher = with_teacher(tmp_path, DABS)
    method = method_of(
        "compression", tmp_path, DABS, f"method.teacher={teacher}", "method.generator.filters=4"
    )
    method.generator.network.set_weights(method.teacher.network.get_weights())
    told = numbers(method.step_at(2)(smooth_batch())["generator"])
    assert told["ssim"] == pytest.approx(0, abs=1e-5)
    assert told["features"] == pytest.approx(0, abs=1e-6)
    # Dabs are random: of two draws of them pictures differ.
    seen = []
    method.teacher = lambda pictures: (seen.append(pictures), (pictures, [tf.zeros((2, 8, 8, 16))]))[1]
    for _ in range(2):
        method.step(smooth_batch())
    assert np.abs(seen[0] - seen[1]).max() > 0.01


def with_teacher(tmp_path, *overrides):
    """A run folder like `small_teacher`'s, of another recipe."""
    folder = tmp_path / "teacher"
    folder.mkdir()
    path = folder / "config.yaml"
    path.write_text(recipe("gan", "a", "b"))
    config = load(path, Experiment, overrides).config
    path.write_text(yaml.safe_dump(config.model_dump(mode="json")))
    method = build_method(config, seed=7)
    checkpoints.save(method, folder / "checkpoints", 6, **TOLD)
    return folder


def test_a_student_paints_where_its_teacher_is_gone(tmp_path):
    teacher = tmp_path / "teacher"
    shutil.copytree(small_teacher(), teacher)
    run = Run(tmp_path / "student")
    run.folder.mkdir()
    run.config.write_text(recipe("compression", "a", "b").replace(str(small_teacher()), str(teacher)))
    method = build_method(load(run.config, Experiment).config, seed=0)
    method.step_at(2)(smooth_batch())
    checkpoints.save(method, run.checkpoints, 6, **TOLD)
    shutil.rmtree(teacher)
    alone = load_method(run)[0]
    picture = smooth_batch().source[:1]
    np.testing.assert_array_equal(
        alone.translate(picture, plain_request(alone)), method.translate(picture, plain_request(method))
    )
    with pytest.raises(UserError, match="teacher"):
        build_method(load(run.config, Experiment).config, seed=0)


def test_check_says_which_line_names_a_teacher_that_is_not_there(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe("compression", "a", "b").replace(str(small_teacher()), "nowhere"))
    told = CliRunner().invoke(main, ["check", str(path)]).output
    assert f"{path}:3" in told
    assert "method.teacher: there is no run folder nowhere" in told


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        ((f"method.teacher={__file__}",), "is no run folder"),
        (("method.teacher=included/nothing",), "nothing of this name"),
        (("method.generator_input.input_blur=1",), "not the one that method.teacher was trained with"),
        (("method.generator.noise_channels=2",), "noise_channels: the teacher has 0, not 2"),
        (("method.generator.blocks=0",), "weights.channels"),
    ],
)
def test_what_cannot_be_taught_is_refused(overrides, complaint, tmp_path):
    with pytest.raises(UserError, match=complaint):
        method_of("compression", tmp_path, *overrides)


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("adain", "does not paint in one pass"),
        pytest.param("multistyle", "several styles", marks=pytest.mark.slow),
    ],
)
def test_who_cannot_teach_is_refused(kind, complaint, tmp_path):
    with pytest.raises(UserError, match=complaint):
        method_of("compression", tmp_path, f"method.teacher={small_teacher(kind)}")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cyclegan", "cut", "cartoon", "deconvnet", "feedforward", "pix2pix"])
def test_every_painter_of_one_style_teaches(kind, tmp_path):
    more = ("method.weights.channels=0",) if kind == "pix2pix" else ()
    method = method_of("compression", tmp_path, f"method.teacher={small_teacher(kind)}", *more)
    assert np.isfinite(numbers(method.step_at(2)(smooth_batch())["generator"])["total"])
