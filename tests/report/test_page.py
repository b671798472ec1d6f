"""What the page says is what the results say, and nothing in them can break it."""

import json
import re

import numpy as np
import pytest

from gan_style.evaluation.preferences import ANSWERS, Answer, add_answer
from gan_style.evaluation.result import Estimate, Figure
from gan_style.report.html import blob
from gan_style.report.statistics import holm
from tests.report.page import report
from tests.report.synthetic import IDENTITY, PHOTOGRAPHS, REAL, around


def test_a_planted_better_method_comes_first_and_its_interval_excludes_the_worse(four, page):
    result = report()
    assert result.exit_code == 0, result.output
    ranked = [
        row for row in page().rows() if row[0][0].get("data-sort") in ("default", "better", "worse", "alike")
    ]
    names = [row[0][0]["data-sort"] for row in ranked]
    assert names[0] == "better"
    assert names[-1] == "worse"
    intervals = {}
    for name, row in zip(names, ranked, strict=True):
        value, half = map(float, re.match(r"(\d\.\d\d) ± (\d\.\d\d)", row[1][1]).groups())  # the score
        intervals[name] = (value - half, value + half)
    assert intervals["better"][0] > intervals["default"][1] > intervals["default"][0] > intervals["worse"][1]
    told = {name: row[1][1] for name, row in zip(names, ranked, strict=True)}
    assert "▲ better" in told["better"]
    assert "▼ worse" in told["worse"]
    assert "≈ default" in told["alike"]


def test_numbers_and_sort_keys_match_the_results(four, page):
    report()
    row = next(row for row in page().rows() if row[0][0].get("data-sort") == "better")
    style, psnr = row[1], row[2]
    assert float(style[0]["data-sort"]) == pytest.approx(0.21)
    assert float(style[0]["data-score"]) == pytest.approx((IDENTITY - 0.21) / (IDENTITY - REAL))
    # Three seeds 0.20, 0.21, 0.22 alone: half width 4.303 * 0.01 / sqrt 3 = 0.025. That of 12 photographs is
    # added, and with it degrees of freedom.
    assert "0.210 ± 0.022" in style[1]
    assert "0.88 ± 0.02" in style[1]
    assert "not separable" in psnr[1]
    assert "data-score" not in psnr[0]
    references = [row for row in page().rows() if row[0][1].startswith(("identity baseline", "real vs real"))]
    assert [row[1][1] for row in references] == ["1.000 [0.950, 1.050]", "0.100 [0.080, 0.120]"]


def test_the_page_needs_no_network_and_carries_its_data(four, page):
    report()
    text = (four.output / "report.html").read_text()
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(https?:)?//""", text)
    assert "http" not in re.sub(
        r"http-equiv|http://www.w3.org/2000/svg", "", re.sub(r'data:image/webp;base64,[^"]+', "", text)
    )
    sources = [attributes["src"] for attributes, _ in page().find("img")]
    assert len(sources) == 2 * 6  # two photographs: itself, four methods, its true painting
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    data = json.loads(page().find("script", id="data")[0][1])
    assert data["labels"] == ["default", "alike", "better", "worse"]
    curve = next(curve for curve in data["curves"]["full"]["generator/total"] if curve["label"] == "default")
    assert len(curve["x"]) <= 200
    assert np.all(np.array(curve["low"]) <= curve["mean"])
    assert np.all(np.array(curve["mean"]) <= curve["high"])
    # Seeds 0, 1, 2 were planted 0.1 apart.
    assert np.mean(np.subtract(curve["high"], curve["low"])) == pytest.approx(0.2, abs=0.02)
    point = next(point for point in data["cost"]["points"] if point["label"] == "better")
    assert point["ms"] == 158
    assert point["quality"]["style"][0] == pytest.approx((IDENTITY - 0.21) / (IDENTITY - REAL))


def test_the_default_is_resolved_where_its_run_says_more(four, page):
    (four.runs / "oil" / "default" / "seed0" / "config.yaml").write_text(
        "method: {kind: gan, pool_size: 0, ema_decay: 0.998}\n"
    )
    four.ablation("better", "method: {pool_size: 50, ema_decay: 0.5}")
    report()
    article = next(text for _, text in page().find("article") if text.startswith("better"))
    assert "method.pool" in article
    assert "0 → 50" in article
    assert "0.998 → 0.5" in article
    assert "style" not in article


def test_a_block_of_another_kind_names_what_went_away(lab, page):
    lab.ablation("other", "method: {kind: cut, temperature: 0.07}")
    lab.add(lab.result("default", 0, 0.4))
    lab.add(lab.result("other", 0, 0.5, overrides=("train.steps=7",)))
    report()
    article = next(text for _, text in page().find("article") if text.startswith("other"))
    for told in ("gan → cut", "unsaid → 0.07", "3324 → 7", "Gone: ", "method.weights.style 0.5"):
        assert told in article


def test_a_trial_of_a_sweep_shows_what_it_changes_and_a_lost_variant_does_not_pass_for_the_default(lab, page):
    (lab.folder / "sweeps").mkdir()
    sweep = "extends: ../config.yaml\nwhy: How soft?\nsweep: {over: {method.ema_decay: [0, 0.9]}}\n"
    (lab.folder / "sweeps" / "soft.yaml").write_text(sweep)
    for variant in ("default", "soft=ema_decay-0.9", "lost"):
        lab.add(lab.result(variant, 0, 0.4))
    assert "lost: what it changes is not shown: experiment 'oil' has no ablation 'lost'" in report().stderr
    cards = {text.split()[0]: text for _, text in page().find("article")}
    assert "How soft?" in cards["soft=ema_decay-0.9"]
    assert "0.998 → 0.9" in cards["soft=ema_decay-0.9"]
    assert "The recipe as it is." in cards["default"]
    assert "What it changes cannot be read any more." in cards["lost"]


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> & "quoted" \''


def test_hostile_texts_stay_texts(lab, page):
    (lab.folder / "README.md").write_text(f"# oil {HOSTILE}\n\n{'Q'}{HOSTILE}\n")
    lab.ablation("evil", "method: {ema_decay: 0}", HOSTILE)
    lab.add(lab.result("default", 0, 0.4, hardware=HOSTILE, budget=f"full{HOSTILE}"))
    figures = lab.result("evil", 0, 0.5).figures | {
        "</script><b>": Figure(better="lower", method=around(1, 0.1), note=HOSTILE)
    }
    lab.add(lab.result("evil", 0, 0.5, figures=figures, backbone={"name": HOSTILE, "sha256": "x"}))
    lab.add(lab.result("default", 1, 0.4, backbone={"name": HOSTILE, "sha256": "x"}))
    assert report().exit_code == 0
    found = page()
    assert len(found.find("script")) == 2
    assert not found.find("img")
    assert any(HOSTILE in text for _, text in found.find("p"))
    assert json.loads(found.find("script", id="data")[0][1])["cost"]["metrics"][-1]["name"] == "</script><b>"


def test_the_blob_cannot_end_its_element():
    assert "<" not in blob({"x": "</script>"})
    assert json.loads(blob({"x": "</script> & é"})) == {"x": "</script> & é"}


def test_only_common_photographs_are_paired(lab, page):
    lab.add(lab.result("default", 0, 0.4))
    few = lab.result("few", 0, 0.5)
    for seed in range(1, 3):
        lab.add(lab.result("default", seed, 0.4))
    for seed in range(3):
        few = lab.result("few", seed, 0.5)
        names = (*PHOTOGRAPHS[:10], "unknown", "unseen")
        units = {"photographs": dict(zip(names, np.linspace(0.4, 0.6, 12), strict=True))}
        reached = Estimate(value=0.5, low=0.4, high=0.6, units=units)
        style = few.figures["style"].model_copy(update={"method": reached})
        lab.add(few.model_copy(update={"figures": {**few.figures, "style": style}}))
    report()
    (line,) = (row for row in page().rows() if len(row) == 7 and row[0][1] == "few")
    assert [text for _, text in line[5:]] == ["10", "3"]


def test_holm_corrects_for_every_test_of_the_table(lab, page):
    for variant, style in (("default", 0.4), ("one", 0.393), ("two", 0.41)):
        for seed in range(3):
            result = lab.result(variant, seed, style + 0.002 * seed)
            other = lab.result(variant, seed, style).figures["style"]
            lab.add(result.model_copy(update={"figures": {**result.figures, "other": other}}))
    report()
    lines = [row for row in page().rows() if len(row) == 7 and row[0][1] in ("one", "two")]
    raw, corrected = ([float(re.sub("p [=<] ", "", row[place][1])) for row in lines] for place in (3, 4))
    assert [row[1][1] for row in lines] == ["style", "other"] * 2
    assert corrected == pytest.approx(holm(raw), rel=0.1), "not metric by metric"
    assert corrected != pytest.approx([*holm(raw[::2]), *holm(raw[1::2])], rel=0.1)


def test_methods_are_ranked_by_the_metric_that_the_recipe_names(lab, page):
    for variant, style, other in (("default", 0.4, 0.3), ("better_by_other", 0.5, 0.2)):
        for seed in range(3):
            result = lab.result(variant, seed, style)
            figures = {**result.figures, "other": lab.result(variant, seed, other).figures["style"]}
            lab.add(result.model_copy(update={"figures": figures, "primary": "other"}))
    report()
    assert [row[0][0]["data-sort"] for row in page().rows() if "data-sort" in row[0][0]] == [
        "better_by_other",
        "default",
    ]
    assert "By other," in (lab.output / "report.html").read_text()


def test_what_people_preferred_stands_in_the_report_of_those_they_compared(four, page):
    report()
    assert not page().find("section", id="people")
    runs = ("oil/default/seed0", "oil/better/seed0")
    for number in range(12):
        choice = ("right", "tie")[number % 3 == 0]
        add_answer(four.runs / ANSWERS, Answer("cat", *runs, choice, str(number % 2)))
    report()
    (_, told) = page().find("section", id="people")[0]
    assert "12 answers by 2 people" in told
    assert "as if all people were alike" in told
    rows = [[text for _, text in row] for row in page().rows() if row[0][1] in runs]
    assert [row[0] for row in rows] == ["oil/better/seed0", "oil/default/seed0"]
    assert [row[3] for row in rows] == ["8, 4, 0", "0, 4, 8"]
    add_answer(four.runs / ANSWERS, Answer("cat", "<b>", runs[0], "left"))
    report()
    assert "<b>" in [row[0][1] for row in page().rows()]
