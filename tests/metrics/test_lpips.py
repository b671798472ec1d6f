"""LPIPS: the paper's own example where the weights are at hand, and its definition in NumPy everywhere."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from gan_style.metrics.lpips import LPIPS
from gan_style.system.errors import UserError
from gan_style.system.images import read, to_signed
from tests.evaluation.stand_ins import SHARED, needs_shared, squeezenet_shapes, write

CHANNELS = (64, 128, 256, 384, 384, 512, 512)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lpips")
    rng = np.random.default_rng(1)
    np.savez(
        folder / "heads.npz",
        **{
            f"lin{index}": rng.uniform(0, 1, count).astype(np.float32) for index, count in enumerate(CHANNELS)
        },
    )
    return write(folder / "network.npz", squeezenet_shapes()), str(folder / "heads.npz")


def convolution(x, stored, name, stride=1):
    """Picture (C, H, W), kernels (out, in, h, w); 3x3 kernels inside the fires are padded."""
    kernel = stored[f"{name}.weight"].astype(np.float64)
    if kernel.shape[2] == 3 and name != "features.0":
        x = np.pad(x, [(0, 0), (1, 1), (1, 1)])
    windows = sliding_window_view(x, kernel.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.maximum(
        np.einsum("chwij,ocij->ohw", windows, kernel, optimize=True) + stored[f"{name}.bias"][:, None, None],
        0,
    )


def maxima(x):
    """torchvision's MaxPool2d(3, 2, ceil_mode=True).

    Windows start at every even place that leaves at least two pixels.
    """
    starts = [range(0, side - 1, 2) for side in x.shape[1:]]
    return np.array(
        [[[plane[i : i + 3, j : j + 3].max() for j in starts[1]] for i in starts[0]] for plane in x]
    )


def reference(first, second, files):
    stored, heads = np.load(files[0]), np.load(files[1])

    def taps(picture):
        x = (picture.transpose(2, 0, 1) - np.array([-0.030, -0.088, -0.188])[:, None, None]) / np.array(
            [0.458, 0.448, 0.450]
        )[:, None, None]
        x = convolution(x, stored, "features.0", 2)
        found = [x]
        for layer in (
            "pool",
            3,
            4,
            "tap",
            "pool",
            6,
            7,
            "tap",
            "pool",
            9,
            "tap",
            10,
            "tap",
            11,
            "tap",
            12,
            "tap",
        ):
            if layer == "pool":
                x = maxima(x)
            elif layer == "tap":
                found.append(x)
            else:
                squeezed = convolution(x, stored, f"features.{layer}.squeeze")
                x = np.concatenate(
                    [
                        convolution(squeezed, stored, f"features.{layer}.expand{size}")
                        for size in ("1x1", "3x3")
                    ]
                )
        return [x / np.linalg.norm(x, axis=0) for x in found]

    pairs = zip(taps(first), taps(second), strict=True)
    return sum(
        ((one - other) ** 2 * heads[f"lin{index}"][:, None, None]).sum(0).mean()
        for index, (one, other) in enumerate(pairs)
    )


@pytest.mark.parametrize("size", [(36, 41), (34, 38)])  # with and without windows that reach over the edge
def test_equals_its_definition(files, size):
    rng = np.random.default_rng(2)
    first, second = rng.uniform(-1, 1, (2, 2, *size, 3)).astype(np.float32)
    distances = LPIPS(network=files[0], heads=files[1])(first, second)
    assert distances.dtype == np.float64
    np.testing.assert_allclose(
        distances, [reference(*pair, files) for pair in zip(first, second, strict=True)], rtol=1e-4
    )


@needs_shared
def test_the_published_example():
    folder = SHARED / "lpips"
    distance = LPIPS(
        network=str(SHARED / "squeezenet1_1/squeezenet1_1_features_fp16.npz"),
        heads=str(folder / "lpips_squeeze_v0.1.npz"),
    )
    reference, far, near = (
        to_signed(read(folder / f"ex_{name}.png").pixels)[None] for name in ("ref", "p0", "p1")
    )
    assert distance(reference, far)[0] == pytest.approx(0.711, abs=2e-3)
    assert distance(reference, near)[0] == pytest.approx(0.148, abs=2e-3)
    assert distance(reference, reference)[0] == 0


def test_mistakes_are_named(files, tmp_path):
    with pytest.raises(
        UserError, match=r"heads\.npz: SqueezeNet 1\.1: there is no array 'features\.0\.weight'"
    ):
        LPIPS(network=files[1], heads=files[1])
    np.savez(tmp_path / "short.npz", lin0=np.zeros(3, np.float32))
    with pytest.raises(UserError, match=r"short\.npz: LPIPS .*'lin0' has shape \(3,\), \(64,\) was expected"):
        LPIPS(network=files[0], heads=str(tmp_path / "short.npz"))
    with pytest.raises(UserError, match="pairs of one size"):
        LPIPS(network=files[0], heads=files[1])(
            np.zeros((1, 64, 64, 3), np.float32), np.zeros((1, 64, 48, 3), np.float32)
        )
