"""What holds for every method: finite terms, who moves, learning, exact resume, any size, both precisions."""

import json
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.config.load import load
from gan_style.data.batches import Batch
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.methods import METHODS, Request
from gan_style.optim.player import compiled
from gan_style.system.errors import UserError
from gan_style.training import loop as training
from gan_style.training.build import build_method
from tests.methods.small_methods import ADVERSARIAL, DECODERS, ONE_PICTURE, SMALL, WITH_GENERATOR, recipe

every_method = pytest.mark.parametrize("kind", SMALL)
every_generator = pytest.mark.parametrize("kind", WITH_GENERATOR)
every_adversarial = pytest.mark.parametrize("kind", ADVERSARIAL)


def all_but(*slow: str):
    """Every method; these run with the slow tests."""
    kinds = [pytest.param(name, marks=[pytest.mark.slow] * (name in slow)) for name in SMALL]
    return pytest.mark.parametrize("kind", kinds)


# The long trials of fastcut are those of cut, and gan has its own elsewhere.
each_once = all_but("fastcut", "gan")
# What these keep beside weights and optimizers, others keep too; tests/training/test_training.py resumes gan.
each_state_once = all_but(
    "fastcut", "gan", "cartoon", "deconvnet", "adain", "pix2pix", "feedforward", "inverse_decoder"
)
# Identity phases are one class for all: tried with a discriminator, with pairs, and with neither.
STRENGTHS = ("gan", "pix2pix", "feedforward")
TOLERANCE = 0.03  # of the weighted total in the first step, between bfloat16 and float32


def method_of(kind, tmp_path, *overrides):
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe(kind, "a", "b"))
    keras.utils.set_random_seed(0)
    return build_method(load(path, Experiment, overrides).config, seed=0)


def smooth_batch(seed: int = 0) -> Batch:
    """Random but smooth pictures: a network can learn them."""
    coarse = tf.random.stateless_uniform((4, 5, 5, 3), (seed, 1), -0.9, 0.9)
    return Batch(
        *tf.split(tf.image.resize(coarse, (32, 32), "bicubic"), 2), style=tf.constant([0, 1], tf.int64)
    )


def plain_request(method) -> Request:
    """The least that a method has to be told."""
    style = np.random.default_rng(5).uniform(-1, 1, (20, 31, 3)).astype(np.float32)
    return method.default_request(3, style_image=style)


def state(method) -> dict[str, list[np.ndarray]]:
    return {
        name: [weight.numpy().copy() for weight in network.trainable_variables]
        for name, network in method.networks.items()
    }


def moved(before, after) -> set[str]:
    return {
        name
        for name in before
        if any(np.abs(old - new).max() > 1e-12 for old, new in zip(before[name], after[name], strict=True))
    }


def test_every_kind_is_tried():
    assert set(SMALL) | set(ONE_PICTURE) == set(METHODS)


@every_method
def test_terms_are_finite_and_named_like_their_weights(kind, tmp_path):
    method = method_of(kind, tmp_path)
    metrics = method.step(smooth_batch())
    for player, terms in metrics.items():
        for name, value in terms.items():
            assert np.isfinite(float(value)), f"{player}/{name}"
    named = {name for terms in metrics.values() for name in terms} - {"total", "gradient_norm"}
    assert named == {name for name, weight in method.weights.items() if weight}


@every_generator
def test_a_step_moves_every_network_and_an_identity_warmup_step_only_generators(kind, tmp_path):
    method = method_of(kind, tmp_path)
    generators = {
        name for name in method.networks if "discriminator" not in name and name not in ("heads", "attention")
    }
    before = state(method)
    method.step_at(0)(smooth_batch())
    warm = state(method)
    assert moved(before, warm) == generators
    method.step_at(2)(smooth_batch())
    assert moved(warm, state(method)) == set(before)


def is_discriminator(player) -> bool:
    return player == "discriminator" or player.startswith("D_")


def is_fooling(player, terms) -> bool:
    return "adversarial" in terms and not is_discriminator(player)


@every_adversarial
def test_no_player_moves_another(kind, tmp_path):
    """With its learning rate at (almost) nothing, a player stays where it is while the others move."""
    for frozen in ("generator", "discriminator"):
        method = method_of(kind, tmp_path, f"method.{frozen}_optimizer={{learning_rate: 1e-30}}")
        before = state(method)
        method.step_at(2)(smooth_batch())
        still = {name for name in before if ("discriminator" in name) == (frozen == "discriminator")}
        assert moved(before, state(method)) == set(before) - still


@all_but("fastcut", "gan", "compression")
def test_it_overfits_one_batch(kind, tmp_path):
    rate = f"method.{'optimizer' if kind in DECODERS else 'generator_optimizer'}.learning_rate=5e-3"
    still = ("method.discriminator_optimizer={learning_rate: 1e-30}",) if kind in ADVERSARIAL else ()
    method = method_of(kind, tmp_path, *still, "train.steps=1000", rate)
    step, batch = compiled(method.step_at(2)), smooth_batch()
    first = None
    for _ in range(160):
        metrics = step(batch)
        totals = [
            terms["total"]
            for player, terms in metrics.items()
            if not is_discriminator(player) and "total" in terms
        ]
        total = float(sum(totals))
        # To fool the frozen discriminator is no goal that could be reached.
        fooling = [terms["adversarial"] for player, terms in metrics.items() if is_fooling(player, terms)]
        loss = total - float(method.weights.get("adversarial", 0) * sum(fooling))
        first = loss if first is None else first
        if loss < 0.75 * first:
            return
    pytest.fail(f"the loss went from {first:.3f} to {loss:.3f} and never below three quarters")


@each_state_once
@pytest.mark.usefixtures("untraced")
def test_interrupted_and_resumed_gives_the_same_weights(kind, tmp_path, pictures, monkeypatch):
    path = tmp_path / "small.yaml"
    path.write_text(recipe(kind, pictures("photos"), pictures("paintings")))
    # Each kind of step takes long to trace.
    small = read_recipe(str(path), None, ("method.identity_warmup=0",) if kind in WITH_GENERATOR else ())
    hashes = []
    for name in ("straight", "stopped"):
        run, tell = Run(tmp_path / "runs" / name), training.tell

        def stop_at_3(session, state, *rest, tell=tell):
            tell(session, state, *rest)
            if state.step == 3:
                signal.raise_signal(signal.SIGTERM)

        if name == "stopped":
            monkeypatch.setattr(training, "tell", stop_at_3)
            assert training.train(small, 0, run) == 143
            assert run.summary()["step"] == 3
            monkeypatch.setattr(training, "tell", tell)
        assert training.train(small, 0, run) == 0
        hashes.append(run.summary()["weights_sha256"])
        manifest = json.loads((run.checkpoints / "step-00000006" / "manifest.json").read_text())
        assert manifest["method"]["kind"] == kind
    assert hashes[0] == hashes[1]


@every_method
def test_it_paints_any_size_the_same_twice_and_leaves_no_trace(kind, tmp_path):
    method = method_of(kind, tmp_path)
    before = [np.asarray(variable) for group in method.training_state().values() for variable in group]
    for height, width in ((32, 32), (97, 131)):
        picture = tf.random.stateless_uniform((1, height, width, 3), (1, 2), -1, 1)
        request = plain_request(method)
        painted, again = (np.asarray(method.translate(picture, request)) for _ in range(2))
        assert painted.shape == (1, height, width, 3)
        assert np.isfinite(painted).all()
        np.testing.assert_array_equal(painted, again)
    after = [np.asarray(variable) for group in method.training_state().values() for variable in group]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


@every_method
def test_precisions_agree_in_the_first_step(kind, tmp_path):
    totals = []
    for policy in ("float32", "mixed_bfloat16"):
        keras.mixed_precision.set_global_policy(policy)
        method = method_of(kind, tmp_path)
        assert all(
            variable.dtype == "float32"
            for network in method.networks.values()
            for variable in network.trainable_variables
        )
        metrics = method.step_at(2)(smooth_batch())
        totals.append([float(terms["total"]) for terms in metrics.values() if "total" in terms])
    np.testing.assert_allclose(totals[0], totals[1], rtol=TOLERANCE)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(name, marks=pytest.mark.slow) if name not in STRENGTHS else name
        for name in WITH_GENERATOR
    ],
)
def test_strength_0_is_the_photo_and_more_strength_is_more_change(kind, tmp_path):
    phases = (
        "train.steps=200",
        "method.identity_warmup=0",
        "method.identity_finetune=0.8",
        "method.ema_decay=0",
    )
    method, batch = method_of(kind, tmp_path, *phases), smooth_batch()
    steps = {step: compiled(step) for step in (method.step, method.identity.identity_finetune)}
    for number in range(200):
        steps[method.step_at(number)](batch)
    painted = {
        s: np.asarray(method.translate(batch.source, Request(strength=s))) for s in (None, 0.0, 0.3, 0.6, 1.0)
    }
    changes = [float(np.mean(np.square(painted[s] - batch.source.numpy()))) for s in (0.0, 0.3, 0.6, 1.0)]
    assert 10 * np.log10(4 / changes[0]) > 40
    assert changes == sorted(changes)
    np.testing.assert_allclose(painted[1.0], painted[None], atol=1e-4)
    cross_fade = (painted[0.0] + painted[1.0]) / 2
    half = np.asarray(method.translate(batch.source, Request(strength=0.5)))
    assert np.abs(half - cross_fade).mean() > 0.02 * np.abs(painted[1.0] - painted[0.0]).mean()


@every_generator
def test_identity_finetuning_leaves_the_finished_generator_alone(kind, tmp_path):
    method, batch = method_of(kind, tmp_path), smooth_batch()
    method.step_at(2)(batch)
    before = state(method), np.asarray(method.translate(batch.source, Request()))
    method.step_at(5)(batch)
    assert moved(before[0], state(method)) == set()
    np.testing.assert_array_equal(np.asarray(method.translate(batch.source, Request())), before[1])
    half = np.asarray(method.translate(batch.source, Request(strength=0.5)))
    assert np.abs(half - before[1]).max() > 1e-6, "and another painter is asked at half the strength"


@every_generator
def test_strength_is_refused_without_identity_finetuning(kind, tmp_path):
    source = smooth_batch().source
    with pytest.raises(UserError, match="was not finetuned to the identity"):
        method_of(kind, tmp_path, "method.identity_finetune=0").translate(source, Request(strength=0.5))
    with pytest.raises(UserError, match="this checkpoint lies before them"):
        method_of(kind, tmp_path).translate(source, Request(strength=0.5))
