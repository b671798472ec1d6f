"""Beside PyTorch itself, where it is installed: its own files, and its own pictures from the same weights."""

from collections import OrderedDict

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gan_style.errors import UserError  # noqa: E402
from gan_style.import_weights import fit, places  # noqa: E402
from gan_style.networks.patchgan import build_patchgan  # noqa: E402
from gan_style.networks.resnet import build_resnet_generator  # noqa: E402
from gan_style.networks.unet import build_unet_generator  # noqa: E402
from gan_style.pth import read_state_dict  # noqa: E402
from tests import torch_networks  # noqa: E402
from tests.objectives.test_methods import objective_of, smooth_batch  # noqa: E402
from tests.torch_files import WRITERS, state_dict  # noqa: E402

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
    "cyclegan-resnet9-full": (lambda: torch_networks.resnet(64, 9), lambda: build_resnet_generator(filters=64, blocks=9), 64),
    "cyclegan-resnet6": (lambda: torch_networks.resnet(8, 6), lambda: build_resnet_generator(filters=8, blocks=6), 48),
    "cut": (
        lambda: torch_networks.resnet(16, 9, antialias=True),
        lambda: build_resnet_generator(filters=16, blocks=9, antialias=True, decoder="bilinear"),
        64,
    ),
    "pix2pix-unet-256-full": (lambda: torch_networks.unet(64, 8), lambda: build_unet_generator(filters=64, depth=8, dropout=0.0), 256),
    "patchgan-70-full": (lambda: torch_networks.patchgan(3, 64, "instance"), lambda: build_patchgan(filters=64), 128),
    "patchgan-pix2pix": (lambda: torch_networks.patchgan(6, 16, "batch"), lambda: build_patchgan(channels=6, filters=16, norm="batch"), 96),
}


@both
@pytest.mark.parametrize(("theirs", "ours", "size"), PAIRS.values(), ids=PAIRS)
def test_the_same_weights_give_the_same_pictures(theirs, ours, size, zip_format, tmp_path):
    reference, network = torch_networks.randomised(theirs()), ours()
    fit(read_state_dict(saved(reference.state_dict(), tmp_path / "g.pth", zip_format)), network, "g.pth")
    images = np.random.default_rng(0).uniform(-1, 1, (2, size, size, network.input.shape[-1])).astype(np.float32)
    with torch.no_grad():
        expected = reference(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy().transpose(0, 2, 3, 1)
    found = network(images).numpy()
    assert expected.std() > 0.05
    print(f"largest difference {np.abs(found - expected).max():.2e}, spread {expected.std():.2f}")
    np.testing.assert_allclose(found, expected, atol=1e-4)


def gradients_of_step(objective, batch) -> dict[str, list[np.ndarray]]:
    """What each player's optimizer is handed in one step; nobody moves."""
    caught = {}
    for player in objective.players():

        def apply(pairs, name=player.name):
            caught[name] = [gradient.numpy() for gradient, _ in pairs]

        player.optimizer.apply_gradients = apply
    objective.step(batch)
    return caught


def agree(networks, references, gradients) -> None:
    """Parameter by parameter to a thousandth; without biases before a norm, whose true gradient is zero."""
    found, compared = iter(gradients), 0
    for network, reference in zip(networks, references, strict=True):
        for place, parameter in zip(places(network), reference.parameters(), strict=True):
            ours, theirs = next(found), parameter.grad.numpy().transpose(place.axes)
            if np.abs(theirs).max() > 1e-5:
                assert np.linalg.norm(ours - theirs) / np.linalg.norm(theirs) < 1e-3, str(place)
                compared += 1
    assert compared > 5


def same_step(objective, batch, players) -> None:
    """By player: our networks and theirs, whose gradients are waiting, and their total loss."""
    caught = gradients_of_step(objective, batch)
    for player, (networks, references, _) in players.items():
        agree(networks, references, caught[player])
    metrics = objective.step(batch)
    for player, (_, _, total) in players.items():
        np.testing.assert_allclose(float(metrics[player]["total"]), float(total), rtol=1e-3)


def channels_first(images):
    return torch.from_numpy(np.asarray(images).transpose(0, 3, 1, 2).copy())


def same_networks(objective, makers, tmp_path) -> list:
    references = []
    for number, (network, make) in enumerate(zip(objective, makers, strict=True)):
        references.append(torch_networks.randomised(make(), seed=number))
        fit(read_state_dict(saved(references[-1].state_dict(), tmp_path / f"{number}.pth", True)), network, "g.pth")
    return references


def test_losses_and_gradients_of_one_step_of_cyclegan(tmp_path):
    generator, discriminator = (
        "{kind: resnet, filters: 8, blocks: 2, kernel: 7, colour_path: none}",
        "{kind: patchgan, filters: 8, depth: 3}",
    )
    networks = (f"objective.generator={generator}", f"objective.discriminator={discriminator}", "objective.pool=0")
    one, batch = objective_of("cyclegan", tmp_path, *networks), smooth_batch()
    ours = [one.source_to_target, one.target_to_source, one.source_discriminator, one.target_discriminator]
    resnet, patchgan = lambda: torch_networks.resnet(8, 2), lambda: torch_networks.patchgan(3, 8, "instance")
    forth, back, judge_source, judge_target = theirs = same_networks(ours, (resnet, resnet, patchgan, patchgan), tmp_path)
    source, target = channels_first(batch.source), channels_first(batch.target)
    l1, square = torch.nn.functional.l1_loss, lambda logits, wanted: ((logits - wanted) ** 2).mean()
    fake_target, fake_source = forth(source), back(target)
    adversarial = square(judge_target(fake_target), 1) + square(judge_source(fake_source), 1)
    cycle = l1(back(fake_target), source) + l1(forth(fake_source), target)
    identity = l1(back(source), source) + l1(forth(target), target)
    total = adversarial + 10 * cycle + 5 * identity
    total.backward()
    for judge in (judge_source, judge_target):
        judge.zero_grad()
    critic = 0.0
    for judge, real, fake in ((judge_source, source, fake_source), (judge_target, target, fake_target)):
        critic = critic + 0.5 * (square(judge(real), 1) + square(judge(fake.detach()), 0))
    critic.backward()
    same_step(one, batch, {"generators": (ours[:2], theirs[:2], total), "discriminators": (ours[2:], theirs[2:], critic)})


def test_losses_and_gradients_of_one_step_of_pix2pix(tmp_path):
    generator = "{kind: unet, filters: 8, depth: 5, dropout: 0, colour_path: none}"
    discriminator = "{kind: patchgan, filters: 8, depth: 3, norm: batch}"
    networks = (f"objective.generator={generator}", f"objective.discriminator={discriminator}")
    one, batch = objective_of("pix2pix", tmp_path, *networks), smooth_batch()
    ours = [one.generator, one.discriminator]
    makers = (lambda: torch_networks.unet(8, 5), lambda: torch_networks.patchgan(6, 8, "batch"))
    generator, judge = theirs = same_networks(ours, makers, tmp_path)
    source, target = channels_first(batch.source), channels_first(batch.target)
    wrong = torch.nn.functional.binary_cross_entropy_with_logits
    fake = generator(source)
    logits = [judge(torch.cat([source, picture], 1)) for picture in (target, fake.detach())]
    critic = 0.5 * (wrong(logits[0], torch.ones_like(logits[0])) + wrong(logits[1], torch.zeros_like(logits[1])))
    critic.backward()
    judged = judge(torch.cat([source, fake], 1))
    kept = [parameter.grad.clone() for parameter in judge.parameters()]
    total = wrong(judged, torch.ones_like(judged)) + 100 * torch.nn.functional.l1_loss(fake, target)
    total.backward()
    for parameter, gradient in zip(judge.parameters(), kept, strict=True):
        parameter.grad = gradient
    same_step(one, batch, {"generator": (ours[:1], theirs[:1], total), "discriminator": (ours[1:], theirs[1:], critic)})
