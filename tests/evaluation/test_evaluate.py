"""From a run to a result: whose numbers these are, faults that are looked for, mistakes as one message."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.config.load import load
from gan_style.evaluation.evaluate import Extras, evaluate
from gan_style.evaluation.log import log
from gan_style.evaluation.result import Estimate, Result
from gan_style.experiment import runs
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.features.backbones import Wavelets, backbone_named
from gan_style.features.backbones.squeezenet import SqueezeNet
from gan_style.metrics.fidelity import psnr
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.machine import Machine
from gan_style.tracking.tracker import Tracker
from gan_style.tracking.wandb_run import identity
from gan_style.training import checkpoints
from gan_style.training import load as training_load
from gan_style.training.build import build_method
from gan_style.training.load import load_method
from gan_style.training.session import facts
from tests.evaluation.stand_ins import squeezenet_shapes, write
from tests.evaluation.toy_paintings import painted, photograph
from tests.methods.small_methods import recipe

pytestmark = pytest.mark.usefixtures("loaded_once")


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """Gives a run folder at step 0. `changes` are replacements in the recipe's text."""
    root, rng = tmp_path_factory.mktemp("untrained"), np.random.default_rng(0)
    for role in ("source", "target"):
        for index in range(20):
            photo = photograph(rng)
            made = photo if role == "source" else painted(photo, rng)
            images.write(root / role / f"{index:02d}.png", images.Picture(made))

    @cache
    def made_once(method, changes) -> Path:
        folder = root / str(len(list(root.iterdir())))
        folder.mkdir()
        text = recipe(method, root / "source", root / "target")
        for old, new in changes:
            text = text.replace(old, new)
        (path := folder / f"{method}.yaml").write_text(text)
        run, read = Run(folder / "runs" / method / "default" / "seed0"), read_recipe(str(path))
        run.folder.mkdir(parents=True)
        runs.settle_config(run, read.config.model_dump(mode="json"))
        told = facts(read, 0, Machine("float32", 2, "tests"))
        run.write_summary(told)
        saved = {"seconds": 0.0, "figures": {}, "config": {}, "identity": told}
        checkpoints.mark_best(checkpoints.save(build_method(read.config, 0), run.checkpoints, 0, **saved))
        return run.folder

    def copied(method, place, *changes) -> Run:
        folder = place / "runs" / method / "default" / "seed0"
        return Run(shutil.copytree(made_once(method, changes), folder, symlinks=True))

    return copied


def evaluated(run, *options):
    return CliRunner().invoke(main, ["evaluate", str(run.folder), *options])


def test_what_gives_photographs_back_is_compared_with_them_and_has_no_scores(untrained, tmp_path):
    run = untrained("inverse_decoder", tmp_path)
    done = evaluated(run, "--output", str(tmp_path / "result.json"))
    assert done.exit_code == 0, done.output
    figures = Result.read(tmp_path / "result.json").figures
    folder = run.folder / "evaluation" / "last-test"
    pairs = [
        [images.read(folder / role / file.name).pixels for role in ("painted", "source")]
        for file in (folder / "source").iterdir()
    ]
    assert figures["psnr"].method.value == pytest.approx(np.mean([psnr(*pair) for pair in pairs]))
    assert not any(figure.score for figure in figures.values())


def test_a_run_leaves_a_result_and_its_pictures(untrained, tmp_path):
    run = untrained("gan", tmp_path)
    done = evaluated(run, "--output", str(tmp_path / "cell.json"), "--budget", "5 minutes")
    assert done.exit_code == 0, done.output
    assert "measured with wavelets v1" in done.output
    result = Result.read(tmp_path / "cell.json")
    assert (result.experiment, result.variant, result.seed, result.budget, result.step) == (
        "gan",
        "default",
        0,
        "5 minutes",
        0,
    )
    assert result.backbone["sha256"] == Wavelets().fingerprint()
    count = result.data["pictures"]
    assert count == result.data["photographs"] > 0
    assert not result.data["paired"]
    for role in ("source", "painted"):
        assert len(list((run.folder / "evaluation" / "last-test" / role).glob("*.png"))) == count


def test_pictures_of_two_splits_and_of_other_days_are_kept_apart(untrained, tmp_path):
    run = untrained("gan", tmp_path)
    stale = run.folder / "evaluation" / "last-test" / "painted" / "of-before.png"
    images.write(stale, images.Picture(np.zeros((4, 4, 3), np.uint8)))
    as_json = json.loads(evaluated(run, "--json", "--split", "val").stdout)
    assert as_json["split"] == "val"
    assert stale.exists()
    evaluated(run)
    assert not stale.exists()
    names = [
        {file.name for file in (run.folder / "evaluation").glob(f"last-{part}/painted/*.png")}
        for part in ("val", "test")
    ]
    assert names[0].isdisjoint(names[1])
    assert all(names)


def test_the_best_checkpoint_is_never_shown_without_the_last(untrained, tmp_path):
    run = untrained("gan", tmp_path)
    both = evaluated(run, "--checkpoint", "best", "--json")
    assert json.loads(both.stdout)["checkpoint"] == "best"
    assert "last checkpoint" in both.stderr
    assert "best checkpoint" in both.stderr
    (run.checkpoints / "best").rename(tmp_path / "elsewhere")
    without = evaluated(run, "--checkpoint", "best")
    assert (without.exit_code, "no checkpoint that was marked as the best" in without.output) == (2, True)
    assert "measuring" not in without.output, "it says so before it has worked for nothing"


def test_a_run_is_measured_with_wavelets_where_the_features_it_was_trained_with_are_gone(untrained, tmp_path):
    features = "{kind: application, network: VGG19, layers: [block1_conv1], weights: gone.npz}"
    trained_with = f"kind: gan, weights: {{style: 1, target_reconstruction: 1}}, style_features: {features},"
    run = untrained("gan", tmp_path, ("kind: gan,", trained_with))
    assert evaluated(run).exit_code == 0
    network = write(tmp_path / "network.npz", squeezenet_shapes())
    refused = evaluated(run, "--backbone", f"{{kind: squeezenet, weights: {network}}}")
    assert refused.exit_code == 2
    assert "gone.npz" in refused.output
    assert "nobody can tell whether the backbone SqueezeNet" in refused.output


def test_networks_are_loaded_when_the_runs_threads_are_settled(untrained, tmp_path, monkeypatch):
    """Loading them computes, and from then on a process has as many threads as it has."""
    run, order = untrained("gan", tmp_path), []
    monkeypatch.setattr("gan_style.evaluation.evaluate.load_method", load_method)
    monkeypatch.setattr(training_load, "configure", lambda machine, seed: order.append("threads"))
    network = write(tmp_path / "network.npz", squeezenet_shapes())
    monkeypatch.setattr(SqueezeNet, "__init__", lambda self, *, weights: order.append("network"))
    for options in (
        ("--backbone", f"{{kind: squeezenet, weights: {network}}}"),
        ("--lpips", network, "none.npz"),
    ):
        order.clear()
        evaluated(run, *options)
        assert order == ["threads", "network"]


def test_lpips_of_pictures_without_counterparts_is_refused(untrained, tmp_path):
    run = untrained("gan", tmp_path)
    with pytest.raises(
        UserError, match=r"--lpips is likeness to a photograph's true counterpart.*2,048 pictures"
    ):
        evaluate(
            run,
            None,
            part="test",
            which="last",
            budget="full",
            extras=Extras(lpips=lambda: lambda *pair: np.zeros(1)),
        )


def test_numbers_table_and_pictures_join_the_trainings_wandb_run(untrained, tmp_path):
    run = untrained("gan", tmp_path, ("wandb: {mode: disabled}", "wandb: {mode: offline}"))
    config = load(run.config, Experiment).config
    with Tracker(
        run.folder, 0, config.wandb, **identity(run.folder, config.model_dump(mode="json"), run.summary())
    ) as tracker:
        tracker.log(1, {"generator/colour": 0.5})
    result = evaluate(run, None, part="test", which="last", budget="full", extras=Extras())
    scored = result.figures["gram[wavelets]"].model_copy(
        update={"score": Estimate(value=0.4375, low=0.25, high=0.625)}
    )
    log(run, result.model_copy(update={"figures": {"gram[wavelets]": scored}}))
    told = {path: inspected(path) for path in run.folder.rglob("*.wandb")}
    (training,) = (text for text in told.values() if "generator/colour" in text)
    (evaluation,) = (text for text in told.values() if "last-test/gram" in text)
    for expected in (
        "last-test/gram[wavelets]",
        "last-test/gram[wavelets] score",
        "0.4375",
        "last-test/figures",
        "table-file",
        "last-test/pictures",
        "image-file",
    ):
        assert expected in evaluation, expected
    for whose in ((run.folder / "wandb-id").read_text(), "default-seed0"):
        assert whose in training
        assert whose in evaluation


def inspected(path):
    return subprocess.run(
        [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(path)],
        capture_output=True,
        text=True,
    ).stdout


def test_every_style_is_measured_and_a_hidden_code_is_looked_for(untrained, tmp_path):
    several = evaluated(untrained("multistyle", tmp_path / "m"))
    assert "gram[wavelets], a" in several.output, several.output
    assert "gram[wavelets], b" in several.output
    there_and_back = evaluated(untrained("cyclegan", tmp_path / "c"))
    assert "steganography" in there_and_back.output, there_and_back.output


@pytest.mark.parametrize(
    "features",
    [
        "{kind: application, network: VGG19, layers: [block1_conv1], weights: vgg.npz}",
        "{kind: vgg19_normalised, weights: vgg.npz}",
    ],
)
def test_a_backbone_that_trained_is_refused_with_the_reason(features, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(recipe("gan", "a", "b").replace("kind: gan,", f"kind: gan, style_features: {features},"))
    for backbone in ("vgg19", "vgg19_normalised"):
        with pytest.raises(
            UserError, match=r"evaluation.backbone: VGG19 is what method.style_features trains with"
        ):
            read_recipe(str(path), None, (f"evaluation.backbone={{kind: {backbone}, weights: vgg.npz}}",))
    for backbone in (
        "{kind: squeezenet, weights: other.npz}",
        "{kind: vgg19_normalised, weights: other.npz}",
        "{kind: wavelets}",
    ):
        read_recipe(str(path), None, (f"evaluation.backbone={backbone}",))
    path.write_text(path.read_text().replace(features, "{kind: random_pyramid}"))
    for backbone in ("{kind: vgg19, weights: vgg.npz}", "{kind: wavelets}"):
        read_recipe(str(path), None, (f"evaluation.backbone={backbone}",))


def test_frames_flicker_as_the_strokes_do(untrained, tmp_path):
    run, rng = untrained("gan", tmp_path), np.random.default_rng(0)
    still = photograph(rng)
    for index in range(3):
        images.write(tmp_path / "film" / f"{index}.png", images.Picture(still))
    path = tmp_path / "cell.json"
    done = evaluated(run, "--frames", str(tmp_path / "film"), "--output", str(path))
    assert done.exit_code == 0, done.output
    assert (
        Result.read(path).figures["flicker"].method.value == 0
    )  # equal frames are painted alike: the seed is fixed
    images.write(tmp_path / "film" / "3.png", images.Picture(photograph(rng, 80)))
    assert "pictures of one size" in evaluated(run, "--frames", str(tmp_path / "film")).output


def test_mistakes_are_one_message(untrained, tmp_path):
    run = untrained("gan", tmp_path)
    for options, message in (
        (("--backbone", "wavelet"), "--backbone"),
        (("--backbone", "{kind: mobilenet_v2, weights: none.npz}"), "none.npz"),
        (("--lpips", "a.npz", "b.npz"), "a.npz"),
    ):
        done = evaluated(run, *options)
        assert (done.exit_code, "Traceback" in done.output) == (2, False), done.output
        assert message in done.output
    assert (
        "no run of 'nothing'"
        in CliRunner().invoke(main, ["evaluate", "nothing", "--runs", str(tmp_path)]).output
    )


def test_backbones_named_on_the_command_line():
    assert backbone_named("wavelets")().name == "wavelets v1"
    with pytest.raises(UserError, match="wavelets"):
        backbone_named("nonsense")


def test_a_film_is_painted_twice_and_compared_with_itself(untrained, tmp_path):
    pytest.importorskip("av", reason="films need PyAV")
    from tests.inference.films.conftest import pan, write_film

    run, path = untrained("gan", tmp_path), tmp_path / "cell.json"
    film = write_film(tmp_path / "clip.mp4", pan(4))
    done = evaluated(run, "--film", str(film), "--output", str(path))
    assert done.exit_code == 0, done.output
    figures = Result.read(path).figures
    steady, single = figures["warping_error"], figures["warping_error_of_single_frames"]
    assert 0 < steady.identity.value == single.identity.value
    assert steady.method.value > 0
    assert "no film" in evaluated(run, "--film", str(path)).output
