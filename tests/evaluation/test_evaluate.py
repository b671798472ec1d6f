"""From a run to a result: the anchors are exact, the faults are seen, and the file says whose numbers these are."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.ndimage import gaussian_filter

from gan_style import checkpoints, images, runs
from gan_style.cli import main
from gan_style.data.config import Folders
from gan_style.engine import Machine
from gan_style.errors import UserError
from gan_style.evaluation.exam import Exam, Pictures, open_exams, original_by
from gan_style.evaluation.measure import collapses, kept_content, measure, own_faults
from gan_style.evaluation.result import Result
from gan_style.evaluation.rows import Rows
from gan_style.experiment import read_recipe
from gan_style.judges import Wavelets, named_judge
from gan_style.runs import Run
from gan_style.session import build_objective, facts
from tests.objectives.methods import recipe

CALIBRATED = ("gram", "euclidean", "cosine", "wasserstein", "kid", "kept_detail")


def photograph(rng, side=64):
    """Large smooth shapes."""
    field = gaussian_filter(rng.normal(size=(side, side, 3)), (8, 8, 0))
    return np.clip(128 + field * 900, 0, 255).astype(np.uint8)


def painted(photo, rng, strength=30):
    """Strokes: short diagonal ones, anew each time, on a simplified photograph."""
    noise = rng.normal(size=photo.shape[:2])
    strokes = sum(np.roll(np.roll(noise, shift, 0), shift, 1) for shift in range(-3, 4))[..., None] / 2.6
    return np.clip(gaussian_filter(photo.astype(float), (2, 2, 0)) + strength * strokes, 0, 255).astype(np.uint8)


def pictures(pixels):
    names = tuple(f"{name}{corner}" for name in "abcd" for corner in range(2))
    return Pictures(names, tuple(pixels), tuple(name[0] for name in names))


@pytest.fixture(scope="module")
def exam():
    rng = np.random.default_rng(0)
    photos = [photograph(rng) for _ in range(8)]
    target, second = ([painted(photo, rng) for photo in photos] for _ in range(2))
    return Exam("oil", pictures(photos), pictures(target), pictures(second), paired=True, second=pictures(second))


def figures(exam, fakes):
    return {name: one.figure() for name, one in measure(Rows.of(exam, fakes, Wavelets())).items()}


def test_the_copy_scores_zero_and_the_real_thing_one(exam):
    for fakes, expected in ((exam.source.pixels, 0.0), (exam.second.pixels, 1.0)):
        found = figures(exam, fakes)
        assert all(found[name].score for name in CALIBRATED), {name: found[name].note for name in CALIBRATED}
        for name, figure in found.items():
            if figure.score:
                score = figure.score
                assert (score.value, score.low, score.high) == pytest.approx((expected,) * 3, abs=1e-9), name


def test_a_planted_better_painter_ranks_first(exam):
    rng = np.random.default_rng(5)
    good, poor = ([painted(photo, rng, strength) for photo in exam.source.pixels] for strength in (26, 8))
    better, worse = figures(exam, good)["gram"].score, figures(exam, poor)["gram"].score
    assert better.value > worse.value
    assert better.low > worse.high


def test_faults_are_seen(exam):
    def looked_at(fakes):
        rows = Rows.of(exam, fakes, Wavelets())
        return {name: one.figure().method for part in (own_faults, collapses, kept_content) for name, one in part(rows)}

    def faulty(change):
        return looked_at([np.clip(change(pixels.astype(float)), 0, 255).astype(np.uint8) for pixels in exam.second.pixels])

    clean, identity, constant = (looked_at(fakes) for fakes in (exam.second.pixels, exam.source.pixels, [exam.second.pixels[0]] * 8))
    y, x = np.mgrid[:64, :64]
    assert faulty(lambda p: p + 16 * (-1.0) ** (x + y)[..., None])["checkerboard"].low > 3 * clean["checkerboard"].high
    frame = np.pad(np.ones((58, 58)), 3, constant_values=0.7)[..., None]
    assert faulty(lambda p: p * frame)["border"].low > clean["border"].high
    assert faulty(lambda p: 255 - p)["colour_shift"].low > 3 * clean["colour_shift"].high
    assert constant["diversity"].value < 0.01 < 0.5 < clean["diversity"].value
    assert identity["kept_detail"].value == pytest.approx(1)
    assert clean["kept_detail"].high < 0.5


def test_without_counterparts_paintings_are_known_by_their_common_texture(exam):
    rng = np.random.default_rng(3)
    others = pictures([painted(photograph(rng), rng) for _ in range(8)])
    unpaired = Exam("oil", exam.source, exam.target, others, paired=False)
    found = figures(unpaired, exam.second.pixels)
    assert not {"ssim", "mse"} & set(found)
    assert found["structure"].real is None
    assert found["gram"].score.low > 0.5
    assert figures(unpaired, exam.source.pixels)["gram"].score.value == pytest.approx(0)


def test_files_tell_of_their_originals():
    names = [original_by(r"(.+?)__")(name) for name in ("starry__s512_0", "starry__full", "other")]
    assert names == ["starry", "starry", "other"]
    for pattern, reason in (("(", "no regular expression"), ("a+", "needs a group")):
        with pytest.raises(UserError, match=f"evaluation.originals: .*{reason}"):
            original_by(pattern)


def untrained(method, tmp_path):
    """A run folder at step 0."""
    rng = np.random.default_rng(0)
    for role in ("source", "target"):
        for index in range(20):
            photo = photograph(rng)
            images.write(tmp_path / role / f"{index:02d}.png", images.Picture(photo if role == "source" else painted(photo, rng)))
    path = tmp_path / f"{method}.yaml"
    path.write_text(recipe(method, tmp_path / "source", tmp_path / "target"))
    run, read = Run(tmp_path / "runs" / method / "default" / "seed0"), read_recipe(str(path))
    run.folder.mkdir(parents=True)
    runs.settle_config(run, read.config.model_dump(mode="json"))
    run.write_summary(facts(read, 0, Machine("float32", 2, "tests")))
    objective = build_objective(read.config, 0)
    checkpoints.mark_best(checkpoints.save(objective, run.checkpoints, 0, seconds=0.0, figures={}))
    return run


def evaluated(run, *options):
    return CliRunner().invoke(main, ["evaluate", str(run.folder), *options])


def test_a_run_leaves_a_result_and_its_pictures(tmp_path):
    run = untrained("gan", tmp_path)
    done = evaluated(run, "--output", str(tmp_path / "cell.json"), "--budget", "5 minutes")
    assert done.exit_code == 0, done.output
    assert "judged by wavelets v1" in done.output
    result = Result.read(tmp_path / "cell.json")
    assert (result.experiment, result.variant, result.seed, result.budget, result.step) == ("gan", "default", 0, "5 minutes", 0)
    assert result.judge["sha256"] == Wavelets().fingerprint()
    count = result.data["pictures"]
    assert count == result.data["photographs"] > 0
    assert not result.data["paired"]
    for role in ("source", "painted"):
        assert len(list((run.folder / "evaluation" / "last" / role).glob("*.png"))) == count
    as_json = json.loads(evaluated(run, "--json", "--split", "val").stdout)
    assert as_json["split"] == "val"
    both = evaluated(run, "--checkpoint", "best").output
    assert "last checkpoint" in both
    assert "best checkpoint" in both


def test_every_style_is_judged_and_a_hidden_code_is_looked_for(tmp_path):
    several = evaluated(untrained("multistyle", tmp_path / "m"))
    assert "gram, a" in several.output, several.output
    assert "gram, b" in several.output
    there_and_back = evaluated(untrained("cyclegan", tmp_path / "c"))
    assert "steganography" in there_and_back.output, there_and_back.output


@pytest.mark.parametrize(
    "features",
    ["{kind: application, network: VGG19, layers: [block1_conv1], weights: vgg.npz}", "{kind: vgg19_normalised, weights: vgg.npz}"],
)
def test_a_judge_that_trained_is_refused_with_the_reason(features, tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(recipe("gan", "a", "b").replace("kind: gan,", f"kind: gan, style_features: {features},"))
    for judge in ("vgg19", "vgg19_normalised"):
        with pytest.raises(UserError, match=r"evaluation.judge: VGG19 is what objective.style_features trains with"):
            read_recipe(str(path), None, (f"evaluation.judge={{kind: {judge}, weights: vgg.npz}}",))
    read_recipe(str(path), None, ("evaluation.judge={kind: squeezenet, weights: other.npz}",))
    read_recipe(str(path), None, ("evaluation.judge={kind: vgg19_normalised, weights: other.npz}",))
    read_recipe(str(path))


def test_frames_flicker_as_the_strokes_do(tmp_path):
    run, rng = untrained("gan", tmp_path), np.random.default_rng(0)
    still = photograph(rng)
    for index in range(3):
        images.write(tmp_path / "film" / f"{index}.png", images.Picture(still))
    path = tmp_path / "cell.json"
    done = evaluated(run, "--frames", str(tmp_path / "film"), "--output", str(path))
    assert done.exit_code == 0, done.output
    assert Result.read(path).figures["flicker"].method.value == 0  # equal frames are painted alike: the seed is fixed
    images.write(tmp_path / "film" / "3.png", images.Picture(photograph(rng, 80)))
    assert "pictures of one size" in evaluated(run, "--frames", str(tmp_path / "film")).output


def test_mistakes_are_one_message(tmp_path):
    run = untrained("gan", tmp_path)
    for options, message in (
        (("--judge", "wavelet"), "--judge"),
        (("--judge", "{kind: mobilenet_v2, weights: none.npz}"), "none.npz"),
        (("--lpips", "a.npz", "b.npz"), "a.npz"),
    ):
        done = evaluated(run, *options)
        assert (done.exit_code, "Traceback" in done.output) == (2, False), done.output
        assert message in done.output
    assert "no run of 'nothing'" in CliRunner().invoke(main, ["evaluate", "nothing", "--runs", str(tmp_path)]).output


def test_judges_named_on_the_command_line():
    assert named_judge("wavelets").name == "wavelets v1"
    with pytest.raises(UserError, match="wavelets"):
        named_judge("nonsense")


def test_folders_give_their_test_pictures_and_training_targets(tmp_path, cache, pictures):
    config = Folders(kind="folders", source=str(pictures("photos", 20)), target=str(pictures("paintings", 20)), crop=32)
    (one,) = open_exams(config, "test", cache)
    assert not one.paired
    assert set(one.target.names).isdisjoint(one.others.names)
    renamed = replace(one.source, names=tuple(f"x{name}" for name in one.source.names))
    assert renamed.sha256() != one.source.sha256()
