"""Automatic weights: each such term pulls at first as hard as the strongest of the others."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.optim.balance import Balance
from gan_style.optim.player import Player
from gan_style.training import loop
from gan_style.training.session import open_session, resume
from tests.small import write_small_recipe

INPUTS = tf.constant([[1.0, 2.0, 2.0]])  # a gradient of norm 3


def test_weights_are_settled_in_the_geometric_mean():
    balance = Balance(["style"])
    for pulls in ((2.0, 1.0), (8.0, 1.0)):
        balance.note({"adversarial": tf.constant(pulls[0]), "style": tf.constant(pulls[1] / 100)})
    balance.settle({"adversarial": 0.5, "style": "auto"})
    assert balance.told()["style"] == pytest.approx(0.5 * 4 / 0.01)


def test_measuring_moves_nothing_and_the_first_step_pulls_alike():
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    player = Player("p", [network], keras.optimizers.SGD(0.1), auto=["faint"])
    before = network.get_weights()[0]
    weights = {"strong": 2.0, "weak": 0.1, "faint": "auto"}

    def terms():
        output = tf.reduce_sum(network(INPUTS))
        return {"strong": output, "weak": output, "faint": 0.001 * output}

    player.measuring = True
    with player.record() as tape:
        pass
    player.minimize(terms, weights, tape)
    player.measuring = False
    player.settle()
    np.testing.assert_array_equal(network.get_weights()[0], before)
    assert player.balance.told()["faint"] == pytest.approx(2000, rel=1e-4)
    told = player.minimize(terms, weights)
    np.testing.assert_allclose(told["gradient_norm"], 3 * (2 + 0.1 + 2), rtol=1e-4)


@pytest.mark.usefixtures("untraced")
def test_a_recipe_says_auto_and_the_summary_what_came_of_it(tmp_path):
    path = write_small_recipe(tmp_path)
    recipe = read_recipe(str(path), None, ("method.weights.style=auto", "train.steps=2"))
    run = Run(tmp_path / "run")
    assert loop.train(recipe, 0, run) == 0
    told = json.loads((run.folder / "summary.json").read_text())["auto_weights"]
    assert told.keys() == {"generator"}
    assert told["generator"].keys() == {"style"}
    weight = told["generator"]["style"]
    assert 0 < weight < 1e6
    assert weight != 1
    again = open_session(recipe, 0, run)
    resume(again)
    assert again.method.findings()["auto_weights"]["generator"]["style"] == weight
