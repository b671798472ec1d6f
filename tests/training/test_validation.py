"""What is looked at while training: style and content, both beside the untouched photographs."""

import numpy as np
import pytest

from gan_style.ablation import halving
from gan_style.data.held_out import Validation
from gan_style.data.paintbox.painters import oil
from gan_style.data.paintbox.scenes import draw_scene
from gan_style.training import validation
from gan_style.training.validation import DECIDING, figures


@pytest.fixture(scope="module")
def held_out():
    source = np.stack([draw_scene(number, 96) for number in range(4)])
    return Validation(source, np.stack([oil(photo, 1) for photo in source]), paired=True)


def test_untouched_photographs_have_all_of_the_way_before_them(held_out):
    found = figures(held_out.source, held_out)
    assert (found["style"], found["content"], found["colour"]) == pytest.approx((1, 0, 0), abs=1e-6)
    assert found[DECIDING] == pytest.approx(1)
    assert figures(np.full_like(held_out.source, 127), held_out)["content"] == 1, "of an empty picture"


def test_a_texture_without_a_picture_is_not_the_best(held_out):
    """By style alone, paintings of other pictures would be."""
    true = figures(np.stack([oil(photo, 2) for photo in held_out.source]), held_out)
    other = figures(np.roll(held_out.target, 1, axis=0), held_out)
    unpaired = Validation(held_out.source, held_out.target, paired=False)
    texture = figures(np.roll(held_out.target, 1, axis=0), unpaired)
    assert texture["style"] == pytest.approx(0, abs=1e-6)
    assert true[DECIDING] < 0.5 < min(other[DECIDING], texture[DECIDING])


def test_photographs_that_are_their_own_targets_have_figures_too(held_out):
    returned = Validation(held_out.source, held_out.source, paired=True)
    assert figures(held_out.source, returned)[DECIDING] == pytest.approx(0, abs=1e-6)
    assert np.isfinite(list(figures(held_out.target, returned).values())).all()


def test_sweeps_look_at_what_names_the_best_checkpoint():
    assert f"validation/{validation.DECIDING}" == halving.FIGURE
