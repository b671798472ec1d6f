"""A small run as an ONNX file: the same paintings at any size, what it says, and `sample` with it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from gan_style.exchange import export as exporting
from gan_style.exchange.described import KEY, read_description
from gan_style.exchange.export import export
from gan_style.exchange.formats import Format
from gan_style.exchange.parity import by_network, picture
from gan_style.exchange.runtime import ExportedPainter
from gan_style.exchange.traced import Fixed
from gan_style.experiment.runs import Run
from gan_style.system.disk import file_sha256
from gan_style.system.errors import UserError
from tests.conftest import SMALL_RUN

# Imports are looked at in the process that paints.
PAINT = """
import sys
from gan_style.cli.main import main
try:
    main({arguments!r})
finally:
    print("imported", sorted({{"tensorflow", "keras", "skimage", "wandb"}} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory) -> Run:
    """With dabs, soft strokes, blur and noise, so that every random number is in the file."""
    folder = tmp_path_factory.mktemp("exported") / "copy"
    run = Run(Path(shutil.copytree(trained, folder, symlinks=True)) / SMALL_RUN)
    written = run.config.read_text()
    assert "reflect_pad: 0" in written
    run.config.write_text(written.replace("reflect_pad: 0", "reflect_pad: 3"))
    return run


@pytest.fixture(scope="module")
def file(run) -> Path:
    return export(run, "onnx", run.folder / "model.onnx", Fixed())


@pytest.fixture(scope="module")
def loaded(run):
    return exporting.loaded(run, Fixed())


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    pixels = picture(90, 131, seed=3)
    Image.fromarray(pixels).save(folder / "colour.png")
    Image.fromarray(pixels[..., 0]).save(folder / "grey.png")
    see_through = Image.fromarray(pixels)
    see_through.putalpha(Image.fromarray(pixels[..., 1]))
    see_through.save(folder / "through.png")
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.mark.parametrize("size", [(64, 96), (17, 131), (99, 5)])
def test_it_paints_what_the_run_paints(file, loaded, size):
    feed = {"picture": picture(*size, seed=1)[None], "seed": np.array([3], np.int32)}
    painting = ExportedPainter(file)(feed)
    assert painting.shape == (*size, 3)
    assert np.abs(painting.astype(int) - by_network(loaded, feed)).max() <= 2
    other = ExportedPainter(file)({**feed, "seed": np.array([4], np.int32)})
    assert (other != painting).any()


def test_it_says_how_it_was_made(file, run, loaded):
    model = onnx.load(file)
    onnx.checker.check_model(model)
    told = {one.key: one.value for one in model.metadata_props}
    description = json.loads(told[KEY])
    assert description["recipe"] == told["recipe"] == run.config.read_text()
    assert description["recipe_sha256"] == file_sha256(run.config)
    assert description["weights_sha256"] == file_sha256(loaded.checkpoint.folder / "networks.npz")
    assert description["painter"] == "small/default/seed0"
    assert [(one["name"], one["dtype"], one["shape"]) for one in description["inputs"]] == [
        ("picture", "uint8", [1, None, None, 3]),
        ("seed", "int32", [1]),
    ]
    assert [one.name for one in model.graph.input] == ["picture", "seed"]


def test_no_loop_and_no_pad_that_few_runtimes_have(file):
    kinds = {node.op_type for node in onnx.load(file).graph.node}
    assert not kinds & {"ReverseSequence", "ScatterElements", "Compress", "BatchNormalization"}
    assert all(node.domain in ("", "ai.onnx") for node in onnx.load(file).graph.node)


def test_what_differs_is_not_kept(run, file, tmp_path, monkeypatch):
    paint = ExportedPainter.__call__
    monkeypatch.setattr("gan_style.exchange.onnx_file.write.onnx_bytes", lambda *given: file.read_bytes())
    monkeypatch.setattr(ExportedPainter, "__call__", lambda self, given: paint(self, given) // 2)
    with pytest.raises(UserError, match="differs from the network"):
        export(run, "onnx", tmp_path / "model.onnx", Fixed())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--strength", "0.5"], "was not finetuned to the identity"),
        (["--direction", "target_to_source"], "does not understand 'direction'"),
        (["--numbers", "int8"], "only litert files"),
        (["--to", "litert"], "litert needs one"),
        (["--size", "64x64"], "any size"),
        (["--output", "{file}"], "is there already"),
    ],
)
def test_what_cannot_be_exported_is_told(run, file, arguments, reason):
    given = [argument.format(file=file) for argument in arguments]
    result = CliRunner().invoke(main, ["export", str(run.folder), *given])
    assert result.exit_code == 2
    assert reason in result.stderr


def test_sample_paints_with_the_file_and_without_tensorflow(run, file, photographs, tmp_path):
    how = ["--input", str(photographs), "--size", "64", "--noise-seed", "5", "--grey"]
    arguments = ["sample", str(file), *how, "--output", str(tmp_path / "file")]
    done = subprocess.run(
        [sys.executable, "-c", PAINT.format(arguments=arguments)], capture_output=True, text=True, check=False
    )
    assert "imported []" in done.stdout
    assert "1 of 4 pictures could not be painted" in done.stderr
    assert done.returncode == 2
    CliRunner().invoke(main, ["sample", str(run.folder), *how, "--output", str(tmp_path / "run")])
    for name in ("colour.png", "grey.png", "through.png"):
        ours, expected = (Image.open(tmp_path / by / name) for by in ("file", "run"))
        assert (ours.mode, ours.size) == (expected.mode, expected.size)
        assert np.abs(np.asarray(ours).astype(int) - np.asarray(expected)).max() <= 2
    again = CliRunner().invoke(main, arguments)
    assert "painted 3 of 4 before" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--mask", "oil=sky.png"], "--mask: an exported file cannot do that"),
        (["--stroke-scale", "2"], "--stroke-scale: an exported file cannot do that"),
        (["--memory", "1"], "--memory: an exported file cannot do that"),
        (["--style", "oil"], "no input for it; its inputs are: picture, seed"),
        (["--strength", "0.5"], "decided at export"),
    ],
)
def test_what_a_file_cannot_do_is_told(file, photographs, tmp_path, arguments, reason):
    how = ["--input", str(photographs), "--output", str(tmp_path / "out")]
    result = CliRunner().invoke(main, ["sample", str(file), *how, *arguments])
    assert result.exit_code == 2
    assert reason in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_file_of_others_is_refused(tmp_path, photographs):
    other = tmp_path / "other.onnx"
    for content, reason in ((b"nothing", "no ONNX file"), (None, "there is no such file")):
        if content is not None:
            other.write_bytes(content)
        elif os.path.exists(other):
            other.unlink()
        result = CliRunner().invoke(main, ["sample", str(other), "--input", str(photographs)])
        assert result.exit_code == 2
        assert reason in result.stderr


def test_a_folder_that_is_no_export_is_never_replaced(run, tmp_path):
    (tmp_path / "cat.png").write_bytes(b"mine")
    with pytest.raises(UserError, match="is no SavedModel"):
        export(run, "saved-model", tmp_path, Fixed(), overwrite=True)
    assert (tmp_path / "cat.png").read_bytes() == b"mine"


@pytest.mark.parametrize("wrong", [{"size": "big"}, {"size": 0}, {"strength": "much"}, {"styles": [1]}])
def test_what_a_file_says_of_itself_is_not_trusted(loaded, wrong):
    told = json.loads(loaded.description().to_json()) | wrong
    with pytest.raises(UserError, match=r"there\.onnx: what it says of itself cannot be read"):
        read_description(json.dumps(told), "there.onnx")


def test_each_format_has_a_place_of_its_own(run):
    formats = get_args(Format)
    places = {exporting.default_output(run, to, Fixed(), "float32").name for to in formats}
    assert len(places) == len(formats)
    assert {"painter.onnx", "painter-page", "painter-saved-model"} < places
