"""Metrics against a golden set: figures of other implementations, computed once by golden/compute.py.

The tolerances are a few units of the last place, of float64 and, for LPIPS, of float32.
"""

import hashlib
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from gan_style.metrics.distribution import kernels, kid
from gan_style.metrics.fidelity import ms_ssim, psnr, ssim
from gan_style.metrics.lpips import LPIPS
from gan_style.metrics.textures import gram, textures
from gan_style.system.images import read, to_signed
from tests.evaluation.stand_ins import SHARED, needs_shared

FOLDER = Path(__file__).parent / "golden"
FIGURES = json.loads((FOLDER / "figures.json").read_text())
PAIRS = {(pair["first"], pair["second"]): pair for pair in FIGURES["pairs"]}
NAMES = sorted(path.stem for path in FOLDER.glob("*.png"))
DOUBLE, SINGLE = 1e-12, 1e-6  # relative


@pytest.fixture(scope="module")
def pictures():
    return {name: read(FOLDER / f"{name}.png").pixels for name in NAMES}


@pytest.fixture(scope="module")
def features():
    with np.load(FOLDER / "features.npz") as stored:
        return dict(stored)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_golden(name, figures, rel):
    golden = [pair[name] for pair in PAIRS.values()]
    assert dict(zip(PAIRS, figures, strict=True)) == pytest.approx(
        dict(zip(PAIRS, golden, strict=True)), rel=rel, abs=1e-15
    )


def test_the_figures_are_of_these_files_and_of_every_pair():
    given = FIGURES["sha256"]["given"]
    assert given == {path.name: sha256(path) for path in FOLDER.iterdir() if path.suffix in (".png", ".npz")}
    assert len(NAMES) == 10
    assert list(PAIRS) == list(combinations(NAMES, 2))


@pytest.mark.parametrize("metric", [psnr, ssim, ms_ssim])
def test_likeness_is_that_of_scikit_image_and_pytorch_msssim(metric, pictures):
    figures = [metric(pictures[first], pictures[second]) for first, second in PAIRS]
    assert_golden(metric.__name__, figures, DOUBLE)


def test_gram_distance_is_that_of_pytorch(features):
    known = {
        name: textures({layer: features[f"{name}/{layer}"] for layer in ("fine", "coarse")}) for name in NAMES
    }
    assert_golden("gram", [gram(known[first], known[second]) for first, second in PAIRS], DOUBLE)


@pytest.mark.parametrize("count", [10, 12])
def test_kid_is_that_of_torch_fidelity(count, features):
    known = kernels(features["fakes"], features["targets"][:count])
    assert kid(known) == pytest.approx(FIGURES["kid"][f"10 and {count}"], rel=DOUBLE)


@needs_shared
def test_lpips_is_that_of_pytorch(pictures):
    network = SHARED / "squeezenet1_1/squeezenet1_1_features_fp16.npz"
    heads = SHARED / "lpips/lpips_squeeze_v0.1.npz"
    assert FIGURES["sha256"]["weights"] == {path.name: sha256(path) for path in (network, heads)}
    distance = LPIPS(network=str(network), heads=str(heads))
    signed = {name: to_signed(picture) for name, picture in pictures.items()}
    firsts, seconds = (np.stack([signed[pair[place]] for pair in PAIRS]) for place in (0, 1))
    assert_golden("lpips", distance(firsts, seconds), SINGLE)
