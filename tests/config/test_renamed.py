"""Keys of version 0.1 are refused with their new names; its run folders with one line."""

import re

import pytest

from gan_style.config.load import load
from gan_style.config.located import read_yaml
from gan_style.config.renamed import RENAMED, renamed
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run, difference, settle_config
from gan_style.system.errors import UserError
from gan_style.training.chosen import chosen_checkpoint
from gan_style.training.load import load_method

OLD = """
data: {kind: paintbox, painter: oil, crop: 64, cuts: 4}
objective:
  kind: gan
  underpainting: {squint: 2}
  generator: {kind: resnet, noise: 3, decoder_kernel: 4, colour_path: residual}
  discriminator: {kind: patchgan, initial: xavier}
  weights: {adversarial: 1, rehearsal: 8}
  adversarial: lsgan
  generator_optimizer: {constant: 0.5}
  average: 0.998
  way_back: 0.1
train: {steps: 10}
output: {sheet_every: 5, keep: 2}
sample: {margin: 16}
evaluation: {judge: {kind: wavelets}}
"""


def test_every_old_key_is_named_with_its_line_and_its_new_name(tmp_path):
    path = tmp_path / "old.yaml"
    path.write_text(OLD)
    with pytest.raises(UserError) as caught:
        load(path, Experiment)
    told = str(caught.value).splitlines()
    renamed = [re.search(r"(\w+): this key is now called '(\w+)'", line).groups() for line in told]
    assert dict(renamed) == {
        "cuts": "photo_crops",
        "objective": "method",
        "underpainting": "generator_input",
        "squint": "input_blur",
        "noise": "noise_channels",
        "decoder_kernel": "upsampling_kernel",
        "colour_path": "input_skip",
        "initial": "init",
        "rehearsal": "target_reconstruction",
        "adversarial": "gan_loss",
        "constant": "decay_start",
        "average": "ema_decay",
        "way_back": "identity_finetune",
        "sheet_every": "validate_every",
        "keep": "keep_checkpoints",
        "margin": "reflect_pad",
        "judge": "backbone",
    }
    assert told[1].startswith(f"{path}:3:1: objective: ")


def test_an_override_is_told_too(small_recipe):
    with pytest.raises(
        UserError, match=r"'method.warm_up=1': method.warm_up: .* now called 'identity_warmup'"
    ):
        load(small_recipe, Experiment, ("method.warm_up=1",))


def test_names_of_the_users_own_may_be_old_keys(tmp_path):
    path = tmp_path / "mine.yaml"
    styles = "{kind: gallery, source: a, styles: {lines: b, noise: c}}"
    path.write_text(f"data: {styles}\nmethod: {{style_inputs: {{lines: {{squint: 2}}}}}}\n")
    told = "\n".join(renamed(read_yaml(path), Experiment))
    assert told == f"{path}:2:33: method.style_inputs.lines.squint: this key is now called 'input_blur'"


def test_no_new_name_is_an_old_one():
    assert not set(RENAMED.values()) & set(RENAMED)


def test_a_run_folder_of_the_old_version_is_refused_with_one_line(tmp_path):
    run = Run(tmp_path / "seed0")
    run.folder.mkdir()
    run.config.write_text(OLD)
    uses = (
        lambda: load_method(run),
        lambda: settle_config(run, {"method": {}}),
        lambda: chosen_checkpoint(run.folder),  # as `train.init_from` does
        lambda: difference(run, {"method": {}}),  # as `ablate` does
    )
    for use in uses:
        with pytest.raises(UserError) as caught:
            use()
        assert "made by gan-style 0.1" in str(caught.value)
        assert "\n" not in str(caught.value)
