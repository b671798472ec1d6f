"""The page of 20 runs in a real browser: how large, how fast, how quiet, and whether its pictures zoom together."""

import json
import re
import shutil
import subprocess

import pytest

from gan_style.report.write import report
from tests.report.synthetic import Laboratory

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

# After the first painted frame: time since navigation, then a click, wheels and a drag, and what they led to.
PROBE = """
<script>addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
  const told = { milliseconds: performance.now(), charts: document.querySelectorAll(".chart svg").length };
  const names = () => [...document.querySelectorAll("tbody.methods")[0].rows].map((row) => row.cells[0].dataset.sort);
  const button = document.querySelectorAll("table.results")[0].tHead.rows[0].cells[1].querySelector("button");
  button.click(); told.rising = names(); button.click(); told.falling = names();
  told.order = button.parentElement.getAttribute("aria-sort");
  const strips = [...document.querySelectorAll(".strip")], view = strips[0].querySelector(".view"), box = view.getBoundingClientRect();
  const transforms = (strip) => [...new Set([...strip.querySelectorAll("img")].map((image) => image.style.transform))];
  const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true, cancelable: true };
  view.dispatchEvent(new WheelEvent("wheel", { deltaY: -300, ...at })); told.passing = transforms(strips[0]);
  view.focus(); view.dispatchEvent(new WheelEvent("wheel", { deltaY: -300, ...at })); told.zoomed = transforms(strips[0]);
  told.others = transforms(strips[1]);
  view.setPointerCapture = () => {};
  const pointer = (kind, id, x) => view.dispatchEvent(new PointerEvent(kind, { ...at, pointerId: id, clientX: at.clientX + x }));
  pointer("pointerdown", 1, 0); pointer("pointermove", 1, -20); told.dragged = transforms(strips[0]);
  pointer("pointerdown", 2, 20); pointer("pointermove", 2, 60); told.pinched = transforms(strips[0]);
  view.dispatchEvent(new MouseEvent("dblclick", at)); told.back = transforms(strips[0]);
  told.scrolls = document.documentElement.scrollWidth > innerWidth;
  const left = document.createElement("output"); left.id = "told"; left.textContent = JSON.stringify(told); document.body.append(left);
}, 0)));</script>
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """20 runs: 10 variants at 2 seeds, with the same 12 test pictures of 256 pixels."""
    root = tmp_path_factory.mktemp("browser")
    lab = Laboratory(root)
    shown = None
    for index, variant in enumerate(["default", *(f"variant{index}" for index in range(9))]):
        for seed in range(2):
            result = lab.result(variant, seed, 0.2 + 0.05 * index)
            lab.add(result, run=True, pictures=0 if shown else 12, side=256)
            folder = lab.runs / "oil" / variant / f"seed{seed}" / "evaluation"
            if shown:
                shutil.rmtree(folder)
                folder.symlink_to(shown)
            shown = shown or folder
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        report("oil", None, lab.runs, None)
    return lab


@pytest.fixture(scope="module")
def opened(lab):
    """What the probe told, and what the browser logged."""
    page = lab.root / "probed.html"
    page.write_text((lab.output / "report.html").read_text().replace("</body>", f"{PROBE}</body>"))
    command = [
        CHROMIUM,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={lab.root / 'profile'}",
    ]
    command += ["--window-size=1280,900", "--timeout=8000", "--dump-dom", page.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = re.search(r'<output id="told">(.*?)</output>', ended.stdout)
    assert found, ended.stderr[-2000:]
    return json.loads(found[1].replace("&quot;", '"').replace("&amp;", "&")), ended.stderr


def test_it_is_small(lab):
    assert lab.output.joinpath("report.html").stat().st_size < 15_000_000


def test_it_opens_fast_and_quietly(opened):
    told, log = opened
    assert told["milliseconds"] < 2000
    assert told["charts"] == 2
    assert "CONSOLE" not in log
    assert not told["scrolls"], "the page is wider than the window"


def test_a_click_sorts_best_first_and_again_worst_first(opened):
    told, _ = opened
    variants = ["default", *(f"variant{index}" for index in range(9))]
    assert told["rising"] == variants
    assert told["falling"] == variants[::-1]
    assert told["order"] == "descending"


def test_all_pictures_of_a_photograph_zoom_and_move_together(opened):
    told, _ = opened
    assert told["passing"] == [""], "a wheel that only passes by must not zoom"
    (zoomed,), (dragged,), (pinched,) = told["zoomed"], told["dragged"], told["pinched"]
    scale = float(re.search(r"scale\((.*?)\)", zoomed)[1])
    assert scale == pytest.approx(1.822, abs=0.01)  # exp(0.6)
    # The middle stays where it is: the shift is half of what was gained.
    assert float(re.search(r"translate\((.*?)%", zoomed)[1]) == pytest.approx(-50 * (scale - 1), abs=0.5)
    assert float(re.search(r"translate\((.*?)%", dragged)[1]) < float(re.search(r"translate\((.*?)%", zoomed)[1])
    assert float(re.search(r"scale\((.*?)\)", pinched)[1]) == pytest.approx(2 * scale, rel=0.01)  # 40 pixels apart, then 80
    assert told["others"] == [""]
    assert told["back"] == ["translate(0%, 0%) scale(1)"]
