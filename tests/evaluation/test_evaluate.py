"""From a run to a result: the anchors are exact, the faults are seen, and the file says whose numbers these are."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.ndimage import gaussian_filter

from gan_style import checkpoints, images, runs
from gan_style.cli import main
from gan_style.config import load
from gan_style.data.config import Folders, Gallery
from gan_style.engine import Machine
from gan_style.errors import UserError
from gan_style.evaluation.evaluate import Extras, evaluate
from gan_style.evaluation.exam import Exam, Pictures, open_exams, original_by
from gan_style.evaluation.log import log
from gan_style.evaluation.measure import collapses, kept_content, measure, own_faults, whole_sets
from gan_style.evaluation.result import Estimate, Result
from gan_style.evaluation.rows import Rows
from gan_style.evaluation.show import row
from gan_style.experiment import Experiment, read_recipe
from gan_style.judges import Wavelets, judge_named
from gan_style.paintbox.prepare import PaintboxSettings
from gan_style.runs import Run
from gan_style.session import build_objective, facts
from gan_style.tracking import Tracker, identity
from tests.evaluation.stand_ins import squeezenet_shapes, write
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


def test_kid_of_two_true_paintings_of_the_same_photographs_straddles_zero(exam):
    """Were paintings also compared with their own counterparts, even the highest resample would be below -0.1."""
    kid = figures(exam, exam.second.pixels)["kid"]
    assert kid.real.low < 0 < kid.real.high < 0.01 * kid.copied.low


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


def test_pairs_without_a_second_painting_are_known_by_the_common_texture_too(exam):
    """As pix2pix' sets are: likeness to the counterpart has no real row, but style has."""
    rng = np.random.default_rng(3)
    others = [painted(photograph(rng), rng) for _ in range(3)]
    several = Pictures(("x", "y", "z"), tuple(others), ("x", "y", "z"))
    found = figures(Exam("oil", exam.source, exam.target, several, paired=True), exam.second.pixels)
    assert found["gram"].score.low > 0.5
    assert found["mse"].real is None
    assert found["mse"].note == "no anchor to compare with"


def test_one_or_two_photographs_give_no_score(exam):
    """Their crops are no further evidence: an interval of one photograph has no width, and would separate anything."""

    def of(originals):
        keep = [index for index, name in enumerate(exam.source.originals) if name in originals]
        fewer = [
            Pictures(*(tuple(one[index] for index in keep) for one in (role.names, role.pixels, role.originals)))
            for role in (exam.source, exam.target, exam.second)
        ]
        return figures(Exam("oil", *fewer, paired=True, second=fewer[2]), fewer[2].pixels)

    for few in ("a", "ab"):
        assert {figure.score for figure in of(few).values()} == {None}
        assert "fewer than 3" in of(few)["gram"].note
    assert of("abc")["gram"].score
    assert row("gram", of("a")["gram"])[1].count("[") == 0, "no interval is shown"


def test_diversity_has_an_interval(exam):
    diversity = dict(collapses(Rows.of(exam, exam.second.pixels, Wavelets())))["diversity"].figure().method
    assert diversity.low < diversity.value < diversity.high


def test_a_frechet_distance_has_its_judges_name_and_no_score_without_an_interval(exam):
    rows = Rows.of(exam, exam.second.pixels, Wavelets())
    fid = dict(whole_sets(rows, force_fid=True))["fid (wavelets v1)"].figure()
    assert "8 against 8 pictures" in fid.note
    assert fid.score is None
    assert not any(name.startswith("fid") for name, _ in whole_sets(rows, force_fid=False))


def test_kid_of_subsets_is_told_where_there_are_enough_pictures(exam):
    def many(role):
        return Pictures(*((one * 3)[:24] for one in (role.names, role.pixels)), tuple(f"{index // 4}" for index in range(24)))

    assert "kid_subsets" not in dict(whole_sets(Rows.of(exam, exam.second.pixels, Wavelets()), False))
    source, target, second = map(many, (exam.source, exam.target, exam.second))
    enough = Exam("oil", source, target, second, paired=True, second=second)
    found = dict(whole_sets(Rows.of(enough, second.pixels, Wavelets()), False))["kid_subsets"].figure()
    assert found.note == "mean and spread of 100 subsets of 12"
    assert found.copied.low < found.copied.value < found.copied.high


def test_files_tell_of_their_originals():
    names = [original_by(r"(.+?)__")(name) for name in ("starry__s512_0", "starry__full", "other")]
    assert names == ["starry", "starry", "other"]
    for pattern, reason in (("(", "no regular expression"), ("a+", "needs a group")):
        with pytest.raises(UserError, match=f"evaluation.originals: .*{reason}"):
            original_by(pattern)


def untrained(method, tmp_path, *changes):
    """A run folder at step 0. `changes` are replacements in the recipe's text."""
    rng = np.random.default_rng(0)
    for role in ("source", "target"):
        for index in range(20):
            photo = photograph(rng)
            images.write(tmp_path / role / f"{index:02d}.png", images.Picture(photo if role == "source" else painted(photo, rng)))
    path = tmp_path / f"{method}.yaml"
    text = recipe(method, tmp_path / "source", tmp_path / "target")
    for old, new in changes:
        text = text.replace(old, new)
    path.write_text(text)
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
        assert len(list((run.folder / "evaluation" / "last-test" / role).glob("*.png"))) == count


def test_pictures_of_two_splits_and_of_other_days_are_kept_apart(tmp_path):
    run = untrained("gan", tmp_path)
    stale = run.folder / "evaluation" / "last-test" / "painted" / "of-before.png"
    images.write(stale, images.Picture(np.zeros((4, 4, 3), np.uint8)))
    as_json = json.loads(evaluated(run, "--json", "--split", "val").stdout)
    assert as_json["split"] == "val"
    assert stale.exists()
    evaluated(run)
    assert not stale.exists()
    names = [{file.name for file in (run.folder / "evaluation").glob(f"last-{part}/painted/*.png")} for part in ("val", "test")]
    assert names[0].isdisjoint(names[1])
    assert all(names)


def test_the_best_checkpoint_is_never_shown_without_the_last(tmp_path):
    run = untrained("gan", tmp_path)
    both = evaluated(run, "--checkpoint", "best", "--json")
    assert json.loads(both.stdout)["checkpoint"] == "best"
    assert "last checkpoint" in both.stderr
    assert "best checkpoint" in both.stderr
    (run.checkpoints / "best").rename(tmp_path / "elsewhere")
    without = evaluated(run, "--checkpoint", "best")
    assert (without.exit_code, "no checkpoint that was marked as the best" in without.output) == (2, True)
    assert "judging" not in without.output, "it says so before it has worked for nothing"


def test_a_run_is_judged_by_wavelets_where_the_features_it_was_trained_with_are_gone(tmp_path):
    features = "{kind: application, network: VGG19, layers: [block1_conv1], weights: gone.npz}"
    teacher = f"kind: gan, weights: {{style: 1, rehearsal: 1}}, style_features: {features},"
    run = untrained("gan", tmp_path, ("kind: gan,", teacher))
    assert evaluated(run).exit_code == 0
    network = write(tmp_path / "network.npz", squeezenet_shapes())
    refused = evaluated(run, "--judge", f"{{kind: squeezenet, weights: {network}}}")
    assert refused.exit_code == 2
    assert "gone.npz" in refused.output
    assert "nobody can tell whether the judge SqueezeNet" in refused.output


def test_lpips_of_pictures_without_counterparts_is_refused(tmp_path):
    run = untrained("gan", tmp_path)
    with pytest.raises(UserError, match="--lpips is likeness to a photograph's true counterpart"):
        evaluate(run, None, part="test", which="last", budget="full", extras=Extras(lpips=lambda *pair: np.zeros(1)))


def test_numbers_table_and_pictures_join_the_trainings_wandb_run(tmp_path):
    run = untrained("gan", tmp_path, ("wandb: {mode: disabled}", "wandb: {mode: offline}"))
    config = load(run.config, Experiment).config
    with Tracker(run.folder, 0, config.wandb, **identity(run.folder, config, run.summary())) as tracker:
        tracker.log(1, {"generator/colour": 0.5})
    result = evaluate(run, None, part="test", which="last", budget="full", extras=Extras())
    scored = result.figures["gram"].model_copy(update={"score": Estimate(value=0.4375, low=0.25, high=0.625)})
    log(run, result.model_copy(update={"figures": {"gram": scored}}))
    told = {path: inspected(path) for path in run.folder.rglob("*.wandb")}
    (training,) = (text for text in told.values() if "generator/colour" in text)
    (evaluation,) = (text for text in told.values() if "last-test/gram" in text)
    for expected in (
        "last-test/gram",
        "last-test/gram score",
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
    return subprocess.run([sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(path)], capture_output=True, text=True).stdout


def test_every_style_is_judged_and_a_hidden_code_is_looked_for(tmp_path):
    several = evaluated(untrained("multistyle", tmp_path / "m"))
    assert "gram, a" in several.output, several.output
    assert "gram, b" in several.output
    there_and_back = evaluated(untrained("cyclegan", tmp_path / "c"))
    assert "steganography" in there_and_back.output, there_and_back.output


def test_a_judge_that_trained_is_refused_with_the_reason(tmp_path):
    path = tmp_path / "a.yaml"
    features = "{kind: application, network: VGG19, layers: [block1_conv1], weights: vgg.npz}"
    path.write_text(recipe("gan", "a", "b").replace("kind: gan,", f"kind: gan, style_features: {features},"))
    with pytest.raises(UserError, match=r"evaluation.judge: VGG19 is what objective.style_features trains with"):
        read_recipe(str(path), None, ("evaluation.judge={kind: vgg19, weights: vgg.npz}",))
    for judge in ("{kind: squeezenet, weights: other.npz}", "{kind: wavelets}"):
        read_recipe(str(path), None, (f"evaluation.judge={judge}",))
    path.write_text(path.read_text().replace(features, "{kind: random_pyramid}"))
    for judge in ("{kind: vgg19, weights: vgg.npz}", "{kind: wavelets}"):
        read_recipe(str(path), None, (f"evaluation.judge={judge}",))


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
    assert judge_named("wavelets")().name == "wavelets v1"
    with pytest.raises(UserError, match="wavelets"):
        judge_named("nonsense")


def test_folders_give_their_test_pictures_and_training_targets(tmp_path, cache, pictures):
    config = Folders(kind="folders", source=str(pictures("photos", 20)), target=str(pictures("paintings", 20)), crop=32)
    (one,) = open_exams(config, "test", cache)
    assert not one.paired
    assert set(one.target.names).isdisjoint(one.others.names)
    aligned = config.model_copy(update={"pairing": "paired"})
    open_exams(aligned, "test", cache)
    lost = next(entry for entry in Path(config.target).iterdir() if entry.stem in open_exams(aligned, "test", cache)[0].target.names)
    lost.unlink()
    with pytest.raises(UserError, match=f"no partner of the same name, such as {lost.stem}"):
        open_exams(aligned, "test", cache)
    renamed = replace(one.source, names=tuple(f"x{name}" for name in one.source.names))
    assert renamed.sha256() != one.source.sha256()


def prepared(painter, cache):
    """A paintbox as it lies in the cache, of noise."""
    rng = np.random.default_rng(0)
    folder = cache / "paintbox" / PaintboxSettings(painter).key()
    files = [f"train/{role}/{name}" for role in ("source", "target") for name in ("scene000", "scene001", "rocket0", "rocket1")]
    files += [f"test/{role}/{name}{corner}" for role in ("source", "target", "second") for name in "ab" for corner in range(2)]
    for file in files:
        images.write(folder / f"{file}.png", images.Picture(rng.integers(0, 256, (40, 40, 3), np.uint8)))
    (folder / "done").touch()


def test_a_gallery_has_counterparts_for_all_styles_or_for_none(tmp_path, pictures):
    own, cache = str(pictures("own", 20)), tmp_path / "cache"
    for painter in ("oil", "watercolor"):
        prepared(painter, cache)

    def exams(source, styles):
        return open_exams(Gallery(kind="gallery", source=source, styles=styles, crop=32), "test", cache)

    for one in exams("paintbox", {"oil": "paintbox", "watercolor": "paintbox"}):
        assert one.paired
        assert one.source.names == one.target.names == one.second.names
    for source in ("paintbox", own):
        oil, mine = exams(source, {"oil": "paintbox", "mine": own})
        assert oil.source.sha256() == mine.source.sha256()
        assert [one.paired for one in (oil, mine)] == [False, False]
        # Second paintings of the test photographs would be nearer to the first ones than any other real painting is.
        assert set(oil.target.originals) == {"a", "b"}
        assert set(oil.others.originals) == {"scene000", "scene001", "rocket"}
        assert set(mine.others.names).isdisjoint(mine.target.names)
