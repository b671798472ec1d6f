"""Sweep files become trials: all of a grid, the same draws, one a fold; mistakes name their line."""

import math
from pathlib import Path

import pytest

from gan_style.config.sweeps import read_sweep
from gan_style.experiment.find import read_recipe
from gan_style.system.errors import UserError
from tests.small import SMALL_RECIPE

ROOT = Path(__file__).parents[2] / "experiments"


@pytest.fixture
def experiment(tmp_path):
    """A folder of an experiment, and what writes a sweep into it."""
    folder = tmp_path / "tiny"
    (folder / "sweeps").mkdir(parents=True)
    (folder / "config.yaml").write_text(SMALL_RECIPE.format(source="photos", target="paintings"))

    def write(sweep: str, name: str = "some") -> Path:
        path = folder / "sweeps" / f"{name}.yaml"
        path.write_text(f"extends: ../config.yaml\nwhy: To try it.\nsweep:\n{sweep}")
        return path

    return write


def changed(path: Path, key: str) -> list:
    """The values of a key, trial by trial, as a run of the trial would have them."""
    values = []
    for name in read_sweep(path).trials:
        value = read_recipe(str(path.parents[1]), name).config
        for part in key.split("."):
            value = getattr(value, part)
        values.append(value)
    return values


def test_a_grid_is_every_combination(experiment):
    path = experiment(
        "  over:\n    method.weights.style: [0, 0.5]\n"
        "    method.generator_optimizer.learning_rate: {from: 1e-4, to: 1e-3, scale: log, count: 3}\n"
    )
    assert list(read_sweep(path).trials) == [
        "some=style-0_learning_rate-1e-4",
        "some=style-0_learning_rate-3.16e-4",
        "some=style-0_learning_rate-1e-3",
        "some=style-0.5_learning_rate-1e-4",
        "some=style-0.5_learning_rate-3.16e-4",
        "some=style-0.5_learning_rate-1e-3",
    ]
    assert changed(path, "method.weights.style") == [0, 0, 0, 0.5, 0.5, 0.5]
    assert changed(path, "method.generator_optimizer.learning_rate") == [1e-4, 3.16e-4, 1e-3] * 2


def test_whole_ends_give_whole_numbers_and_lists_stay_lists(experiment):
    path = experiment(
        "  over:\n    method.generator.filters: {from: 4, to: 32, scale: log, count: 4}\n"
        "    method.style_features.kernels: [[3, 5], [3]]\n"
    )
    assert changed(path, "method.generator.filters") == [4, 4, 8, 8, 16, 16, 32, 32]
    assert next(iter(read_sweep(path).trials)) == "some=filters-4_kernels-3-5"


def test_names_tell_like_keys_apart(experiment):
    path = experiment(
        "  over: {method.generator.filters: [4], method.discriminator.filters: [8], method.pool_size: [0]}\n"
    )
    assert list(read_sweep(path).trials) == ["some=generator.filters-4_discriminator.filters-8_pool_size-0"]


def test_draws_repeat_stay_within_and_only_grow(experiment, tmp_path):
    def draws(trials: int, seed: int) -> list[str]:
        rate = "method.generator_optimizer.learning_rate: {from: 1e-5, to: 1e-1, scale: log}"
        search = f"  search: random\n  trials: {trials}\n  seed: {seed}\n"
        text = f"{search}  over:\n    {rate}\n    method.pool_size: [0, 50]\n"
        return list(read_sweep(experiment(text)).trials)

    few = draws(10, 0)
    assert few == draws(10, 0)
    assert few == draws(40, 0)[:10], "more trials keep those that were run"
    assert few != draws(10, 1)
    path = tmp_path / "tiny" / "sweeps" / "some.yaml"
    draws(200, 0)
    drawn = [trial.plain()["method"] for trial in read_sweep(path).trials.values()]
    rates = [changes["generator_optimizer"]["learning_rate"] for changes in drawn]
    assert 1e-5 <= min(rates) < 1e-4
    assert 1e-2 < max(rates) <= 1e-1
    assert abs(sum(map(math.log10, rates)) / 200 + 3) < 0.3, "logarithmic: the middle is 1e-3"
    assert {changes["pool_size"] for changes in drawn} == {0, 50}


def test_folds_are_trials(experiment):
    path = experiment("  folds: 3\n  over: {method.pool_size: [0, 3]}\n", "cv")
    assert list(read_sweep(path).trials) == [
        f"cv=pool_size-{pool}_fold-{fold}" for pool in (0, 3) for fold in range(3)
    ]
    assert changed(path, "data.fold") == [0, 1, 2, 0, 1, 2]
    assert changed(path, "data.folds") == [3] * 6
    assert list(read_sweep(experiment("  folds: 3\n")).trials) == [
        "some=fold-0",
        "some=fold-1",
        "some=fold-2",
    ]


def test_a_trial_is_a_variant_like_any_other(experiment):
    path = experiment("  over: {method.pool_size: [0, 3]}\nmethod: {identity_warmup: 1}\n")
    recipe = read_recipe(str(path.parents[1]), "some=pool_size-0")
    assert (recipe.name, recipe.variant, recipe.folder_name()) == (
        "tiny",
        "some=pool_size-0",
        "some=pool_size-0",
    )
    assert recipe.config.method.identity_warmup == 1
    assert (
        read_recipe(str(path.parents[1]), "some=pool_size-0", ("train.steps=5",))
        .folder_name()
        .startswith("some=pool_size-0+")
    )
    with pytest.raises(
        UserError, match=r"no trial 'some=pool_size-1'; it has: some=pool_size-0, some=pool_size-3"
    ):
        read_recipe(str(path.parents[1]), "some=pool_size-1")
    with pytest.raises(UserError, match=r"is a sweep of several trials.*--ablation some=pool_size-0"):
        read_recipe(str(path))
    with pytest.raises(UserError, match=r"no ablation 'same=pool_size-0'; it has: some=\.\.\."):
        read_recipe(str(path.parents[1]), "same=pool_size-0")


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        (
            "  over: {method.weights.stlye: [0, 1]}\n",
            "some.yaml:4:10: method.weights.stlye: unknown key, did you mean 'style'?",
        ),
        (
            "  over:\n    method.weights.style: [0]\n    trian.steps: [5]\n",
            "some.yaml:6:5: trian: unknown key, did you mean 'train'?",
        ),
        (
            "  over:\n    method.weights.style: [low]\n",
            "some.yaml:5:5: method.weights.style: expected a valid number, found the text 'low'",
        ),
        ("  over: {train..steps: [5]}\n", "some.yaml:4:10: sweep.over: 'train..steps' is no key to vary"),
        ("  over: {extends: [a.yaml]}\n", "some.yaml:4:10: sweep.over: 'extends' is no key to vary"),
        ("  serach: grid\n", "some.yaml:4:3: sweep.serach: unknown key, did you mean 'search'?"),
        (
            "  search: gird\n  over: {train.steps: [5]}\n",
            "some.yaml:4:3: sweep.search: expected 'grid', 'random' or 'halving', found the text",
        ),
        (
            "  over: {train.steps: 5}\n",
            "some.yaml:4:10: sweep.over.train.steps: expected a valid array, found the number 5",
        ),
        ("  over: {train.steps: []}\n", "some.yaml:4:10: sweep.over.train.steps:"),
        (
            "  over: {train.steps: {from: 1, two: 5}}\n",
            "some.yaml:4:33: sweep.over.train.steps.two: unknown key, did you mean 'to'?",
        ),
        ("  over: {train.steps: {from: 5, to: 1}}\n", "the second end must be the larger one"),
        ("  over: {train.steps: {from: 0, to: 5, scale: log}}\n", "a logarithmic range begins above 0"),
        (
            "  over: {train.steps: {from: 1, to: 3, count: 9}}\n",
            "9 whole numbers do not fit from 1 to 3; write 1.0 for fractions",
        ),
        (
            "  over: {train.steps: {from: 1, to: 5}}\n",
            "over.train.steps: for a grid a range needs its 'count'",
        ),
        ("  search: random\n  over: {train.steps: [5, 6]}\n", "trials: 'random' needs their number"),
        ("  trials: 4\n  over: {train.steps: [5, 6]}\n", "trials: 'grid' tries every combination"),
        (
            "  search: random\n  trials: 4\n  over: {train.steps: [5, 6]}\n",
            "some.yaml:5:3: sweep.trials: there are only 2 different ones",
        ),
        ("  rungs: [0.5]\n  over: {train.steps: [5, 6]}\n", "rungs: 'grid' has none"),
        (
            "  search: halving\n  trials: 2\n  rungs: [0.5, 0.2]\n  over: {train.steps: [5, 6]}\n",
            "rungs: expected rising shares",
        ),
        ("  search: grid\n", "over: a sweep needs something to vary, or folds"),
        ("  over: {train.steps: [5, 5]}\n", "two trials would both be called 'some=steps-5'"),
    ],
)
def test_mistakes_name_their_line(experiment, sweep, expected):
    path = experiment(sweep)

    def resolve_all():
        return [read_recipe(str(path.parents[1]), name) for name in read_sweep(path).trials]

    with pytest.raises(UserError) as told:
        resolve_all()
    assert expected in str(told.value)


def test_a_file_without_a_sweep_says_so(experiment):
    path = experiment("")
    path.write_text("extends: ../config.yaml\n")
    with pytest.raises(UserError, match="sweep: this key is required"):
        read_sweep(path)


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/sweeps/*.yaml")), ids=lambda path: path.stem)
def test_every_trial_of_every_experiment_resolves(path):
    assert read_sweep(path).recipe.plain()["why"].strip()[-1] in ".?)"
    for name in read_sweep(path).trials:
        assert read_recipe(str(path.parents[1]), name).config.train.steps >= 1
