"""Reconstructions by depth: a table, a sheet and figures that fidelity's own functions would give."""

import json

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from gan_style.analysis.depths import reconstruct
from gan_style.data.held_out import Validation
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.methods import Request
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.training import loop as training
from gan_style.training import validation
from gan_style.training.load import load_method
from tests.methods.small_methods import SMALL_ENCODER, recipe

pytestmark = pytest.mark.usefixtures("untraced")


def trained(method, tmp_path, pictures) -> Run:
    path = tmp_path / f"{method}.yaml"
    path.write_text(recipe(method, pictures(f"photos-{method}"), pictures(f"paintings-{method}")))
    run = Run(tmp_path / "runs" / method)
    assert training.train(read_recipe(str(path), None, ("train.steps=1",)), 0, run) == 0
    return run


def test_every_layer_is_measured_and_shown(tmp_path, pictures, capsys):
    run = trained("inverse_decoder", tmp_path, pictures)
    folder = pictures("new", 2, (71, 90))
    reconstruct(run, [folder], tmp_path / "out")
    found = json.loads((tmp_path / "out" / "depths.json").read_text())
    assert (found["pictures"], list(found["layers"])) == (2, ["layer1", "layer2"])
    assert "layer2" in capsys.readouterr().out
    method, _, _ = load_method(run)
    photographs = [images.read(file).pixels for file in sorted(folder.iterdir())]
    expected = [
        peak_signal_noise_ratio(
            photo,
            images.to_bytes(np.asarray(method.reconstructions(images.to_signed(photo[None]))["layer2"]))[0],
        )
        for photo in photographs
    ]
    assert found["layers"]["layer2"]["psnr"] == pytest.approx(np.mean(expected), abs=1e-3)
    with Image.open(tmp_path / "out" / "depths.png") as sheet:
        assert sheet.size == (2 * 256 + 4, 3 * 256 + 8)


def test_what_gives_photographs_back_is_validated_by_them():
    class Mirror:
        def default_request(self, seed, style, style_image):
            return Request()

        def translate(self, pictures, request):
            return pictures

    rng = np.random.default_rng(0)
    source, target = rng.integers(0, 256, (2, 3, 64, 64, 3), dtype=np.uint8)
    held_out = Validation(source, target, paired=False)
    fake = validation.paint_all(Mirror(), held_out)
    assert validation.figures(fake, held_out.returned()) == pytest.approx(
        dict.fromkeys(("style", "content", "style_and_content", "colour"), 0.0), abs=1e-9
    )
    assert validation.figures(fake, held_out)["style"] > 0


def test_an_inversion_run_seeks_every_layer_anew(tmp_path, pictures):
    path, folder = tmp_path / "inversion.yaml", pictures("new", 2, (64, 70))
    path.write_text(
        f"data: {{kind: fixed, content: {folder / '00.png'}, size: 70}}\n"
        f"method: {{kind: inversion, features: {SMALL_ENCODER}, layer: layer1}}\n"
        "train: {steps: 10, threads: 2, precision: float32}\nwandb: {mode: disabled}\n"
    )
    run = Run(tmp_path / "run")
    assert training.train(read_recipe(str(path)), 0, run) == 0
    reconstruct(run, [folder], tmp_path / "out")
    found = json.loads((tmp_path / "out" / "depths.json").read_text())["layers"]
    assert list(found) == ["layer1", "layer2"]
    assert found["layer1"]["psnr"] > found["layer2"]["psnr"] > 10
    with pytest.raises(UserError, match=r"00\.png: 30x20 pixels are too few; 64x64 are needed"):
        reconstruct(run, [pictures("small", 1, (30, 20))], tmp_path / "out")


def test_other_methods_have_no_depths(tmp_path, pictures):
    with pytest.raises(
        UserError, match="depths are of runs of 'inverse_decoder' and 'inversion'; this is one of 'deconvnet'"
    ):
        reconstruct(trained("deconvnet", tmp_path, pictures), [pictures("new")], None)
