"""Recipes of methods that optimise one picture, and how tests run them."""

import keras
import pytest

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment
from gan_style.optim.player import compiled
from gan_style.training.build import build_method
from tests.methods.small_methods import SMALL_BANK

RECIPE = """
data: {{kind: fixed, content: {content}, size: 64{styles}}}
method: {{kind: {method}, features: {bank}, {keys}}}
train: {{steps: {steps}, threads: 2, precision: float32}}
output: {{log_every: 1, validate_every: 4, checkpoint_every: 3}}
wandb: {{mode: disabled}}
"""
GATYS_WEIGHTS = "{structure: 1, colour: 1, total_variation: 0.01, style: 1, content: 0.1}"
GATYS = f"weights: {GATYS_WEIGHTS}, content_layers: [level0]"


@pytest.fixture
def written(tmp_path, pictures):
    """Write a recipe about two styles and 64 x 53 pixels of content."""
    folder = pictures("pictures", size=(96, 80))

    def write(method="gatys", keys=GATYS, steps=8, **more):
        places = {"content": folder / "00.png", "a": folder / "01.png", "b": folder / "02.png"} | more
        styles = (
            f", styles: {{a: {places['a']}, b: {places['b']}}}{more.get('data', '')}"
            if method == "gatys"
            else more.get("data", "")
        )
        path = tmp_path / "recipe.yaml"
        path.write_text(
            RECIPE.format(
                content=places["content"],
                styles=styles,
                method=method,
                keys=keys,
                steps=steps,
                bank=more.get("bank", SMALL_BANK),
            )
        )
        return path

    return write


def method_of(path, *overrides):
    keras.utils.set_random_seed(0)
    return build_method(load(path, Experiment, overrides).config, seed=0)


def goal_of(method, number=-1):
    """What one of the sizes is to reach."""
    return method.steps[number].args[1]


def run_all(method, steps):
    """Prepare, then do every step; the totals on the way."""
    method.prepare()
    compiled_steps, totals = {}, []
    for number in range(steps):
        step = method.step_at(number)
        totals.append(float(compiled_steps.setdefault(step, compiled(step))(None)["image"]["total"]))
    return totals
