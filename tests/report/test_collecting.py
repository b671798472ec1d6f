"""Which results are taken, which are left out, and what is said of it."""

import re

from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import learned_hash
from tests.report.page import report
from tests.small import SMALL_RECIPE


def test_results_alone_make_a_report(lab, page):
    lab.add(lab.result("default", 0, 0.4))
    lab.add(lab.result("default", 1, 0.4, budget="5 minutes", overrides=("train.steps=9",)), "default+abcdef")
    lab.results.joinpath("budget-5-minutes.json").write_text("{}")
    result = report()
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "No run folder with painted test pictures" in (lab.output / "report.html").read_text()
    assert [text for _, text in page().find("caption")] == ["full", "5 minutes"]
    text = (lab.output / "report.html").read_text().replace(" <small>", " ")
    assert re.search(r"0\.4000 \[0\.39\d\d, 0\.40\d\d\]", text), "one run's own, over its photographs"
    assert not (lab.output / "loss.png").exists()
    assert "sheet.jpg" not in (lab.folder / "README.md").read_text()


def test_what_cannot_stand_beside_the_others_is_named_and_left_out(lab, page):
    for seed in range(3):
        lab.add(lab.result("default", seed, 0.4))
    lab.add(lab.result("inception", 0, 0.1, backbone={"name": "inception"}))
    lab.add(lab.result("measured", 0, 0.1, protocol=9))
    lab.add(lab.result("halted", 0, 0.1, step=100))
    lab.add(lab.result("foreign", 0, 0.1, experiment="cartoon"))
    lab.add(lab.result("empty", 0, 0.1, figures={}))
    lab.add(lab.result("default", 3, 0.1, training={"config_sha256": "another"}))
    (lab.results / "torn-seed0.json").write_text('{"experiment": "oil", ')
    (lab.results / "other-seed0.json").write_text('{"experiment": "oil"}')
    result = report()
    assert result.exit_code == 0
    reasons = {
        "inception": "another backbone", "measured": "newer version of this program (protocol 9)",
        "halted": "step 100 of 3,324", "foreign": "a result of 'cartoon'", "empty": "no figures",
        "torn": "no evaluation result", "other": "no evaluation result", "default-seed3": "another recipe",
    }  # fmt: skip
    for name, reason in reasons.items():
        (line,) = (line for line in result.stderr.splitlines() if f"/{name}" in line)
        assert line.startswith("warning: left out: ")
        assert reason in line
    assert "3 runs" in (lab.output / "report.html").read_text()
    assert len(page().find("aside")) == 1


def test_two_recipes_of_one_variant_are_two_methods(lab, page):
    lab.add(lab.result("default", 0, 0.4))
    lab.add(lab.result("default", 0, 0.5, overrides=("method.ema_decay=0.9",)), "default+123abc")
    lab.add(lab.result("default", 0, 0.6, checkpoint="best", step=500), "default-best")
    report()
    names = [row[0][0]["data-sort"] for row in page().rows() if "data-sort" in row[0][0]]
    assert names == ["default", "default+123abc", "default (best)"]


def test_folds_are_one_method_that_was_tested_on_all_of_them(lab, page):
    """Two trials, five folds, each with a test set of its own; the default was tested on yet another."""
    lab.add(lab.result("default", 0, 0.9))
    for pool, style in ((0, 0.4), (9, 0.2)):
        for fold in range(5):
            training = {"config_sha256": None, "ms_per_step": 100}
            result = lab.result(
                f"cv=pool_size-{pool}_fold-{fold}",
                0,
                style + fold / 10,
                data={"source_sha256": fold},
                training=training,
            )
            lab.add(
                result.model_copy(update={"overrides": ("train.steps=3324",)}),
                f"cv=pool_size-{pool}_fold-{fold}+{fold}",
            )
    lab.add(lab.result("cv=pool_size-5_fold-1", 0, 0.1, data={"source_sha256": 99}))
    result = report()
    (line,) = (line for line in result.stderr.splitlines() if "left out" in line)
    assert "cv=pool_size-5_fold-1-seed0.json: another test set" in line
    assert [text for _, text in page().find("caption")] == [
        "full",
        "full, cross-validated",
    ]
    text = (lab.folder / "README.md").read_text()
    assert "| `cv=pool_size-9_fold-*` | 1 seed × 5 folds | 3,324 | 100 | 0.40 → **0.67** ± 0.22 |" in text
    assert "| `cv=pool_size-0_fold-*` | 1 seed × 5 folds | 3,324 | 100 | 0.60 → **0.44** ± 0.22 |" in text
    lines = (lab.output / "results.csv").read_text().splitlines()
    assert 'oil,cv=pool_size-9_fold-*,"full, cross-validated",0,2,style,' in "\n".join(lines)


def test_no_results_say_what_to_run(lab):
    result = report()
    assert result.exit_code == 2
    assert "there are no results of 'oil' to report; make some: make ablate EXP=oil" in result.stderr
    assert (
        "there is no experiment 'oli'; experiments/ holds: oil"
        in CliRunner().invoke(main, ["report", "oli"]).stderr
    )


def test_results_of_a_recipe_that_changed_are_called_outdated(lab, page):
    lab.folder.joinpath("config.yaml").write_text(SMALL_RECIPE.format(source="photos", target="paintings"))
    lab.ablation("no_pool", "method: {pool_size: 0}")
    lab.ablation("gone", "method: {pool_size: 9}")
    for variant, overrides in (("default", ()), ("no_pool", ("train.steps=9",)), ("gone", ())):
        sha = learned_hash(read_recipe("oil", None if variant == "default" else variant, overrides).config)
        lab.add(lab.result(variant, 0, 0.4, overrides=overrides, training={"config_sha256": sha}))
    assert report().stderr == ""
    assert not page().find("aside")
    (lab.folder / "ablations" / "gone.yaml").unlink()
    lab.ablation("no_pool", "method: {pool_size: 1}")
    result = report()
    assert "warning: no_pool (full): trained with another recipe than the files hold now" in result.stderr
    assert (
        "warning: gone (full): its recipe cannot be read any more: experiment 'oil' has no ablation 'gone'"
        in result.stderr
    )
    assert "default" not in result.stderr
    for text in (page().find("aside")[0][1], (lab.folder / "README.md").read_text()):
        assert "Outdated" in text
        assert "no_pool (full): trained with another recipe" in text


def test_an_experiment_may_be_named_by_its_path(lab):
    lab.add(lab.result("default", 0, 0.4))
    for name in (str(lab.folder), str(lab.folder / "config.yaml")):
        assert CliRunner().invoke(main, ["report", name]).exit_code == 0
    assert (
        "expected an experiment"
        in CliRunner().invoke(main, ["report", str(lab.ablation("some", "train: {steps: 1}"))]).stderr
    )


def test_damaged_runs_do_not_stop_the_report(four):
    run = four.runs / "oil" / "default" / "seed0"
    (run / "metrics.jsonl").write_text(
        '{"step": 1, "generator/total": 2}\n[1]\n{"generator/total": 3}\n{"step": 2, "generator/to'
    )
    (run / "evaluation" / "last-test" / "painted" / "photo00.png").write_bytes(b"junk")
    result = report()
    assert result.exit_code == 0, result.output
    assert "photo00.png: not a picture" in result.stderr


def test_old_results_stand_apart_without_intervals_or_verdicts(lab, page):
    """What a paper says must not rest on intervals that did not hold."""
    for seed in range(3):
        lab.add(lab.result("default", seed, 0.3))
        for variant, style in (("default", 0.4), ("before", 0.1)):
            old = lab.result(variant, seed, style, protocol=2, overrides=("train.steps=3324",))
            figures = {
                "artfid[wavelets]" if name == "psnr" else name: one for name, one in old.figures.items()
            }
            lab.add(old.model_copy(update={"figures": figures}), f"{variant}+0ld")
    assert report().exit_code == 0
    old = "full, old evaluation (protocol 2)"
    assert [text for _, text in page().find("caption")] == ["full", old]
    text = (lab.folder / "README.md").read_text()
    assert "| `before` | 3 seeds | 3,324 | 158 | 0.10 → **1.00** |" in text
    assert "| `default` | 3 seeds | 3,324 | 158 | 0.30 → **0.78** ±" in text
    rows = [row for row in page().rows() if row[0][0].get("data-sort") == "before"]
    assert not any("better" in text for _, text in rows[0])
    assert "artfid" not in text, "which was not ArtFID"
    assert "structure kid" in (lab.output / "report.html").read_text()


def test_drawn_scenes_stand_apart_from_the_photographs(lab, page):
    for seed in range(3):
        result, scenes = lab.result("default", seed, 0.4), lab.result("default", seed, 0.2)
        data = {**result.data, "drawn": {"photographs": 32}}
        lab.add(result.model_copy(update={"drawn": scenes.figures, "data": data}), run=True)
        painted = lab.runs / "oil" / "default" / f"seed{seed}" / "evaluation" / "last-test"
        for role in ("painted", "source", "target"):
            (painted / "drawn" / role).mkdir(parents=True)
            lab.picture(32).save(painted / "drawn" / role / "scene000.png")
    assert report().exit_code == 0
    assert [text for _, text in page().find("caption")] == ["full", "full, drawn scenes"]
    text = (lab.folder / "README.md").read_text()
    assert "3,324 | 158 | 0.40 → **0.67**" in text
    assert "3,324 | 158 | 0.20 → **0.89**" in text
    shown = [text for _, text in page().find("h3")]
    assert {"scene000", "photo00"} <= set(shown)
    assert "3 runs" in (lab.output / "report.html").read_text(), "of which each has both"
    assert shown.count("default full") == 1


def test_new_results_are_never_left_out_for_many_old_ones(lab, page):
    lab.add(lab.result("default", 0, 0.3, backbone={"name": "mobilenet"}))
    for seed in range(3):
        lab.add(lab.result("old", seed, 0.1, protocol=2))
    result = report()
    assert [text for _, text in page().find("caption")] == ["full"]
    assert result.stderr.count("another backbone") == 3


def test_a_result_without_a_value_is_named_and_left_out(lab):
    lab.add(lab.result("default", 0, 0.3))
    path = lab.add(lab.result("old", 0, 0.1, protocol=2))
    path.write_text(path.read_text().replace('"value"', '"valve"'))
    result = report()
    assert result.exit_code == 0
    assert f"left out: {path.relative_to(lab.root)}" in result.stderr
