"""A folder that paints in its visitor's browser: what is in it, what it needs, and that it paints."""

import functools
import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from gan_style.exchange.browser import NOTICES, PAGE, RUNTIME, runtime_package, write_page
from gan_style.exchange.described import Description, Input
from gan_style.system import images
from gan_style.system.errors import UserError
from tests.web.served import CHROMIUM, browsing, quiet

ASKED = re.compile(r'(?:src|href|from|URL\(|Worker\() ?=? ?"(?:\./)?([\w./-]+\.\w+)"')
PARTS = Path(__file__).parents[2] / "gan_style" / "exchange" / "page"
DESCRIPTION = Description(
    painter="oil/default/seed0",
    method="gan",
    inputs=[Input("picture", "uint8", [1, None, None, 3], ""), Input("seed", "int32", [1], "")],
    styles=[],
    learned_map=False,
    strength=None,
    direction=None,
    size=512,
    reflect_pad=0,
    sizes="",
    recipe="",
    recipe_sha256="",
    weights_sha256="",
    step=7,
    precision="float32",
    licence="CC-BY-4.0",
    notice="",
    made_by="gan-style",
)


@pytest.fixture
def package(tmp_path):
    """What of the npm package is looked at."""
    folder = tmp_path / "here" / "node_modules" / "onnxruntime-web"
    (folder / "dist").mkdir(parents=True)
    (folder / "package.json").write_text('{"version": "1.30.0"}')
    (folder / "dist" / RUNTIME[0]).write_text("/*!\n * Copyright (c) Its Makers\n */\nexport {}")
    (folder / "dist" / RUNTIME[1]).write_bytes(b"\0asm")
    return folder


def test_a_folder_with_all_that_the_page_asks_for(package, tmp_path):
    site = tmp_path / "site"
    write_page(site, b"model", DESCRIPTION, package)
    assert (site / "painter.onnx").read_bytes() == b"model"
    assert (site / "ort" / RUNTIME[1]).read_bytes() == b"\0asm"
    assert {path.name for path in PARTS.iterdir()} == {*PAGE, "MIT.txt"}
    for name in PAGE:
        asked = re.findall(
            r'(?:src|href|from|URL\(|Worker\() ?=? ?"(?:\./)?([\w./-]+\.\w+)"', (PARTS / name).read_text()
        )
        assert all((site / one).is_file() for one in asked), (name, asked)
    told = json.loads((site / "page.json").read_text())
    assert (told["title"], told["inputs"]) == ("oil/default/seed0", ["picture", "seed"])
    assert told["facts"]["licence"] == "CC-BY-4.0"
    notices = (site / "ort" / NOTICES).read_text()
    assert "onnxruntime-web 1.30.0" in notices
    assert "Copyright (c) Its Makers" in notices
    assert "Permission is hereby granted" in notices


def test_the_package_s_own_licence_goes_along(package, tmp_path):
    (package / "LICENSE").write_text("as its makers say")
    write_page(tmp_path / "site", b"model", DESCRIPTION, package)
    assert (tmp_path / "site" / "ort" / NOTICES).read_text() == "as its makers say"


def test_a_page_is_written_again_and_nothing_else_is_written_over(package, tmp_path):
    write_page(tmp_path / "site", b"one", DESCRIPTION, package)
    write_page(tmp_path / "site", b"two", DESCRIPTION, package)
    assert (tmp_path / "site" / "painter.onnx").read_bytes() == b"two"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UserError, match="mine: is there already, and is no exported page"):
        write_page(tmp_path / "mine", b"model", DESCRIPTION, package)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_the_package_is_found_above_or_named(package, tmp_path, monkeypatch):
    (tmp_path / "here" / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "here" / "deeper")
    assert runtime_package(None) == package
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="npm install onnxruntime-web"):
        runtime_package(None)
    with pytest.raises(UserError, match=r"here: there is no package.json"):
        runtime_package(tmp_path / "here")
    (package / "dist" / RUNTIME[1]).unlink()
    with pytest.raises(UserError, match=r"wasm: No such file or directory; onnxruntime-web 1.20"):
        write_page(tmp_path / "site", b"model", DESCRIPTION, package)
    assert not (tmp_path / "site").exists()


def test_both_languages_say_the_same():
    words = (PARTS / "words.js").read_text()
    english, chinese = (re.findall(r"^    (\w+):", part, re.MULTILINE) for part in words.split("  zh: {"))
    assert english == chinese
    asked = re.findall(r'data-(?:text|label)="(\w+)"', (PARTS / "index.html").read_text())
    asked += re.findall(r'(?:tell|complain|say)\("(\w+)"', (PARTS / "page.js").read_text())
    assert set(asked) == set(english)


class Quiet(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def static_server(folder: Path):
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def real_package(tmp_path_factory):
    try:
        return runtime_package(None)
    except UserError:
        if not shutil.which("npm"):
            pytest.skip("neither onnxruntime-web beside the project nor npm to install it")
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--ignore-scripts", "--prefix", str(folder), "onnxruntime-web"]
    if subprocess.run(command, capture_output=True, check=False, timeout=300).returncode:
        pytest.skip("npm could not install onnxruntime-web")
    return runtime_package(folder / "node_modules" / "onnxruntime-web")


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium")
@pytest.mark.parametrize("painter", ["cartoon", "oil", "any"])
def test_it_paints_in_a_browser_what_sample_paints(painter, real_package, tmp_path):
    from click.testing import CliRunner

    import gan_style
    from gan_style.cli.main import main

    site, photograph, style = tmp_path / "site", tmp_path / "cat.png", tmp_path / "style.png"
    asked = ["export", f"included/{painter}", "--to", "page", "--output", str(site)]
    made = CliRunner().invoke(main, [*asked, "--onnxruntime-web", str(real_package)])
    assert made.exit_code == 0, made.output
    pixels = np.ascontiguousarray(data.cat()[40:201, 100:313])  # odd sides
    shown = np.ascontiguousarray(data.rocket()[:160, 200:360])
    images.write(photograph, images.Picture(pixels))
    images.write(style, images.Picture(shown))
    with static_server(site) as address, browsing() as browser:
        page = browser.new_page(locale="en")
        said = quiet(page)
        page.goto(address)
        page.set_input_files("#photograph", str(photograph))
        if painter == "any":
            page.set_input_files("#style-image", str(style))
        page.get_by_role("button", name="Paint").click(timeout=60_000)
        page.get_by_text("Painted 213 × 161 pixels").wait_for(timeout=120_000)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the painting").click()
        assert download.value.suggested_filename == "cat-painted.png"
        download.value.save_as(tmp_path / "painted.png")
    assert said == []
    wishes = {"style_image": shown} if painter == "any" else {}
    expected = gan_style.load(f"included/{painter}")(pixels, **wishes).astype(int)
    painted = images.read(tmp_path / "painted.png").pixels.astype(int)
    assert np.abs(painted - expected).max() <= 2
