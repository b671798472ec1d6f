"""From two folders and some minutes to a recipe: what is chosen, what it says, and that it keeps the time."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from gan_style.data.doctor.findings import Domain
from gan_style.data.doctor.picture import Facts
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.planning import new
from gan_style.planning.new import fitted, make
from gan_style.planning.pace import Pace
from gan_style.planning.pictures import Sizes, handful, sizes, told
from gan_style.planning.text import Plan, text
from gan_style.system.errors import RunError, UserError
from gan_style.training import loop
from tests.small import smooth_pictures

PACE = Pace(once=20.0, step=0.5, identity_step=0.1, validation=2.0, checkpoint=1.0, threads=2)


def domain(role: str, *sides: int) -> Domain:
    facts = tuple(Facts(f"{n}.png", str(n), height=side, width=2 * side) for n, side in enumerate(sides))
    return Domain(role, "folder", facts)


@pytest.mark.parametrize(
    ("photographs", "paintings", "expected"),
    [
        (256, 256, Sizes(None, 96)),
        (321, 256, Sizes(None, 96)),  # nearly the same
        (1000, 256, Sizes(256, 96)),
        (300, 700, Sizes(288, 96)),
        (2000, 1500, Sizes(512, 96)),
        (150, 140, Sizes(None, 68)),
        (40, 500, Sizes(32, 32)),
    ],
)
def test_both_domains_are_seen_at_one_scale(photographs, paintings, expected):
    assert sizes(domain("photographs", *[photographs] * 5), domain("paintings", *[paintings] * 5)) == expected


def test_cuts_of_one_painting_are_counted_once():
    names = [f"{painting}__{cut}.png" for painting in ("a", "b") for cut in range(4)]
    cut = Domain("paintings", "folder", tuple(Facts(name, name, height=256, width=256) for name in names))
    assert told(cut) == "8 paintings, cut from 2, shorter sides 256 to 256 pixels"


def test_of_a_handful_of_paintings_none_is_held_out():
    assert handful(domain("paintings", *[256] * 5))
    assert not handful(domain("paintings", *[256] * 30))
    for left_over in (True, False):
        assert f"hold_out_targets: {str(left_over).lower()} " in text(plan(hold_out_targets=left_over))


def plan(**changes) -> Plan:
    told_of = ["300 photographs", "40 paintings"]
    return Plan(
        **{
            "name": "mine",
            "source": "a",
            "target": "b",
            "pictures": told_of,
            "sizes": Sizes(None, 96),
            "batch": 3,
        }
        | changes
    )


@pytest.mark.parametrize("minutes", [10, 40, 300])
def test_the_steps_fill_the_minutes(minutes):
    found = fitted(plan(), PACE, minutes)
    validations, saved = found.steps / found.validate_every, found.steps / found.checkpoint_every
    spent = PACE.seconds(found.steps, 0.1, validations, saved)
    assert spent / 60 == pytest.approx(minutes, rel=0.02)
    assert f"about {minutes} minutes: {found.steps:,} steps of 0.50 s" in found.expected
    assert found.checkpoint_every * PACE.step <= 5.5 * 60


def test_too_little_time_is_told_with_how_much_would_do():
    with pytest.raises(
        UserError, match=r"--minutes 1: in this time \d+ steps .* 2 minutes hold 200"
    ) as caught:
        fitted(plan(), PACE, 1)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("folder", ["my photos", 'it\'s "mine"', "a: b # c", "ünïcode/{x}", "-1", "$crop"])
def test_whatever_folders_are_called_the_recipe_reads_as_meant(folder, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(text(plan(source=folder, target=f"{folder}/paintings", sizes=Sizes(128, 64))))
    config = read_recipe(str(path)).config
    assert (config.data.source, config.data.target) == (folder, f"{folder}/paintings")
    assert (config.data.short_side, config.data.crop, config.data.batch) == (128, 64, 3)
    assert config.train.stop_on == ("collapsed",)
    assert text(plan()).count("#") > 10, "choices are explained"


@pytest.fixture
def at_home(tmp_path, monkeypatch) -> Path:
    """An empty working directory with two folders of pictures."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name in ("photos", "paintings"):
        smooth_pictures(tmp_path / name, rng, count=8, size=(140, 132))
    return tmp_path


def test_it_writes_a_recipe_that_can_be_trained(at_home, monkeypatch, capsys):
    monkeypatch.setattr(new, "measured", lambda recipe: PACE)
    path = make("mine", Path("photos"), Path("paintings"), 30)
    said = capsys.readouterr().out
    assert "now type     make train EXP=mine" in said
    assert "only 8 different pictures" in said, "the doctor speaks first"
    config = read_recipe("mine").config
    assert config.data.source == "photos"
    assert config.train.steps > 1000
    with pytest.raises(UserError, match="experiments/mine is there already"):
        make("mine", Path("photos"), Path("paintings"), 30)
    assert path.read_text().startswith("# make train EXP=mine\n# about 30 minutes: ")


@pytest.mark.parametrize(
    ("arguments", "told_of"),
    [
        (("mine", Path("nowhere"), Path("paintings"), 30), "nowhere: there is no such folder"),
        (("../mine", Path("photos"), Path("paintings"), 30), "../mine: expected a plain name"),
        (("mine", Path("photos"), Path("paintings"), 0.1), "--minutes 0.1: in this time"),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(arguments, told_of, at_home, monkeypatch):
    monkeypatch.setattr(new, "measured", lambda recipe: PACE)
    with pytest.raises(UserError) as caught:
        make(*arguments)
    assert told_of in str(caught.value)
    assert not (at_home / "experiments" / "mine").exists()


def test_a_timing_that_fails_leaves_nothing_behind(at_home, monkeypatch):
    def fail(recipe):
        raise RunError("no memory")

    monkeypatch.setattr(new, "measured", fail)
    with pytest.raises(RunError):
        make("mine", Path("photos"), Path("paintings"), 30)
    assert not (at_home / "experiments" / "mine").exists()


def test_training_in_vain_is_not_planned(at_home):
    command = ["new", "mine", "--source", "photos", "--target", "photos"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "training would be in vain" in result.output + (result.stderr if result.stderr_bytes else "")
    assert not (at_home / "experiments").exists()


@pytest.mark.slow
def test_the_time_is_kept_within_a_quarter(at_home, monkeypatch):
    """With real timing and training, of which a few minutes are asked for."""
    for name in ("photos", "paintings"):
        shutil.rmtree(at_home / name)
        (at_home / name).mkdir()
        for number in range(40):
            rng = np.random.default_rng((number, len(name)))
            coarse = Image.fromarray(rng.integers(0, 256, (9, 12, 3), np.uint8))
            coarse.resize((256, 192), Image.Resampling.BICUBIC).save(at_home / name / f"{number}.png")
    make("mine", Path("photos"), Path("paintings"), 5)
    started = time.monotonic()
    run = Run(at_home / "runs" / "mine")
    assert loop.train(read_recipe("mine", None, ("wandb.mode=disabled",)), 0, run) == 0
    assert (time.monotonic() - started) / 60 == pytest.approx(5, rel=0.25)
    assert json.loads((run.folder / "summary.json").read_text())["status"] == "finished"
