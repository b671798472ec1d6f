"""The page in a real browser: what is downloaded is what `sample` paints; languages, phones, keys, runs."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.training import loop as training
from tests.small import write_small_recipe
from tests.web.served import CHROMIUM, FLAGS, PACKAGE, browsing, quiet, served

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def photograph(tmp_path_factory) -> Path:
    """A JPEG that lies on its side, as phones store them."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (8, 6, 3), np.uint8))
    path = tmp_path_factory.mktemp("photographs") / "on its side.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    coarse.resize((300, 400), Image.Resampling.BICUBIC).save(path, quality=90, exif=exif)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("served") / "runs"


@pytest.fixture
def small(runs):
    """Where a test's own runs are, which no other test sees."""
    yield runs / "small"
    shutil.rmtree(runs / "small")


@pytest.fixture(scope="module")
def site(runs):
    with served(runs, "--threads", "2") as site:
        yield site


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture
def page(browser, site):
    context = browser.new_context(
        accept_downloads=True, locale="en-GB", viewport={"width": 1280, "height": 860}
    )
    page = context.new_page()
    page.complaints = quiet(page)
    page.goto(site.address)
    page.wait_for_selector("[name=painter]", state="attached")
    yield page
    context.close()
    assert page.complaints == []


def by_command(photograph: Path, output: Path, painter: str, *options: str) -> bytes:
    """What `gan-style sample` writes."""
    arguments = ["sample", painter, "--input", str(photograph), "--output", str(output), *options]
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0, told.output
    return (output / photograph.name).read_bytes()


def painted(page, photograph: Path, painter: str) -> None:
    page.set_input_files("#file", photograph)
    page.locator(f"[value='{painter}']").check(force=True)
    page.wait_for_selector("#go:enabled")
    page.click("#go")
    page.wait_for_selector("#download:visible", timeout=60_000)


@needs_browser
def test_a_photograph_is_painted_compared_and_downloaded_as_sample_writes_it(page, photograph, tmp_path):
    page.select_option("#size", "256")
    page.fill("#seed", "7")
    painted(page, photograph, "included/oil")
    assert page.locator("#gallery li").count() == 1
    assert page.locator("#after").evaluate("image => image.decode().then(() => image.naturalWidth)") == 400
    page.locator("#cut").fill("25")
    cut = page.locator("#before").evaluate("image => getComputedStyle(image).clipPath")
    assert "75%" in cut
    assert "25" in page.locator("#cut").get_attribute("aria-valuetext")
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.suggested_filename == "on its side-oil.jpg"
    expected = by_command(photograph, tmp_path, "included/oil", "--size", "256", "--noise-seed", "7")
    assert Path(download.value.path()).read_bytes() == expected


@pytest.fixture(scope="module")
def deep(tmp_path_factory) -> Path:
    """A TIFF of 16 bits a channel."""
    path = tmp_path_factory.mktemp("deep") / "deep.tif"
    pixels = np.random.default_rng(1).integers(0, 65536, (70, 90, 3), np.uint16)
    pytest.importorskip("tifffile").imwrite(path, pixels)
    return path


def test_depth_style_picture_and_strength_are_as_sample_has_them(site, photograph, deep, tmp_path):
    sent, shown = (site.send(file.read_bytes(), file.name).json()["id"] for file in (deep, photograph))
    told = site.paint(sent, "included/any", size=64, style_image=shown, strength=0.5)
    assert told["state"] == "done", told["error"]
    options = ["--size", "64", "--style-image", str(photograph), "--strength", "0.5"]
    assert site.file(told) == by_command(deep, tmp_path, "included/any", *options)


@pytest.mark.slow
def test_every_painter_paints_as_sample_does_whoever_painted_before(site, photograph, deep, tmp_path):
    names = [painter["name"] for painter in site.client.get("/api/painters").json()]
    assert len(names) == 5
    for round, painter in enumerate([*names, *reversed(names)]):
        file, style = ((photograph, deep), (deep, photograph))[round % 2]
        ids = [site.send(one.read_bytes(), one.name).json()["id"] for one in (file, style)]
        needed = painter.endswith("any")
        told = site.paint(ids[0], painter, size=96, style_image=ids[1] if needed else None)
        options = ["--size", "96", *(["--style-image", str(style)] if needed else [])]
        assert site.file(told) == by_command(file, tmp_path / str(round), painter, *options), painter


@pytest.mark.slow
def test_an_own_run_paints_as_sample_does_once_it_has_a_checkpoint(site, small, photograph, tmp_path):
    name = "small/default/seed0"
    recipe = read_recipe(str(write_small_recipe(tmp_path)), None, ("method.identity_finetune=0.5",))
    own = Run(small / "default" / "seed0")
    training.train(recipe, 0, own)
    told = {one["name"]: one for one in site.client.get("/api/painters").json()}
    assert (told[name]["method"], told[name]["strength"], told[name]["included"]) == ("gan", True, False)
    sent = site.send(photograph.read_bytes(), photograph.name).json()["id"]
    options = ["--size", "128", "--strength", "0.3", "--noise-seed", "5", "--threads", "2"]
    painting = site.paint(sent, name, size=128, strength=0.3, seed=5)
    assert painting["state"] == "done", painting["error"]
    assert site.file(painting) == by_command(photograph, tmp_path / "out", str(own.folder), *options)


def test_what_a_painter_does_not_understand_is_told_without_paths(site, photograph):
    sent = site.send(photograph.read_bytes(), photograph.name).json()
    told = site.paint(sent["id"], "included/oil", size=64, style="cubism")
    assert told["state"] == "failed"
    assert "does not understand 'styles'" in told["error"]
    cut = photograph.read_bytes()[:4000]
    told = site.paint(site.send(cut, "half.jpg").json()["id"], "included/oil", size=64)
    assert told["state"] == "failed"
    assert told["error"].startswith("half.jpg: ")
    assert "/" not in told["error"]


@needs_browser
@pytest.mark.slow
def test_in_chinese_on_a_phone_and_in_the_dark(browser, site, photograph):
    size = {"width": 390, "height": 844}
    context = browser.new_context(
        locale="zh-CN", viewport=size, is_mobile=True, has_touch=True, color_scheme="dark"
    )
    page = context.new_page()
    complaints = quiet(page)
    page.goto(site.address)
    painted(page, photograph, "included/sketch")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.inner_text("#tab-runs") == "训练"
    for tab in ("paint", "runs", "ask"):
        page.tap(f"#tab-{tab}")
        page.wait_for_timeout(300)
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390, tab
    dark = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in dark[4:-1].split(",")) < 60
    page.tap("#language")
    assert page.inner_text("#tab-runs") == "Runs"
    page.tap("#tab-paint")
    page.reload()
    page.wait_for_selector("#gallery li")
    assert page.inner_text("#tab-runs") == "Runs", "the language is kept, and so is the gallery"
    context.close()
    assert complaints == []


@needs_browser
@pytest.mark.slow
def test_with_the_keyboard_alone(page, photograph):
    page.set_input_files("#file", photograph)  # the system's own dialog is beyond the page
    page.wait_for_selector("#go:enabled")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#runs-none:visible")
    page.keyboard.press("ArrowLeft")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.name") == "painter":
            break
    page.keyboard.press("ArrowRight")
    assert page.locator("[value='included/cartoon']").is_checked()
    page.keyboard.press("Enter")  # sends the form
    page.wait_for_selector("#download:visible", timeout=60_000)
    page.locator("#cut").focus()
    before = page.locator("#cut").input_value()
    page.keyboard.press("ArrowRight")
    assert page.locator("#cut").input_value() != before
    assert page.locator("#status").get_attribute("aria-live") == "polite"


@needs_browser
@pytest.mark.slow
def test_what_is_dropped_or_pasted_is_taken_and_what_is_no_picture_is_told(page, photograph, tmp_path):
    put = """(content) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(content)], "put.jpg", { type: "image/jpeg" }));
        const kind = { dataTransfer: data, clipboardData: data, bubbles: true, cancelable: true };
        return [new DragEvent("drop", kind), new ClipboardEvent("paste", kind)];
    }"""
    for index, target in enumerate(("document.querySelector('#easel')", "document.body")):
        page.evaluate(
            f"(content) => {target}.dispatchEvent(({put})(content)[{index}])", list(photograph.read_bytes())
        )
        page.wait_for_selector("#go:enabled")
        assert "put.jpg" in page.inner_text("#status")
        page.click("#again")
    (tmp_path / "text.jpg").write_text("no picture")
    page.set_input_files("#file", tmp_path / "text.jpg")
    page.wait_for_selector("#trouble:visible")
    assert "text.jpg: " in page.inner_text("#trouble")
    assert page.locator("#empty").is_visible()
    page.complaints.clear()  # browsers say so where something is refused


@needs_browser
@pytest.mark.slow
def test_the_camera_is_used_where_there_is_one(browser, site):
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    filming = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *fake])
    page = filming.new_page()
    page.goto(site.address)
    page.click("#camera")
    page.wait_for_selector("#finder:visible")
    page.wait_for_timeout(300)
    page.click("#take")
    page.wait_for_selector("#go:enabled", timeout=20_000)
    assert "camera.jpg" in page.inner_text("#status")
    filming.close()


@needs_browser
@pytest.mark.slow
def test_the_runs_tab_follows_a_training(page, small, runs, tmp_path):
    """Steps, curves and sheets appear while it goes on; a second run stands beside it."""
    recipe = write_small_recipe(tmp_path)
    done = Run(small / "default" / "seed0")
    training.train(read_recipe(str(recipe)), 0, done)
    page.click("#tab-runs")
    page.wait_for_selector("#sheets img")
    command = [sys.executable, "-m", "gan_style", "train", str(recipe), "train.steps=4000", "--name", "live"]
    slow = ["output.validate_every=20", "output.checkpoint_every=2000", "--runs", str(runs)]
    with subprocess.Popen([*command, *slow], cwd=PACKAGE, stdout=subprocess.DEVNULL) as process:
        page.wait_for_selector("#run option[value='small/live/seed0']", state="attached", timeout=60_000)
        page.select_option("#run", "small/live/seed0")
        page.wait_for_selector(".fact .running")
        page.wait_for_selector("#losses path", timeout=60_000)
        page.wait_for_selector(".sheet[data-name='small/live/seed0'] img", timeout=60_000)
        first = page.inner_text("#facts"), page.locator("#losses path").first.get_attribute("d")
        sheet = page.locator(".sheet img").get_attribute("src")
        for _ in range(60):
            time.sleep(1)
            now = page.inner_text("#facts"), page.locator("#losses path").first.get_attribute("d")
            if (
                now[0] != first[0]
                and now[1] != first[1]
                and page.locator(".sheet img").get_attribute("src") != sheet
            ):
                break
        else:
            raise AssertionError("nothing moved")
        page.select_option("#beside", "small/default/seed0")
        page.wait_for_selector(".sheet:nth-child(2) img")
        assert page.locator("#losses path.second").count() > 0
        process.kill()
    page.wait_for_selector(".fact .killed", timeout=20_000)


@needs_browser
@pytest.mark.slow
def test_people_are_asked_and_their_answers_are_shown(browser, runs, tmp_path, photograph):
    for name in ("Anna", "Berta"):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.open(photograph).save(tmp_path / name / f"{number}.jpg")
    options = [f"--paintings={tmp_path / 'Anna'}", f"--paintings=B={tmp_path / 'Berta'}"]
    with served(tmp_path / "runs", *options, "--photographs", str(tmp_path / "Anna")) as site:
        page = browser.new_page()
        complaints = quiet(page)
        page.goto(f"{site.address}#ask")
        page.wait_for_selector("#question:visible")
        assert page.locator("#ask-photograph").is_visible()
        for number, key in enumerate(("ArrowLeft", "ArrowRight", "ArrowDown"), start=1):
            page.keyboard.press(key)
            page.wait_for_selector(f"#thanks:has-text('{number}')")
            page.wait_for_timeout(200)
        page.click("#scores summary")
        page.wait_for_selector(".strength")
        assert page.locator(".strength").count() == 2
        lines = [json.loads(line) for line in (tmp_path / "runs" / "answers.jsonl").read_text().splitlines()]
        assert [line["choice"] for line in lines] == ["left", "right", "tie"]
        assert {lines[0]["left"], lines[0]["right"]} == {"Anna", "B"}
        assert complaints == []
        page.close()
