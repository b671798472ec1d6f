"""Every method that paints in one pass, untrained and small: its ONNX file paints what the run paints."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from gan_style.exchange.export import export
from gan_style.exchange.parity import picture
from gan_style.exchange.pytorch.imported_run import write_run
from gan_style.exchange.traced import Fixed
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.system.errors import UserError
from gan_style.training.build import build_method
from tests.methods.small_methods import ONE_PICTURE, SMALL, recipe
from tests.small import smooth_pictures

pytestmark = pytest.mark.slow
FACTS = {"experiment": "small", "variant": "default", "seed": 0, "threads": 2, "precision": "float32"}


def untrained(method: str, folder, *overrides: str) -> Run:
    """A run at step 0, whose networks paint something."""
    rng = np.random.default_rng(0)
    sides = [smooth_pictures(folder / name, rng) for name in ("photos", "paintings")]
    if method in ONE_PICTURE:
        sides = [side / "00.png" for side in sides]
    path = folder / "small.yaml"
    path.write_text(recipe(method, *sides))
    found = read_recipe(str(path), None, overrides)
    built = build_method(found.config, 0)
    for network in {**built.networks, **built.copies}.values():
        network.set_weights([value + rng.normal(0, 0.02, value.shape) for value in network.get_weights()])
    run = Run(folder / "runs" / "small" / "default" / "seed0")
    write_run(run, found, built, FACTS)
    return run


@pytest.mark.parametrize("method", SMALL)
def test_an_onnx_file_paints_what_the_run_paints(method, tmp_path):
    more = ("method.dropout_when_painting=false",) if method == "pix2pix" else ()
    run = untrained(method, tmp_path, *more)
    assert export(run, "onnx", tmp_path / "model.onnx", Fixed()).is_file()


def test_both_directions_and_strengths_of_cyclegan(tmp_path):
    run = untrained("cyclegan", tmp_path)
    contents = set()
    for fixed in (Fixed(), Fixed(strength=0.5), Fixed(direction="target_to_source")):
        contents.add(export(run, "onnx", tmp_path / f"{len(contents)}.onnx", fixed).read_bytes())
    assert len(contents) == 3


def test_published_dropout_is_refused(tmp_path):
    with pytest.raises(UserError, match="dropout"):
        export(untrained("pix2pix", tmp_path), "onnx", tmp_path / "model.onnx", Fixed())


@pytest.mark.parametrize("method", ONE_PICTURE)
def test_what_searches_for_each_picture_is_refused(method, tmp_path):
    with pytest.raises(UserError, match="there is no network to export"):
        export(untrained(method, tmp_path), "onnx", tmp_path / "model.onnx", Fixed())


@pytest.mark.parametrize("to", ["litert", "keras", "saved-model"])
@pytest.mark.parametrize("method", ["gan", "multistyle", "adain"])
def test_other_formats(method, to, tmp_path):
    fixed = Fixed(size=(75, 98)) if to == "litert" else Fixed()
    assert export(untrained(method, tmp_path), to, tmp_path / "model", fixed).exists()


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("multistyle", ["--style", "a=0.7+b=0.3,b"]),
        ("multistyle", ["--style", "auto"]),
        ("multistyle", []),
        ("adain", ["--style-image", "{style}", "--strength", "0.6"]),
    ],
)
def test_sample_with_a_file_is_sample_with_its_run(method, asked, tmp_path):
    run = untrained(method, tmp_path)
    file = export(run, "onnx", tmp_path / "model.onnx", Fixed())
    Image.fromarray(picture(90, 131, seed=3)).save(tmp_path / "photo.png")
    Image.fromarray(picture(70, 50, seed=4)).save(tmp_path / "style.png")
    how = ["--input", str(tmp_path / "photo.png"), "--size", "100"]
    how += [argument.format(style=tmp_path / "style.png") for argument in asked]
    for by, output in ((file, "by-file"), (run.folder, "by-run")):
        result = CliRunner().invoke(main, ["sample", str(by), *how, "--output", str(tmp_path / output)])
        assert result.exit_code == 0, result.output
    ours, expected = (np.asarray(Image.open(tmp_path / by / "photo.png")) for by in ("by-file", "by-run"))
    assert np.abs(ours.astype(int) - expected).max() <= 2
