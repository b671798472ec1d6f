"""Computes figures.json by implementations that are not ours, in an environment of their own.

    python -m venv goldenenv
    goldenenv/bin/pip install -r tests/evaluation/golden/requirements.txt
    goldenenv/bin/python tests/evaluation/golden/compute.py SQUEEZENET.npz LPIPS_HEADS.npz

PSNR and SSIM are scikit-image's, MS-SSIM is pytorch-msssim's, KID torch-fidelity's; LPIPS (Zhang et al. 2018)
and the distance of Gram matrices (Gatys et al. 2016) are written down here in PyTorch. Nothing is imported
from the package that is tested, and all is computed in float64.
"""

import hashlib
import itertools
import json
import math
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import torch
from PIL import Image
from pytorch_msssim import ms_ssim
from scipy.signal.windows import gaussian
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch.nn import functional

FOLDER = Path(__file__).parent
# torch-fidelity imports them at once, but its KID of given features uses nothing of them; without them any
# build of PyTorch will do.
UNUSED = (
    "torchvision",
    "torchvision.datasets",
    "torchvision.transforms",
    "torchvision.transforms.functional",
)
PACKAGES = ("numpy", "scipy", "scikit-image", "torch", "torch-fidelity", "pytorch-msssim")
LAYERS = ("fine", "coarse")
# torchvision's squeezenet1_1().features: after these fires LPIPS looks, before these is a max pool.
FIRES, TAPS, POOLED = (3, 4, 6, 7, 9, 10, 11, 12), (4, 7, 9, 10, 11, 12), (3, 6, 9)


def planes(picture):
    """(1, 3, H, W) in 0..255."""
    return torch.from_numpy(picture.astype(np.float64)).permute(2, 0, 1)[None]


def ssim(first, second):
    """Wang et al. 2004: an 11 x 11 Gaussian window, population moments, only windows inside the picture."""
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(structural_similarity(first, second, **window, data_range=255, channel_axis=-1))


def multi_scale_ssim(first, second):
    window = gaussian(11, 1.5)  # the package's own is rounded to float32
    window = torch.from_numpy(window / window.sum()).expand(3, 1, 1, 11)
    return float(ms_ssim(planes(first), planes(second), data_range=255, win=window))


def kid(fakes, targets):
    """torch-fidelity compares subsets of one size; the mean of all is the unbiased KID of both sets."""
    sys.modules |= dict.fromkeys(UNUSED, MagicMock())
    from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, kid_features_to_metric

    size = min(len(fakes), len(targets))
    subsets = itertools.product(
        *(itertools.combinations(range(len(some)), size) for some in (fakes, targets))
    )
    options = {"kid_subsets": 1, "kid_subset_size": size, "verbose": False}
    figures = [
        kid_features_to_metric(fakes[list(ours)], targets[list(theirs)], **options)[KEY_METRIC_KID_MEAN]
        for ours, theirs in subsets
    ]
    return math.fsum(figures) / len(figures)


def gram_matrix(maps):
    """Mean products of channels (C, C) of one map (h, w, C)."""
    channels = maps.flatten(0, 1)
    return channels.T @ channels / len(channels)


def gram_distance(fake, target):
    """Frobenius distance of the Gram matrices by the sum of their norms, mean over layers."""
    shares = []
    for layer in LAYERS:
        ours, theirs = gram_matrix(fake[layer]), gram_matrix(target[layer])
        norms = torch.linalg.matrix_norm(ours) + torch.linalg.matrix_norm(theirs)
        shares.append(torch.linalg.matrix_norm(ours - theirs) / norms)
    return float(torch.stack(shares).mean())


def read(path):
    with np.load(path) as stored:
        return {name: torch.from_numpy(stored[name].astype(np.float64)) for name in stored}


def convolved(x, weights, name, **options):
    return functional.relu(
        functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **options)
    )


def taps(picture, weights):
    """SqueezeNet 1.1's seven maps (1, C, h, w), from LPIPS' own scaling of [-1, 1]."""
    shift, scale = torch.tensor([[-0.030, -0.088, -0.188], [0.458, 0.448, 0.450]]).double()[..., None, None]
    x = (planes(picture) / 127.5 - 1 - shift) / scale
    x = convolved(x, weights, "features.0", stride=2)
    yield x
    for fire in FIRES:
        if fire in POOLED:
            x = functional.max_pool2d(x, 3, stride=2, ceil_mode=True)
        name = f"features.{fire}"
        x = convolved(x, weights, f"{name}.squeeze")
        wide = convolved(x, weights, f"{name}.expand3x3", padding=1)
        x = torch.cat([convolved(x, weights, f"{name}.expand1x1"), wide], dim=1)
        if fire in TAPS:
            yield x


def lpips(first, second, heads):
    """Equation 1 of Zhang et al. 2018, of two pictures' taps."""
    distance = 0.0
    for index, two in enumerate(zip(first, second, strict=True)):
        one, other = (x / (x.square().sum(dim=1, keepdim=True).sqrt() + 1e-10) for x in two)
        weighted = (one - other).square() * heads[f"lin{index}"].reshape(1, -1, 1, 1)
        distance += float(weighted.sum(dim=1).mean())
    return distance


def compute(network, heads):
    paths = sorted(FOLDER.glob("*.png"))
    pictures = {path.stem: np.asarray(Image.open(path).convert("RGB")) for path in paths}
    features, weights, heads = read(FOLDER / "features.npz"), read(network), read(heads)
    maps = {name: {layer: features[f"{name}/{layer}"] for layer in LAYERS} for name in pictures}
    seen = {name: list(taps(picture, weights)) for name, picture in pictures.items()}
    pairs = []
    for first, second in itertools.combinations(pictures, 2):
        pixels = pictures[first], pictures[second]
        pair = {"first": first, "second": second}
        pair["psnr"] = float(peak_signal_noise_ratio(*pixels, data_range=255))
        pair |= {"ssim": ssim(*pixels), "ms_ssim": multi_scale_ssim(*pixels)}
        pair["gram"] = gram_distance(maps[first], maps[second])
        pair["lpips"] = lpips(seen[first], seen[second], heads)
        pairs.append(pair)
    fakes, targets = features["fakes"], features["targets"]
    return {"kid": {"10 and 12": kid(fakes, targets), "10 and 10": kid(fakes, targets[:10])}, "pairs": pairs}


def hashes(paths):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def main():
    network, heads = (Path(name) for name in sys.argv[1:])
    torch.set_grad_enabled(False)
    given = sorted([*FOLDER.glob("*.png"), FOLDER / "features.npz"])
    found = {
        "versions": {name: version(name) for name in PACKAGES},
        "sha256": {"given": hashes(given), "weights": hashes([network, heads])},
        **compute(network, heads),
    }
    (FOLDER / "figures.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
