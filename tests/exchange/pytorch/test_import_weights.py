"""PyTorch's weights in our networks: by order, nothing left over, the same pictures; the run made of them."""

import json

import numpy as np
import pytest
import tensorflow as tf
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.exchange.pytorch.fit import fit
from gan_style.networks.patchgan import build_patchgan
from gan_style.networks.resnet import build_resnet_generator
from gan_style.networks.unet import build_unet_generator
from gan_style.system.disk import file_sha256
from gan_style.system.errors import UserError
from tests.exchange.pytorch.torch_files import WRITERS, state_dict, write_legacy, write_zip

SMALL = {"filters": 4, "blocks": 1, "kernel": 3}


def resnet_weights(rng, filters=4, blocks=1, kernel=3) -> dict[str, np.ndarray]:
    """Names and shapes as in the official CycleGAN, 2017: the norms' statistics included."""
    weights: dict[str, np.ndarray] = {}

    def add(name: str, *shape: int, out: int) -> None:
        weights[f"{name}.weight"] = rng.normal(0, 0.3, shape).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0, 0.3, out).astype(np.float32)

    def stale(name: str, channels: int) -> None:
        weights.update(
            {f"{name}.running_mean": np.full(channels, 9.0), f"{name}.running_var": np.full(channels, 9.0)}
        )

    f = filters
    add("model.1", f, 3, kernel, kernel, out=f)
    stale("model.2", f)
    for module, width in ((4, 2 * f), (7, 4 * f)):
        add(f"model.{module}", width, width // 2, 3, 3, out=width)
        stale(f"model.{module + 1}", width)
    for block in range(blocks):
        for inside in (1, 5):
            add(f"model.{10 + block}.conv_block.{inside}", 4 * f, 4 * f, 3, 3, out=4 * f)
    for module, width in ((10 + blocks, 4 * f), (13 + blocks, 2 * f)):
        add(f"model.{module}", width, width // 2, 3, 3, out=width // 2)
    add(f"model.{17 + blocks}", 3, f, kernel, kernel, out=3)
    return weights


def conv(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1) -> np.ndarray:
    """(C, H, W) without padding; weight (out, in, kH, kW), as PyTorch defines it."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))[
        :, ::stride, ::stride
    ]
    return np.einsum("ihwkl,oikl->ohw", windows, weight) + bias[:, None, None]


def conv_transpose(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Stride 2, padding and output padding 1; weight (in, out, 3, 3): a pixel stamps the kernel, unturned."""
    channels, (height, width) = weight.shape[1], x.shape[1:]
    out = np.zeros((channels, 2 * height + 2, 2 * width + 2))
    for row in range(height):
        for column in range(width):
            out[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3] += np.einsum(
                "i,iokl->okl", x[:, row, column], weight
            )
    return out[:, 1:-1, 1:-1] + bias[:, None, None]


def norm(x: np.ndarray) -> np.ndarray:
    return (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-5)


def mirror(x: np.ndarray, margin: int) -> np.ndarray:
    return np.pad(x, [(0, 0), (margin, margin), (margin, margin)], mode="reflect")


def numpy_resnet(weights: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """The generator of one block and first kernel 3, written down once more from its description."""
    layer = {
        name.removesuffix(".weight"): (weights[name], weights[name[:-6] + "bias"])
        for name in weights
        if name.endswith("weight")
    }
    x = np.maximum(norm(conv(mirror(x, 1), *layer["model.1"])), 0)
    for name in ("model.4", "model.7"):
        x = np.maximum(norm(conv(np.pad(x, [(0, 0), (1, 1), (1, 1)]), *layer[name], stride=2)), 0)
    y = np.maximum(norm(conv(mirror(x, 1), *layer["model.10.conv_block.1"])), 0)
    x = x + norm(conv(mirror(y, 1), *layer["model.10.conv_block.5"]))
    for name in ("model.11", "model.14"):
        x = np.maximum(norm(conv_transpose(x, *layer[name])), 0)
    return np.tanh(conv(mirror(x, 1), *layer["model.18"]))


def test_an_imported_generator_paints_what_its_description_says(rng):
    weights, network = resnet_weights(rng), build_resnet_generator(**SMALL)
    fit(weights, network, "g.pth")
    image = rng.uniform(-1, 1, (16, 20, 3)).astype(np.float32)
    expected = numpy_resnet(weights, image.transpose(2, 0, 1)).transpose(1, 2, 0)
    np.testing.assert_allclose(network(image[None])[0], expected, atol=2e-5)


def as_theirs(network, rng) -> dict[str, np.ndarray]:
    """Random weights as PyTorch would name and shape them; values that are all different."""
    axes = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}
    names = {"kernel": "weight", "gamma": "weight", "bias": "bias", "beta": "bias"}
    return {
        f"model.{number}.{names[variable.name]}": rng.normal(size=variable.shape)
        .astype(np.float32)
        .transpose(axes[len(variable.shape)])
        for number, layer in enumerate(layer for layer in network.layers if layer.weights)
        for variable in layer.weights
    }


@pytest.mark.parametrize(
    "build",
    [
        lambda: build_resnet_generator(**SMALL, affine=True),
        lambda: build_resnet_generator(**SMALL, antialias=True, upsampling="bilinear"),
        lambda: build_unet_generator(filters=4, depth=4),
        lambda: build_patchgan(filters=4, norm="batch"),
        lambda: build_patchgan(channels=6, filters=4, antialias=True),
    ],
)
def test_every_parameter_of_every_network_is_set(build, rng):
    network = build()
    weights = as_theirs(network, rng)
    blurs = sum("Blur" in type(layer).__name__ for layer in network.layers)
    ignored = {f"blur.{number}.filt": np.ones((4, 1, 3, 3)) for number in range(blurs)} | {
        "n.num_batches_tracked": np.array(3)
    }
    fit(ignored | weights, network, "g.pth")
    for variable, (name, array) in zip(network.weights, weights.items(), strict=True):
        expected = array.transpose((2, 3, 1, 0)) if array.ndim == 4 else array.T
        np.testing.assert_array_equal(variable, expected, err_msg=name)


def changed(weights, name, array):
    return {**weights, name: array}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda w: changed(w, "model.4.weight", np.zeros((8, 3, 3, 3))),
            r"g.pth: model.4.weight of shape \(8, 3, 3, 3\) comes where "
            r"layer 2 of resnet_generator \(Conv2D\) has a weight of shape \(8, 4, 3, 3\)",
        ),
        (
            lambda w: changed(w, "model.11.weight", w["model.11.weight"].transpose(1, 0, 2, 3)),
            r"model.11.weight .* \(Conv2DTranspose\)",
        ),
        (lambda w: changed(w, "model.19.weight", np.zeros(3)), "model.19.weight .* left over"),
        (
            lambda w: {k: v for k, v in w.items() if "model.18" not in k},
            r"ends too early; layer 8 .* weight of shape \(3, 4, 3, 3\)",
        ),
        (
            lambda w: {k: v for k, v in w.items() if k != "model.4.bias"},
            "model.7.weight .* layer 2 .* has a bias",
        ),
        (lambda w: {k.replace("weight", "weight_orig"): v for k, v in w.items()}, "model.1.weight_orig"),
        (
            lambda w: changed(w, "model.7.bias", np.full(16, np.nan)),
            "model.7.bias holds values that are not finite",
        ),
        (lambda w: changed(w, "model.5.filt", np.ones(1)), "blurs 1 times .* resnet_generator 0 times"),
    ],
)
def test_the_first_thing_that_does_not_fit_is_named_and_nothing_is_set(change, expected, rng):
    network = build_resnet_generator(**SMALL)
    before = network.get_weights()
    with pytest.raises(UserError, match=expected):
        fit(change(resnet_weights(rng)), network, "g.pth")
    assert all(np.array_equal(old, new) for old, new in zip(before, network.get_weights(), strict=True))


def test_a_file_without_blurs_is_not_for_a_network_with(rng):
    network = build_resnet_generator(**SMALL, antialias=True, upsampling="nearest")
    with pytest.raises(UserError, match=r"blurs 0 times .* 2 times"):
        fit(as_theirs(network, rng), network, "g.pth")


def test_spectral_norm_is_refused(rng):
    network = build_patchgan(filters=4, depth=1, spectral_norm=True)
    with pytest.raises(UserError, match="has 'left', which has no counterpart"):
        fit({"w": np.zeros(1)}, network, "d.pth")


PLAIN = (
    "method.generator={noise_channels: 0, input_skip: none}",
    "method.generator_input={input_blur: 0, stroke_noise: 0}",
    "method.identity_warmup=0",
    "train.steps=2",
)


def invoke(*arguments: str):
    return CliRunner().invoke(main, arguments)


# Both kinds of file are read in test_pth.py; here one of them goes the whole way.
WHOLE_WAY = [
    pytest.param(WRITERS[name], id=name, marks=[pytest.mark.slow] * (name != "zip")) for name in WRITERS
]


@pytest.mark.parametrize("write", WHOLE_WAY)
@pytest.mark.usefixtures("untraced")
def test_an_imported_run_is_listed_paints_and_trains_on(write, small_recipe, rng, tmp_path):
    weights, runs = resnet_weights(rng), str(tmp_path / "runs")
    source = write(tmp_path / "monet.pth", state_dict(weights))
    command = ("import-weights", str(source), str(small_recipe), "--runs", runs, *PLAIN)
    made = invoke(*command)
    assert made.exit_code == 0, made.output
    folder = tmp_path / "runs" / "small" / "imported-monet" / "seed0"
    lines = made.output.splitlines()
    assert lines[-1] == f"now type     make sample EXP={folder}"
    assert "as generator and ema/generator" in made.output
    assert "untrained    discriminator" in made.output
    summary = json.loads((folder / "summary.json").read_text())
    imported = {"file": "monet.pth", "sha256": file_sha256(source), "network": "generator"}
    assert (summary["status"], summary["step"], summary["steps"], summary["imported"]) == (
        "imported",
        0,
        2,
        imported,
    )
    listed = invoke("runs", "--runs", runs).output
    assert "small/imported-monet/seed0" in listed
    assert "imported" in listed.replace("imported-monet", "")

    photos = ("--input", str(tmp_path / "photos" / "00.png"))
    for run in ((str(folder),), ("small", "--runs", runs)):
        assert invoke("sample", *run, *photos, "--output", str(tmp_path / "out")).exit_code == 0

    again = invoke(*command)
    assert again.exit_code == 2
    assert f"{folder}: there is such a run already" in again.stderr

    trained = invoke("train", str(small_recipe), "--runs", runs, "--name", "imported-monet", *PLAIN)
    assert trained.exit_code == 0, trained.output
    assert f"resuming {folder} at step 0" in trained.output
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["status"], summary["step"], summary["imported"]) == ("finished", 2, imported)


def test_what_is_saved_is_what_was_read(small_recipe, rng, tmp_path):
    weights = resnet_weights(rng)
    source = write_zip(tmp_path / "g.pth", state_dict(weights))
    assert (
        invoke(
            "import-weights", str(source), str(small_recipe), "--runs", str(tmp_path), "--name", "x", *PLAIN
        ).exit_code
        == 0
    )
    with np.load(
        tmp_path / "small" / "x" / "seed0" / "checkpoints" / "step-00000000" / "networks.npz"
    ) as saved:
        for network in ("networks/generator", "ema/generator"):
            kernel = saved[f"{network}/000-Conv2D/kernel"]
            np.testing.assert_array_equal(kernel, weights["model.1.weight"].transpose(2, 3, 1, 0))


def test_the_command_that_trains_on_is_told_to_the_letter(small_recipe, rng, tmp_path):
    source = write_legacy(tmp_path / "g.pth", state_dict(resnet_weights(rng)))
    made = invoke("import-weights", str(source), str(small_recipe), "--runs", str(tmp_path / "r s"), *PLAIN)
    (line,) = [line for line in made.output.splitlines() if line.startswith("to train on")]
    import shlex

    assert shlex.split(line)[3:] == [
        *("gan-style", "train", str(small_recipe), "--name", "imported-g", "--runs", str(tmp_path / "r s")),
        *PLAIN,
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["--network", "encoder", *PLAIN],
            "--network encoder: this experiment has: generator, discriminator",
        ),
        (["--name", "../x", *PLAIN], "expected a plain name"),
        ([*PLAIN[:2]], "add method.identity_warmup=0"),
        ([*PLAIN, "train.init_from=runs/x"], "train.init_from: either"),
        (
            [*PLAIN, "method.generator.filters=8"],
            r"model.1.weight of shape (4, 3, 3, 3) comes where layer 1",
        ),
        ([*PLAIN, "method.generator.kind=unet"], "method.generator"),
        (["--network", "discriminator", *PLAIN], "'left', which has no counterpart"),
    ],
)
def test_mistakes_leave_no_folder(arguments, expected, small_recipe, rng, tmp_path):
    source = write_zip(tmp_path / "g.pth", state_dict(resnet_weights(rng)))
    result = invoke(
        "import-weights", str(source), str(small_recipe), "--runs", str(tmp_path / "runs"), *arguments
    )
    assert result.exit_code == 2
    assert expected in result.stderr
    assert result.stderr.startswith("error: ")
    assert not list((tmp_path / "runs").rglob("config.yaml"))


def test_a_file_that_is_not_there(small_recipe, tmp_path):
    result = invoke("import-weights", "nowhere.pth", str(small_recipe), "--runs", str(tmp_path), *PLAIN)
    assert (result.exit_code, result.stderr) == (2, "error: nowhere.pth: No such file or directory\n")


def test_numbers_of_half_precision_are_taken(rng):
    weights = {name: array.astype(np.float16) for name, array in resnet_weights(rng).items()}
    network = build_resnet_generator(**SMALL)
    fit(weights, network, "g.pth")
    assert network.weights[0].dtype == "float32"
    assert tf.reduce_all(
        tf.equal(network.weights[0].value, weights["model.1.weight"].transpose(2, 3, 1, 0).astype(np.float32))
    )
