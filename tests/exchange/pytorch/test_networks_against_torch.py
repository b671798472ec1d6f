"""Beside PyTorch itself, where it is installed: its own files, and its own pictures from the same weights."""

from collections import OrderedDict

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gan_style.exchange.pytorch.fit import fit  # noqa: E402
from gan_style.exchange.pytorch.pth import read_state_dict  # noqa: E402
from gan_style.networks.patchgan import build_patchgan  # noqa: E402
from gan_style.networks.resnet import build_resnet_generator  # noqa: E402
from gan_style.networks.unet import build_unet_generator  # noqa: E402
from gan_style.system.errors import UserError  # noqa: E402
from tests.exchange.pytorch import torch_networks  # noqa: E402
from tests.exchange.pytorch.torch_files import WRITERS, state_dict  # noqa: E402

both = pytest.mark.parametrize("zip_format", [True, False], ids=["zip", "legacy"])


def saved(content, path, zip_format):
    torch.save(content, path, _use_new_zipfile_serialization=zip_format)
    return path


@both
def test_its_files_are_read(zip_format, tmp_path):
    base = torch.arange(24.0).reshape(4, 6)
    tensors = OrderedDict(
        whole=base,
        turned=base.T,
        part=base[1:3, 1::2],
        half=torch.tensor([1.5, -2.0]).half(),
        double=torch.rand(3).double(),
        count=torch.tensor(7),
        flags=torch.tensor([True, False]),
        parameter=torch.nn.Parameter(torch.rand(2, 2)),
        nothing=torch.zeros(0, 3),
        brain=torch.tensor([1.5, -2.0, 3.140625], dtype=torch.bfloat16),
    )
    found = read_state_dict(saved({"state_dict": tensors}, tmp_path / "g.pth", zip_format))
    assert list(found) == list(tensors)
    for name, tensor in tensors.items():
        expected = (tensor.float() if name == "brain" else tensor).detach().numpy()
        assert (found[name].dtype, found[name].shape) == (expected.dtype, expected.shape)
        np.testing.assert_array_equal(found[name], expected)


@both
def test_whole_modules_are_refused(zip_format, tmp_path):
    with pytest.raises(UserError, match=r"holds Python code \(torch.nn.modules.conv.Conv2d\)"):
        read_state_dict(saved(torch.nn.Conv2d(1, 1, 1), tmp_path / "g.pth", zip_format))


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_it_reads_the_files_that_our_tests_write(write, rng, tmp_path):
    arrays = {"a.weight": rng.normal(size=(2, 3)).astype(np.float32), "b": np.array(5)}
    found = torch.load(write(tmp_path / "g.pth", state_dict(arrays)), weights_only=True)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


PAIRS = {
    "cyclegan-resnet9-full": (
        lambda: torch_networks.resnet(64, 9),
        lambda: build_resnet_generator(filters=64, blocks=9),
        64,
    ),
    "cyclegan-resnet6": (
        lambda: torch_networks.resnet(8, 6),
        lambda: build_resnet_generator(filters=8, blocks=6),
        48,
    ),
    "cut": (
        lambda: torch_networks.resnet(16, 9, antialias=True),
        lambda: build_resnet_generator(filters=16, blocks=9, antialias=True, upsampling="bilinear"),
        64,
    ),
    "pix2pix-unet-256-full": (
        lambda: torch_networks.unet(64, 8),
        lambda: build_unet_generator(filters=64, depth=8, dropout=0.0),
        256,
    ),
    "patchgan-70-full": (
        lambda: torch_networks.patchgan(3, 64, "instance"),
        lambda: build_patchgan(filters=64),
        128,
    ),
    "patchgan-pix2pix": (
        lambda: torch_networks.patchgan(6, 16, "batch"),
        lambda: build_patchgan(channels=6, filters=16, norm="batch"),
        96,
    ),
    "patchgan-cut": (
        lambda: torch_networks.patchgan(3, 16, "instance", antialias=True),
        lambda: build_patchgan(filters=16, antialias=True),
        96,
    ),
}


@both
@pytest.mark.parametrize(("theirs", "ours", "size"), PAIRS.values(), ids=PAIRS)
def test_the_same_weights_give_the_same_pictures(theirs, ours, size, zip_format, tmp_path):
    reference, network = torch_networks.randomised(theirs()), ours()
    fit(read_state_dict(saved(reference.state_dict(), tmp_path / "g.pth", zip_format)), network, "g.pth")
    images = (
        np.random.default_rng(0).uniform(-1, 1, (2, size, size, network.input.shape[-1])).astype(np.float32)
    )
    with torch.no_grad():
        expected = (
            reference(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy().transpose(0, 2, 3, 1)
        )
    found = network(images).numpy()
    assert expected.std() > 0.05
    print(f"largest difference {np.abs(found - expected).max():.2e}, spread {expected.std():.2f}")
    np.testing.assert_allclose(found, expected, atol=1e-4)
