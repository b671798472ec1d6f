"""`train.accumulate` and `train.recompute`: what they refuse, and that they are no part of what a run learns.

That they compute the same function: test_strategy.py beside this, and tests/networks/test_recompute.py.
"""

from pathlib import Path

import pytest

from gan_style.config.load import load
from gan_style.experiment.recipe import Experiment, learned_hash
from gan_style.networks import recompute
from gan_style.system.errors import UserError
from gan_style.training.build import build_method
from tests.methods.small_methods import recipe


def config(kind: str, folder: Path, *overrides: str) -> Experiment:
    path = folder / "small.yaml"
    path.write_text(recipe(kind, "a", "b"))
    return load(path, Experiment, list(overrides)).config


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        ("gan", "accumulate=3", "train.accumulate: 2 pictures .data.batch. have no more than 2 parts"),
        ("gan", "accumulate=0", "train.accumulate"),
        ("gatys", "accumulate=2", "train.accumulate: it spares what networks keep, and here no network"),
        ("inversion", "recompute=true", "train.recompute: it spares"),
    ],
)
def test_refused(kind, key, said, tmp_path):
    with pytest.raises(UserError, match=said):
        config(kind, tmp_path, f"train.{key}")


def test_batch_norm_has_no_parts(tmp_path):
    refused = "train.accumulate: batch norm of the generator needs all pictures at once"
    with pytest.raises(UserError, match=refused):
        build_method(config("pix2pix", tmp_path, "train.accumulate=2"), 0)


def test_they_change_nothing_of_what_is_learned(tmp_path):
    plain, sparing = (
        config("gan", tmp_path),
        config("gan", tmp_path, "train.accumulate=2", "train.recompute=true"),
    )
    assert learned_hash(plain) == learned_hash(sparing)
    build_method(sparing, 0)
    assert recompute.in_use == recompute.Plan(2, segments=True)
    build_method(plain, 0)
    assert recompute.in_use == recompute.Plan()
