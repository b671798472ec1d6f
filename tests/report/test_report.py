"""From made-up results to the page, tables, plots and the README, by way of the command."""

import csv
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli import main
from gan_style.evaluation.result import Figure
from gan_style.report.html import blob
from tests.report.synthetic import COPIED, PHOTOGRAPHS, REAL, around

VOID = {"meta", "link", "img", "br", "input", "wbr"}


def report(*options: str):
    return CliRunner().invoke(main, ["report", "oil", *options])


class Page(HTMLParser):
    """Elements with their attributes and own text, while checking that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), []))
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, texts in self.open:
            texts.append(data)

    def find(self, tag, **wanted):
        return [(some, "".join(texts)) for name, some, texts in self.elements if name == tag and wanted.items() <= some.items()]

    def rows(self):
        """Cells of the results tables: label -> (attributes, text) of each, by row."""
        found = []
        for name, attributes, texts in self.elements:
            if name == "tr":
                found.append([])
            elif name in ("td", "th") and found:
                found[-1].append((attributes, "".join(texts)))
        return found


@pytest.fixture
def page(lab):
    def read() -> Page:
        return Page((lab.output / "report.html").read_text())

    return read


@pytest.fixture
def four(lab):
    """The default at three seeds, one better, one worse and one alike, with runs."""
    for name, changed in (
        ("better", "objective: {average: 0.5}"),
        ("worse", "objective: {weights: {style: 0}}"),
        ("alike", "train: {steps: 3324}"),
    ):
        lab.ablation(name, changed, f"Why {name}?")
    for variant, style in (("default", 0.40), ("better", 0.20), ("worse", 0.70), ("alike", 0.40)):
        for seed in range(3):
            lab.add(lab.result(variant, seed, style + 0.01 * seed), run=True)
    return lab


def test_a_planted_better_method_comes_first_and_its_interval_excludes_the_worse(four, page):
    result = report()
    assert result.exit_code == 0, result.output
    ranked = [row for row in page().rows() if row[0][0].get("data-sort") in ("default", "better", "worse", "alike")]
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
    assert float(style[0]["data-score"]) == pytest.approx((COPIED - 0.21) / (COPIED - REAL))
    # Three seeds 0.20, 0.21, 0.22: half width 4.303 * 0.01 / sqrt 3.
    assert "0.210 ± 0.025" in style[1]
    assert "0.88 ± 0.03" in style[1]
    assert "not separable" in psnr[1]
    assert "data-score" not in psnr[0]
    anchors = [row for row in page().rows() if row[0][1].startswith(("untouched photograph", "real paintings"))]
    assert [row[1][1] for row in anchors] == ["1.000 [0.950, 1.050]", "0.100 [0.080, 0.120]"]


def test_the_page_needs_no_network_and_carries_its_data(four, page):
    report()
    text = (four.output / "report.html").read_text()
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(https?:)?//""", text)
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org/2000/svg", "", re.sub(r'data:image/webp;base64,[^"]+', "", text))
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
    assert point["quality"]["style"][0] == pytest.approx((COPIED - 0.21) / (COPIED - REAL))


def test_the_default_is_resolved_where_its_run_says_more(four, page):
    (four.runs / "oil" / "default" / "seed0" / "config.yaml").write_text("objective: {kind: gan, pool: 0, average: 0.998}\n")
    four.ablation("better", "objective: {pool: 50, average: 0.5}")
    report()
    article = next(text for _, text in page().find("article") if text.startswith("better"))
    assert "objective.pool" in article
    assert "0 → 50" in article
    assert "0.998 → 0.5" in article
    assert "style" not in article


def test_a_block_of_another_kind_names_what_went_away(lab, page):
    lab.ablation("other", "objective: {kind: cut, temperature: 0.07}")
    lab.add(lab.result("default", 0, 0.4))
    lab.add(lab.result("other", 0, 0.5, overrides=("train.steps=7",)))
    report()
    article = next(text for _, text in page().find("article") if text.startswith("other"))
    for told in ("gan → cut", "unsaid → 0.07", "3324 → 7", "Gone: ", "objective.weights.style 0.5"):
        assert told in article


HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> & "quoted" \''


def test_hostile_texts_stay_texts(lab, page):
    (lab.folder / "README.md").write_text(f"# oil {HOSTILE}\n\n{'Q'}{HOSTILE}\n")
    lab.ablation("evil", "objective: {average: 0}", HOSTILE)
    lab.add(lab.result("default", 0, 0.4, hardware=HOSTILE, budget=f"full{HOSTILE}"))
    figures = lab.result("evil", 0, 0.5).figures | {"</script><b>": Figure(better="lower", method=around(1, 0.1), note=HOSTILE)}
    lab.add(lab.result("evil", 0, 0.5, figures=figures, judge={"name": HOSTILE, "sha256": "x"}))
    lab.add(lab.result("default", 1, 0.4, judge={"name": HOSTILE, "sha256": "x"}))
    assert report().exit_code == 0
    found = page()
    assert len(found.find("script")) == 2
    assert not found.find("img")
    assert any(HOSTILE in text for _, text in found.find("p"))
    assert json.loads(found.find("script", id="data")[0][1])["cost"]["metrics"][-1]["name"] == "</script><b>"


def test_the_blob_cannot_end_its_element():
    assert "<" not in blob({"x": "</script>"})
    assert json.loads(blob({"x": "</script> & é"})) == {"x": "</script> & é"}


def test_csv_gives_back_every_figure(four):
    report()
    with (four.output / "results.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 4 * 3 * 2
    line = next(line for line in lines if (line["variant"], line["seed"], line["metric"]) == ("worse", "1", "style"))
    assert float(line["value"]) == 0.71
    assert (float(line["copied"]), float(line["real"])) == (COPIED, REAL)
    assert float(line["score_high"]) == (COPIED - 0.71) / (COPIED - REAL) + 0.05
    assert line["judge"] == "wavelets"
    psnr = next(line for line in lines if line["metric"] == "psnr")
    assert (psnr["score"], psnr["note"]) == ("", "not separable")


def test_latex_rows_have_equally_many_cells(four):
    four.add(four.result("odd_name&", 0, 0.5))
    report()
    text = (four.output / "table.tex").read_text()
    cells = [len(re.split(r"(?<!\\)&", line)) for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
    assert set(cells) == {3}
    assert r"odd\_name\&" in text
    assert r"better & $0.210$ {\footnotesize $\pm 0.025$} & $0.88$" in text


def test_plots_show_something(four):
    report()
    for name, size in (("loss.png", (1280, 800)), ("quality-cost.png", (640, 400))):
        with Image.open(four.output / name) as image:
            assert image.size == size
            assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 50


def test_the_sheet_is_small_and_holds_the_pictures(lab):
    for variant in ("default", "else1", "else2", "else3", "else4"):
        lab.add(lab.result(variant, 0, 0.4), run=True, pictures=5, side=256)
    report()
    path, width = lab.results / "sheet.jpg", 7 * 224 + 6 * 6  # photograph, five methods, true painting
    assert path.stat().st_size <= 300_000
    with Image.open(path) as sheet, Image.open(lab.runs / "oil" / "else2" / "seed0" / "evaluation/last/painted/photo00.png") as painted:
        scale = sheet.width / width
        assert sheet.height == pytest.approx((24 + 3 * 224 + 2 * 6) * scale, abs=2)  # three of five photographs
        place = [round(edge * scale) for edge in (3 * 230, 24, 3 * 230 + 224, 24 + 224)]
        here = np.asarray(sheet.crop(place).resize((16, 16), Image.Resampling.BOX), float)
        there = np.asarray(painted.resize((16, 16), Image.Resampling.BOX), float)
    assert np.abs(here - there).mean() < 4
    assert "](results/sheet.jpg)" in (lab.folder / "README.md").read_text()


def test_the_readme_keeps_what_is_around_the_markers(four):
    path = four.folder / "README.md"
    before = path.read_text()
    report()
    once = path.read_text()
    assert once.startswith(before.rstrip())
    assert "## Results (generated)\n\n<!-- results:begin -->" in once
    assert "| `better` | 3 | 3,324 | 0.210 ± 0.025 → **0.88** ± 0.03 |" in once
    report()
    assert path.read_text() == once
    moved = f"# oil\n\nA <!-- results:begin -->old<!-- results:end --> B{before}"
    path.write_text(moved)
    report()
    text = path.read_text()
    assert text.startswith("# oil\n\nA <!-- results:begin -->\nMade by")
    assert text.endswith(f"<!-- results:end --> B{before}")


@pytest.mark.parametrize("text", ["<!-- results:begin -->", "<!-- results:end -->", "<!-- results:end --> <!-- results:begin -->"])
def test_half_a_pair_of_markers_is_refused(lab, text):
    lab.add(lab.result("default", 0, 0.4))
    (lab.folder / "README.md").write_text(text)
    result = report()
    assert result.exit_code == 2
    assert "README.md: expected '<!-- results:begin -->' and then '<!-- results:end -->'" in result.stderr
    assert (lab.folder / "README.md").read_text() == text


def test_results_alone_make_a_report(lab, page):
    lab.add(lab.result("default", 0, 0.4))
    lab.add(lab.result("default", 1, 0.4, budget="5 minutes", overrides=("train.steps=9",)), "default+abcdef")
    lab.results.joinpath("budget-5-minutes.json").write_text("{}")
    result = report()
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "No run folder with painted test pictures" in (lab.output / "report.html").read_text()
    assert [text for _, text in page().find("caption")] == ["full", "5 minutes"]
    assert "0.400 [0.360, 0.440]" in (lab.output / "report.html").read_text().replace(" <small>", " ")
    assert not (lab.output / "loss.png").exists()
    assert "sheet.jpg" not in (lab.folder / "README.md").read_text()


def test_what_cannot_stand_beside_the_others_is_named_and_left_out(lab, page):
    for seed in range(3):
        lab.add(lab.result("default", seed, 0.4))
    lab.add(lab.result("judged", 0, 0.1, judge={"name": "inception"}))
    lab.add(lab.result("halted", 0, 0.1, step=100))
    lab.add(lab.result("foreign", 0, 0.1, experiment="cartoon"))
    lab.add(lab.result("empty", 0, 0.1, figures={}))
    lab.add(lab.result("default", 3, 0.1, training={"config_sha256": "another"}))
    (lab.results / "torn-seed0.json").write_text('{"experiment": "oil", ')
    (lab.results / "other-seed0.json").write_text('{"experiment": "oil"}')
    result = report()
    assert result.exit_code == 0
    reasons = {
        "judged": "another judge", "halted": "step 100 of 3,324", "foreign": "a result of 'cartoon'", "empty": "no figures",
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
    lab.add(lab.result("default", 0, 0.5, overrides=("objective.average=0.9",)), "default+123abc")
    lab.add(lab.result("default", 0, 0.6, checkpoint="best", step=500), "default-best")
    report()
    names = [row[0][0]["data-sort"] for row in page().rows() if "data-sort" in row[0][0]]
    assert names == ["default", "default+123abc", "default (best)"]


def test_no_results_say_what_to_run(lab):
    result = report()
    assert result.exit_code == 2
    assert "there are no results of 'oil' to report; make some: make ablate EXP=oil" in result.stderr
    assert "there is no experiment 'oli'; experiments/ holds: oil" in CliRunner().invoke(main, ["report", "oli"]).stderr


def test_damaged_runs_do_not_stop_the_report(four):
    run = four.runs / "oil" / "default" / "seed0"
    (run / "metrics.jsonl").write_text('{"step": 1, "generator/total": 2}\n[1]\n{"generator/total": 3}\n{"step": 2, "generator/to')
    (run / "evaluation" / "last" / "painted" / "photo00.png").write_bytes(b"junk")
    result = report()
    assert result.exit_code == 0, result.output
    assert "photo00.png: not a picture" in result.stderr


def test_only_common_photographs_are_paired(lab, page):
    lab.add(lab.result("default", 0, 0.4))
    few = lab.result("few", 0, 0.5)
    style = few.figures["style"].model_copy(update={"units": {PHOTOGRAPHS[0]: 1.0, PHOTOGRAPHS[1]: 1.0, "unknown": 1.0}})
    lab.add(few.model_copy(update={"figures": {**few.figures, "style": style}}))
    report()
    (line,) = (row for row in page().rows() if len(row) == 7 and row[0][1] == "few")
    assert [text for _, text in line[5:]] == ["2", "1"]
