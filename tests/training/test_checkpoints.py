"""Complete, hashed, atomic: what comes back is what was written, or an error."""

import numpy as np
import pytest
import tensorflow as tf

from gan_style.config.load import load
from gan_style.experiment import saved
from gan_style.experiment.recipe import Experiment
from gan_style.system.errors import RunError, UserError
from gan_style.training import checkpoints
from gan_style.training.build import build_method
from tests.methods.test_gan import random_batch


@pytest.fixture
def method_of(small_recipe):
    def build(seed=0, *overrides):
        import keras

        keras.utils.set_random_seed(seed)
        return build_method(load(small_recipe, Experiment, overrides).config, seed)

    return build


def save(method, folder, step):
    return checkpoints.save(method, folder, step, seconds=1.0, figures={"style": 0.5}, config={}, identity={})


def everything(method):
    return {**checkpoints.network_arrays(method), **checkpoints.training_arrays(method)}


def test_every_variable_comes_back_and_the_next_step_is_the_same(method_of, tmp_path):
    first = method_of(1)
    for seed in range(5):
        first.step(random_batch(seed))
    save(first, tmp_path, 5)
    second = method_of(2)
    checkpoints.restore(second, saved.newest(tmp_path))
    assert checkpoints.weights_sha256(first) == checkpoints.weights_sha256(second)
    for method in (first, second):
        method.step(random_batch(9))
    for name, array in everything(first).items():
        np.testing.assert_array_equal(array, everything(second)[name], err_msg=name)


def test_nothing_that_changes_in_a_step_is_missing(method_of):
    """All variables that TensorFlow knows to have changed must be among the saved ones."""
    method = method_of()
    with tf.GradientTape(watch_accessed_variables=True) as tape:
        method.step(random_batch())
    saved = {id(variable.value) for group in method.training_state().values() for variable in group}
    networks = (*method.networks.values(), *method.copies.values())
    saved |= {id(variable.value) for network in networks for variable in network.variables}
    assert all(id(variable) in saved for variable in tape.watched_variables())


def test_a_damaged_newest_is_passed_over_with_a_warning(method_of, tmp_path, capsys):
    method = method_of()
    for step in (1, 2, 3):
        save(method, tmp_path, step)
    damaged = tmp_path / "step-00000003" / "training.npz"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    (tmp_path / "step-00000002" / "manifest.json").write_text("{")
    assert saved.newest(tmp_path).step == 1
    told = capsys.readouterr().err
    assert "training.npz is damaged" in told
    assert "manifest.json is damaged" in told


def test_half_written_checkpoints_are_never_seen(method_of, tmp_path, monkeypatch):
    method = method_of()
    save(method, tmp_path, 1)
    monkeypatch.setattr(
        checkpoints.disk, "file_sha256", lambda path: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(UserError, match="step-00000002: cannot be written: disk full"):
        save(method, tmp_path, 2)
    monkeypatch.undo()
    assert saved.newest(tmp_path).step == 1
    assert [path.name for path in tmp_path.glob("*step*")] == ["step-00000001"]


def test_another_configuration_is_refused_not_half_loaded(method_of, tmp_path):
    save(method_of(), tmp_path, 1)
    for change in (
        "method.generator.blocks=2",
        "method.generator.filters=8",
        "method.pool_size=0",
    ):
        with pytest.raises(RunError):
            checkpoints.restore(method_of(0, change), saved.newest(tmp_path))


def test_only_the_last_are_kept_beside_the_best(method_of, tmp_path):
    method, folder = method_of(), tmp_path / "checkpoints"
    for step in range(1, 6):
        written = save(method, folder, step)
        if step == 2:
            checkpoints.mark_best(written)
        checkpoints.keep_last(written, 2)
    assert sorted(path.name for path in folder.iterdir()) == ["best", "step-00000004", "step-00000005"]
    assert saved.read_manifest(folder / "best").step == 2
    assert saved.best_figure(folder, "style") == 0.5
    assert saved.best_figure(tmp_path, "style") is None


def test_starting_from_another_run_takes_what_fits_and_names_the_rest(method_of, tmp_path):
    trained = method_of(1)
    trained.step(random_batch())
    folder = save(trained, tmp_path, 1)
    same = method_of(2)
    assert checkpoints.start_from(same, folder) == []
    assert checkpoints.weights_sha256(same) == checkpoints.weights_sha256(trained)
    assert float(same.generator_player.optimizer.iterations) == 0
    other = method_of(2, "method.discriminator.filters=8")
    kept = checkpoints.start_from(other, folder)
    assert kept
    assert all("discriminator" in name for name in kept)
    np.savez(tmp_path / "networks.npz", something_else=np.zeros(3))
    with pytest.raises(UserError, match="no layer there fits"):
        checkpoints.start_from(other, tmp_path)
