"""Beside PyTorch, where it is installed: whole steps of the published methods, from the same weights.

On both sides everybody moves, in the order of the papers: the losses of a second step show what the first
update did. Gradients are compared in the first alone; a weight whose gradient is nothing but rounding then
moves anywhere, and a rectifier may switch.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, l1_loss  # noqa: E402

from gan_style.exchange.pytorch.fit import fit, places  # noqa: E402
from tests.exchange.pytorch import torch_networks  # noqa: E402
from tests.methods.test_methods import method_of, smooth_batch  # noqa: E402

torch.set_num_threads(1)  # with networks this small more would mostly wait

RATES = ("train.steps=1000", "method.generator_optimizer={learning_rate: 2e-4}")
PATCHGAN = "{kind: patchgan, filters: 8, depth: 3}"


def same_networks(networks, references) -> list:
    """PyTorch's networks with random weights, which ours are given too."""
    for number, (network, reference) in enumerate(zip(networks, references, strict=True)):
        torch_networks.randomised(reference, seed=number)
        copy(reference, network)
    return references


def copy(reference, network) -> None:
    fit({name: tensor.numpy() for name, tensor in reference.state_dict().items()}, network, "PyTorch")


def channels_first(images):
    return torch.from_numpy(np.asarray(images).transpose(0, 3, 1, 2).copy())


def square(logits, wanted):
    return ((logits - wanted) ** 2).mean()


def adam(*networks):
    return torch.optim.Adam(
        [parameter for network in networks for parameter in network.parameters()], 2e-4, (0.5, 0.999)
    )


def descend(loss, optimizer) -> None:
    """One update; its gradients stay with the parameters."""
    parameters = optimizer.param_groups[0]["params"]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()


def handed_over(method) -> dict[str, list[np.ndarray]]:
    """By player, the gradients that its optimizer was given last."""
    gradients = {}
    for player in method.players:

        def noted(pairs, name=player.name, apply=player.optimizer.apply_gradients):
            pairs = list(pairs)
            gradients[name] = [gradient.numpy() for gradient, _ in pairs]
            apply(pairs)

        player.optimizer.apply_gradients = noted
    return gradients


def same_terms(terms, references) -> None:
    for name, reference in references.items():
        np.testing.assert_allclose(float(terms[name]), float(reference.detach()), rtol=1e-3, err_msg=name)


def same_gradients(gradients, networks, references) -> None:
    """Parameter by parameter to a thousandth; without biases before a norm, whose true gradient is zero."""
    ours, differences, kernel = iter(gradients), [], 0.0
    for network, reference in zip(networks, references, strict=True):
        for place, parameter in zip(places(network), reference.parameters(), strict=True):
            found, expected = next(ours), parameter.grad.numpy().transpose(place.axes)
            kernel = np.abs(expected).max() if place.part == "weight" else kernel
            if np.abs(expected).max() < 1e-4 * kernel:
                assert np.abs(found).max() < 1e-4 * kernel, place
            else:
                differences.append(np.linalg.norm(found - expected) / np.linalg.norm(expected))
                assert differences[-1] < 1e-3, place
    assert len(differences) > len(gradients) / 2
    print(
        f"{len(differences)} of {len(gradients)} parameters compared, "
        f"largest relative difference {max(differences):.1e}"
    )


def test_two_steps_of_cyclegan(tmp_path):
    generator = "{kind: resnet, filters: 8, blocks: 2, kernel: 7, input_skip: none}"
    networks = (f"method.generator={generator}", f"method.discriminator={PATCHGAN}", "method.pool_size=0")
    one = method_of("cyclegan", tmp_path, *networks, *RATES)
    ours = [
        one.source_to_target,
        one.target_to_source,
        one.source_discriminator.network,
        one.target_discriminator.network,
    ]
    resnets, patchgans = [
        [make() for _ in range(2)]
        for make in (lambda: torch_networks.resnet(8, 2), lambda: torch_networks.patchgan(3, 8, "instance"))
    ]
    G_AB, G_BA, D_A, D_B = theirs = same_networks(ours, resnets + patchgans)
    generators, discriminators = adam(G_AB, G_BA), {"D_A": adam(D_A), "D_B": adam(D_B)}
    gradients = handed_over(one)
    for number in range(2):
        batch = smooth_batch(number)
        source, target = channels_first(batch.source), channels_first(batch.target)
        fake_target, fake_source = G_AB(source), G_BA(target)
        terms = {
            "G_AB": {
                "adversarial": square(D_B(fake_target), 1),
                "cycle": l1_loss(G_BA(fake_target), source),
                "identity": l1_loss(G_AB(target), target),
            },
            "G_BA": {
                "adversarial": square(D_A(fake_source), 1),
                "cycle": l1_loss(G_AB(fake_source), target),
                "identity": l1_loss(G_BA(source), source),
            },
        }
        total = sum(
            some["adversarial"] + 10 * some["cycle"] + 5 * some["identity"] for some in terms.values()
        )
        descend(total, generators)
        losses = {
            "D_A": 0.5 * (square(D_A(source), 1) + square(D_A(fake_source.detach()), 0)),
            "D_B": 0.5 * (square(D_B(target), 1) + square(D_B(fake_target.detach()), 0)),
        }
        for name, loss in losses.items():
            descend(loss, discriminators[name])
            terms[name] = {"total": loss}
        metrics = one.step(batch)
        for name, expected in {**terms, "generators": {"total": total}}.items():
            same_terms(metrics[name], expected)
        if number == 0:
            same_gradients(gradients["generators"], ours[:2], theirs[:2])
            same_gradients(gradients["D_A"], ours[2:3], theirs[2:3])
            same_gradients(gradients["D_B"], ours[3:], theirs[3:])


def test_two_steps_of_pix2pix(tmp_path):
    generator = "{kind: unet, filters: 8, depth: 5, dropout: 0, input_skip: none}"
    networks = (
        f"method.generator={generator}",
        "method.discriminator={kind: patchgan, filters: 8, depth: 3, norm: batch}",
    )
    one = method_of("pix2pix", tmp_path, *networks, *RATES)
    ours = [one.generator.network, one.discriminator.network]
    generator, discriminator = same_networks(
        ours, [torch_networks.unet(8, 5), torch_networks.patchgan(6, 8, "batch")]
    )
    optimizers, gradients = (adam(generator), adam(discriminator)), handed_over(one)

    def wrong(picture, answer):
        logits = discriminator(torch.cat([source, picture], 1))
        return binary_cross_entropy_with_logits(logits, torch.full_like(logits, answer))

    for number in range(2):
        batch = smooth_batch(number)
        source, target = channels_first(batch.source), channels_first(batch.target)
        fake = generator(source)
        loss = 0.5 * (wrong(target, 1) + wrong(fake.detach(), 0))
        descend(loss, optimizers[1])
        terms = {"adversarial": wrong(fake, 1), "l1": l1_loss(fake, target)}
        terms["total"] = terms["adversarial"] + 100 * terms["l1"]
        descend(terms["total"], optimizers[0])
        metrics = one.step(batch)
        same_terms(metrics["generator"], terms)
        same_terms(metrics["discriminator"], {"total": loss})
        if number == 0:
            same_gradients(gradients["generator"], ours[:1], [generator])
            same_gradients(gradients["discriminator"], ours[1:], [discriminator])


CUT = (
    "method.generator={kind: resnet, filters: 8, blocks: 6, kernel: 7, antialias: true, "
    "upsampling: bilinear, input_skip: none}",
    "method.discriminator={kind: patchgan, filters: 8, depth: 3, antialias: true}",
    "method.nce_layers=[picture, down1, down2, block1, block5]",
    "method.projection_width=16",
    "method.num_patches=2000",  # more than there are: every place is compared, and chance has no part in it
)
COMPARED = (0, 4, 8, 12, 16)


def patch_nce(generator, heads, painted, original, flip):
    """Which of a picture's places is this? In the mean over layers, places and pictures."""

    def vectors(pictures, flip):
        maps = []
        for number, layer in enumerate(generator[: COMPARED[-1] + 1]):
            pictures = layer(pictures)
            if number in COMPARED:
                maps.append(pictures.flip(3) if flip else pictures)
        return heads(maps)

    losses = []
    for query, key in zip(vectors(painted, flip), vectors(original, False), strict=True):
        similarity = query @ key.detach().transpose(1, 2) / 0.07
        own = torch.arange(similarity.shape[2]).expand(similarity.shape[:2])
        losses.append(cross_entropy(similarity.flatten(0, 1), own.flatten()))
    return sum(losses) / len(losses)


@pytest.mark.parametrize(
    ("method", "flip", "length"),
    [("cut", False, 1), ("cut", False, 1e-7), ("fastcut", True, 1), ("fastcut", False, 1)],
    ids=["cut", "cut-faint-heads", "fastcut-mirrored", "fastcut"],
)
def test_two_steps_of_cut(method, flip, length, tmp_path, monkeypatch):
    """Faint heads give vectors about as short as what is added to their length; an update makes them long."""
    one = method_of(method, tmp_path, *CUT, *RATES)
    ours = [one.generator.network, one.heads, one.discriminator.network]
    makers = torch_networks.resnet(8, 6, antialias=True), torch_networks.Heads([3, 16, 32, 32, 32], 16)
    generator, heads, discriminator = theirs = same_networks(
        ours, [*makers, torch_networks.patchgan(3, 8, "instance", antialias=True)]
    )
    for parameter in heads.second.parameters():
        parameter.data *= length
    copy(heads, one.heads)
    optimizers, gradients = (adam(generator, heads), adam(discriminator)), handed_over(one)
    monkeypatch.setattr("keras.random.uniform", lambda *_, **__: 0.0 if flip else 1.0)
    for number in range(2):
        batch = smooth_batch(number)
        source, target = channels_first(batch.source), channels_first(batch.target)
        seen = torch.cat([source, target]) if method == "cut" else source
        fake, *same = generator(seen.flip(3) if flip else seen).split(len(source))
        loss = 0.5 * (square(discriminator(target), 1) + square(discriminator(fake.detach()), 0))
        descend(loss, optimizers[1])
        terms = {
            "adversarial": square(discriminator(fake), 1),
            "nce": patch_nce(generator, heads, fake, source, flip),
        }
        contrast = 10 * terms["nce"]
        if method == "cut":
            terms["identity_nce"] = patch_nce(generator, heads, same[0], target, flip)
            contrast = (terms["nce"] + terms["identity_nce"]) / 2
        terms["total"] = terms["adversarial"] + contrast
        descend(terms["total"], optimizers[0])
        metrics = one.step(batch)
        same_terms(metrics["generator"], terms)
        same_terms(metrics["discriminator"], {"total": loss})
        if number == 0:
            same_gradients(gradients["generator"], ours[:2], theirs[:2])
            same_gradients(gradients["discriminator"], ours[2:], theirs[2:])
