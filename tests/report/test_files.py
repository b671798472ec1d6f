"""What is written beside the page: tables, plots, the sheet and the README."""

import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

from gan_style.evaluation.result import Figure
from gan_style.report import sheet
from tests.report.page import report
from tests.report.synthetic import IDENTITY, REAL, around


def test_csv_gives_back_every_figure(four):
    report()
    with (four.output / "results.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 4 * 3 * 2
    line = next(
        line for line in lines if (line["variant"], line["seed"], line["metric"]) == ("worse", "1", "style")
    )
    assert float(line["value"]) == pytest.approx(0.71)
    assert (float(line["identity"]), float(line["real"])) == (IDENTITY, REAL)
    assert float(line["score_high"]) == pytest.approx((IDENTITY - 0.71) / (IDENTITY - REAL) + 0.05)
    assert line["backbone"] == "wavelets"
    psnr = next(line for line in lines if line["metric"] == "psnr")
    assert (psnr["score"], psnr["note"]) == ("", "not separable")


def test_latex_rows_have_equally_many_cells(four):
    four.add(four.result("odd_name&", 0, 0.5))
    report()
    text = (four.output / "table.tex").read_text()
    cells = [
        len(re.split(r"(?<!\\)&", line))
        for line in text.splitlines()
        if line.endswith(r"\\") and "multicolumn" not in line
    ]
    assert set(cells) == {3}
    assert r"odd\_name\&" in text
    assert re.search(r"better & \$0\.210\$ {\\footnotesize \$\\pm 0\.02\d\$} & \$0\.88\$", text)


def test_the_page_tells_the_weights_hash_of_a_result(four):
    four.add(four.result("default", 3, 0.5, training={"networks_sha256": "cafe0123"}))
    report()
    page = (four.output / "report.html").read_text()
    assert "cafe0123" in page


def test_plots_show_something(four):
    report()
    for name, size in (("loss.png", (1280, 800)), ("quality-cost.png", (640, 400))):
        with Image.open(four.output / name) as image:
            assert image.size == size
            assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 50


def test_many_methods_are_shown_in_bands():
    assert sheet.evenly(list("abc"), 7) == [["a", "b", "c"]]
    assert [len(part) for part in sheet.evenly(list(range(15)), 7)] == [5, 5, 5]
    assert [item for part in sheet.evenly(list(range(13)), 7) for item in part] == list(range(13))
    bands = [Image.new("RGB", (30, 10), "red"), Image.new("RGB", (20, 5), "blue")]
    whole = sheet.stacked(bands)
    assert whole.size == (30, 10 + sheet.GAP + 5)
    assert [whole.getpixel(at) for at in ((29, 9), (19, 10 + sheet.GAP), (29, 10 + sheet.GAP))] == [
        (255, 0, 0),
        (0, 0, 255),
        (255, 255, 255),
    ]


def test_the_sheet_is_small_and_holds_the_pictures(lab):
    for variant in ("default", "else1", "else2", "else3", "else4"):
        lab.add(lab.result(variant, 0, 0.4), run=True, pictures=5, side=256)
    report()
    path, width = lab.results / "sheet.jpg", 7 * 224 + 6 * 6  # photograph, five methods, true painting
    assert path.stat().st_size <= 300_000
    with (
        Image.open(path) as sheet,
        Image.open(lab.runs / "oil/else2/seed0/evaluation/last-test/painted/photo00.png") as painted,
    ):
        scale = sheet.width / width
        assert sheet.height == pytest.approx(
            (24 + 3 * 224 + 2 * 6) * scale, abs=2
        )  # three of five photographs
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
    assert "| `better` | 3 seeds | 3,324 | 158 | 0.21 → **0.88** ± 0.02 |" in once
    assert "| *real vs real* | | | | 0.10 → 1 |" in once
    report()
    assert path.read_text() == once
    moved = f"# oil\n\nA <!-- results:begin -->old<!-- results:end --> B{before}"
    path.write_text(moved)
    report()
    text = path.read_text()
    assert text.startswith("# oil\n\nA <!-- results:begin -->\nMade by")
    assert text.endswith(f"<!-- results:end --> B{before}")


def test_the_tables_fit_a_page(lab):
    names = ("psnr", *(f"metric{index}" for index in range(8)))
    figures = lab.result("default", 0, 0.4).figures
    lab.add(
        lab.result(
            "default",
            0,
            0.4,
            figures={name: figures["psnr" if name == "psnr" else "style"] for name in names},
        )
    )
    report()
    line = next(
        line for line in (lab.folder / "README.md").read_text().splitlines() if line.startswith("| full")
    )
    assert (
        line
        == "| full | runs | steps | ms a step | metric0 ↓ | metric1 ↓ | metric2 ↓ | metric3 ↓ | metric4 ↓ |"
    )


def test_raw_values_of_a_column_have_equally_many_decimals(lab):
    """A reference that hardly varies would else show more digits than anybody can use."""
    for variant, value in (("default", 0.465), ("other", 0.0421)):
        references = {"identity": around(0.781, 0.05), "real": around(-0.00011, 0.00002)}
        lab.add(
            lab.result(
                variant,
                0,
                0.4,
                figures={
                    "kid": Figure(better="lower", method=around(value, 0.1), score=around(0, 1), **references)
                },
            )
        )
    report()
    cells = [
        line.split("|")[5].split("→")[0].strip()
        for line in (lab.folder / "README.md").read_text().splitlines()
        if line[:1] == "|" and "→" in line
    ]
    assert cells == ["0.781", "0.042", "0.465", "0.000"]


def test_a_step_costs_what_it_was_timed_at_for_its_budget(lab, page):
    """Alone; the run itself may have shared its cores. Not where the result is of another number of steps."""
    for variant, steps in (("default", 1890), ("other", 7)):
        lab.add(lab.result(variant, 0, 0.4, budget="5 minutes", step=steps, steps=steps))
    timed = {variant: {"ms_per_step": 71.4, "steps": 1890} for variant in ("default", "other")}
    (lab.results / "budget-5min.json").write_text(
        json.dumps({"minutes": 5.0, "hardware": "it", "threads": 2, "variants": timed})
    )
    (lab.results / "halving-some.json").write_text("{}")
    (lab.results / "budget-1min.json").write_text("{}")
    result = report()
    assert [line for line in result.stderr.splitlines() if "halving" in line or "budget-5min" in line] == []
    assert "budget-1min.json: this is no budget" in result.stderr
    text = (lab.folder / "README.md").read_text()
    assert "| `default` | 1 seed | 1,890 | 71.4 |" in text
    assert "| `other` | 1 seed | 7 | 158 |" in text
    points = json.loads(page().find("script", id="data")[0][1])["cost"]["points"]
    assert {point["label"]: point["ms"] for point in points} == {"default": 71.4, "other": 158}


@pytest.mark.parametrize("inside", [True, False])
def test_results_elsewhere_have_their_readme_there(lab, tmp_path, inside):
    lab.add(lab.result("default", 0, 0.4), run=True)
    before = (lab.folder / "README.md").read_text()
    elsewhere = lab.folder / "trial" if inside else tmp_path / "elsewhere"
    lab.results.rename(elsewhere)
    result = report("--results", str(elsewhere))
    assert result.exit_code == 0, result.output
    assert (lab.folder / "README.md").read_text() == before
    assert not lab.results.exists()
    assert "](sheet.jpg)" in (elsewhere / "README.md").read_text()
    assert (elsewhere / "sheet.jpg").is_file()
    assert f"table        {elsewhere / 'README.md'}" in result.output


@pytest.mark.parametrize(
    "text", ["<!-- results:begin -->", "<!-- results:end -->", "<!-- results:end --> <!-- results:begin -->"]
)
def test_half_a_pair_of_markers_is_refused(lab, text):
    lab.add(lab.result("default", 0, 0.4))
    (lab.folder / "README.md").write_text(text)
    result = report()
    assert result.exit_code == 2
    assert "README.md: expected '<!-- results:begin -->' and then '<!-- results:end -->'" in result.stderr
    assert (lab.folder / "README.md").read_text() == text
