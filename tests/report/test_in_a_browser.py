"""The page of 20 runs in a real browser: size, speed, quiet, on a phone, pictures that zoom together."""

import re
import shutil

import pytest

from gan_style.report.write import report
from tests.report.browser import CHROMIUM, Browser
from tests.report.synthetic import Laboratory

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

VARIANTS = ["default", *(f"variant{index}" for index in range(9))]
DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))"
PICTURES = "[...document.querySelectorAll('.strip')[{strip}].querySelectorAll('img')]"
TRANSFORMS = f"[...new Set({PICTURES}.map((image) => image.style.transform))]"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """20 runs: 10 variants at 2 seeds, with the same 12 test pictures of 256 pixels."""
    root = tmp_path_factory.mktemp("browser")
    lab, shown = Laboratory(root), None
    for index, variant in enumerate(VARIANTS):
        for seed in range(2):
            lab.add(
                lab.result(variant, seed, 0.2 + 0.05 * index), run=True, pictures=0 if shown else 12, side=256
            )
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
def browser(lab):
    browser = Browser(lab.root / "profile")
    yield browser
    browser.close()


@pytest.fixture
def page(lab, browser):
    browser.open(lab.output / "report.html", 1280, 900)
    return browser


def zoomed(browser, strip: int) -> tuple[float, float, float]:
    """Shift in percent and scale, the same for every picture of a photograph."""
    (transform,) = browser.run(TRANSFORMS.format(strip=strip))
    return tuple(map(float, re.findall(r"-?[\d.]+", transform))) if transform else (0, 0, 1)


def middle(browser, strip: int) -> tuple[float, float]:
    """Of the photograph's first picture, moved to the middle of the window."""
    view = f"document.querySelectorAll('.strip')[{strip}].querySelector('.view')"
    browser.run(f"{view}.scrollIntoView({{ block: 'center', behavior: 'instant' }})")
    box = f"{view}.getBoundingClientRect()"
    return browser.run(f"{box}.left + {box}.width / 2"), browser.run(f"{box}.top + {box}.height / 2")


def click(browser, x: float, y: float, count: int = 1) -> None:
    for kind in ("mousePressed", "mouseReleased"):
        browser.mouse(kind, x, y, button="left", clickCount=count)


def test_it_is_small_fast_and_quiet(lab, page):
    assert (lab.output / "report.html").stat().st_size < 15_000_000
    assert page.run(DRAWN) < 2000  # milliseconds since navigation, to the first frame drawn
    assert page.run("document.querySelectorAll('.chart svg').length") == 2
    assert page.complaints() == []
    assert page.addresses() == []


def test_a_click_sorts_best_first_and_again_worst_first(page):
    button = "document.querySelector('table.results').tHead.rows[0].cells[1].querySelector('button')"
    names = "[...document.querySelector('tbody.methods').rows].map((row) => row.cells[0].dataset.sort)"
    page.run(f"{button}.click()")
    assert page.run(names) == VARIANTS
    page.run(f"{button}.focus()")
    for kind in ("keyDown", "keyUp"):
        page.ask(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Enter",
            code="Enter",
            text="\r",
            windowsVirtualKeyCode=13,
        )
    assert page.run(names) == VARIANTS[::-1]
    assert page.run(f"{button}.parentElement.getAttribute('aria-sort')") == "descending"


def test_all_pictures_of_a_photograph_zoom_and_move_together(page):
    x, y = middle(page, 1)
    page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-1)
    assert zoomed(page, 1) == (0, 0, 1), "a wheel that only passes by must not zoom"
    x, y = middle(page, 1)
    click(page, x, y)
    page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-300)
    right, _, scale = zoomed(page, 1)
    assert scale > 1.5
    assert right == pytest.approx(-50 * (scale - 1), abs=1), "the place below the pointer stays"
    page.mouse("mousePressed", x, y, button="left")
    page.mouse("mouseMoved", x - 15, y, button="left", buttons=1)
    page.mouse("mouseReleased", x - 15, y, button="left")
    assert zoomed(page, 1)[0] < right - 5
    assert zoomed(page, 0) == (0, 0, 1), "other photographs stay"
    click(page, x, y)
    click(page, x, y, count=2)
    assert zoomed(page, 1) == (0, 0, 1)


def test_on_a_phone_it_fits_and_two_fingers_zoom(lab, browser):
    browser.open(lab.output / "report.html", 390, 844, phone=True)
    assert browser.run("document.documentElement.scrollWidth") == 390
    browser.run("document.querySelector('.results').parentElement.scrollLeft = 300")
    assert browser.run("document.querySelector('tbody.methods th').getBoundingClientRect().left") < 30, (
        "the methods' names stay in sight"
    )
    x, y = middle(browser, 2)
    browser.touch("touchStart", (x - 20, y), (x + 20, y))
    for apart in (25, 30, 35, 40):
        browser.touch("touchMove", (x - apart, y), (x + apart, y))
    browser.touch("touchEnd")
    assert zoomed(browser, 2)[2] == pytest.approx(2, rel=0.02)
    assert browser.complaints() == []
