"""The wheel alone and the packages that docs/export.md names: there an exported file paints."""

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from gan_style.exchange.export import export
from gan_style.exchange.parity import picture
from gan_style.exchange.traced import Fixed
from gan_style.experiment.runs import Run
from gan_style.system import included

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PACKAGES = "numpy pillow scipy click rich pydantic pyyaml onnxruntime"


def test_an_environment_of_few_packages_paints(tmp_path):
    assert f"pip install {PACKAGES}" in (ROOT / "docs" / "export.md").read_text()
    file = export(Run(included.FOLDER / "sketch"), "onnx", tmp_path / "sketch.onnx", Fixed())
    Image.fromarray(picture(90, 131, seed=0)).save(tmp_path / "photo.png")
    python = tmp_path / "empty" / "bin" / "python"

    def run(*command: object) -> str:
        return subprocess.run(
            [str(word) for word in command], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    run(sys.executable, "-m", "venv", tmp_path / "empty")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheel", ROOT)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel)
    install = [python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt"]
    run(*install, *PACKAGES.split())
    assert not {"tensorflow", "keras"} & {
        line.split("==")[0] for line in run(python, "-m", "pip", "freeze").split()
    }
    run(python, "-m", "gan_style", "sample", file, "--input", "photo.png", "--output", "painted")
    assert Image.open(tmp_path / "painted" / "photo.png").size == (131, 90)
