"""Every alarm fires on the fault that was planted for it, on no other, and on no sound training."""

import json
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from gan_style.data.held_out import Validation
from gan_style.experiment.alarms import ADVICE, stopping
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import learned_hash
from gan_style.experiment.runs import Run
from gan_style.methods.gan import Gan
from gan_style.system.errors import RunError
from gan_style.system.images import CAPTION, to_bytes
from gan_style.tracking.wandb_run import WandbRun
from gan_style.training import loop
from gan_style.training.alarms import watch as watching
from gan_style.training.alarms.figures import Figures
from gan_style.training.alarms.pictures import FINE, GROSS, Look
from gan_style.training.alarms.watch import Watch, fullest_crops
from gan_style.training.alarms.weights import ema_apart, numberless
from gan_style.training.session import State, open_session
from tests.small import write_small_recipe

SIDE = 128
CHECKS = {**GROSS, **FINE}


def clouds(seed: int) -> np.ndarray:
    """Pictures (4, H, W, 3) uint8 with a photograph's spectrum, in colours that go together."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE)))
    frequency[0, 0] = np.inf
    spectrum = np.fft.fft2(rng.normal(size=(4, 3, SIDE, SIDE))) / frequency
    waves = np.real(np.fft.ifft2(spectrum)).transpose(0, 2, 3, 1)
    mixed = 0.8 * waves[..., :1] + 0.4 * waves
    return np.clip(120 + 45 * mixed / mixed.std(), 0, 255).astype(np.uint8)


def painted(source: np.ndarray, seed: int = 7) -> np.ndarray:
    """The photographs as a sound generator may paint them: less detail, and strokes of their own."""
    rng = np.random.default_rng(seed)
    coarse = np.repeat(np.repeat(source[:, ::4, ::4], 4, axis=1), 4, axis=2).astype(np.float64)
    strokes = np.repeat(rng.normal(0, 12, (len(source), SIDE, SIDE // 8, 1)), 8, axis=2)
    shift = rng.integers(0, 8)
    return np.clip(np.roll(coarse + strokes, shift, axis=2) * 0.9 + 15, 0, 255).astype(np.uint8)


SOURCE, TARGET = clouds(0), painted(clouds(1))
FAKE = np.stack([np.asarray(Image.fromarray(one).resize((SIDE, SIDE))) for one in painted(SOURCE)])


def signed(pictures):
    return pictures.astype(np.float64) / 127.5 - 1


def lattice(pictures):
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.clip(pictures + 14.0 * ((rows + columns) % 2 * 2 - 1)[..., None], 0, 255).astype(np.uint8)


def framed(pictures):
    pictures = pictures.copy()
    for line in (0, -1):
        pictures[:, line], pictures[:, :, line] = 20, 20
    return pictures


PLANTED = {
    "saturated": to_bytes(np.sign(signed(FAKE))),
    "constant": (110 + FAKE * 0.02).astype(np.uint8),
    "copies_input": np.clip(SOURCE.astype(int) + 2, 0, 255).astype(np.uint8),
    "inverted": 255 - FAKE,
    "colour_cast": np.clip(FAKE * np.array([1.4, 1.0, 0.5]), 0, 255).astype(np.uint8),
    "checkerboard": lattice(FAKE),
    "border": framed(FAKE),
}


def seen(fake: np.ndarray, step: int = 5_000, done: float = 0.9) -> set[str]:
    look = Look(step, done, SOURCE, fake, TARGET)
    return {name for name, (check, first) in CHECKS.items() if step >= first and check(look)}


def test_a_sound_painting_raises_nothing():
    assert seen(FAKE) == set()


@pytest.mark.parametrize("name", CHECKS)
def test_a_planted_fault_is_named_and_no_other(name):
    assert seen(PLANTED[name]) == {name}


def test_one_channel_at_its_end_is_saturated():
    """Seen in earnest: a training on paintings whose pictures all turned magenta within 40 steps."""
    magenta = FAKE.copy()
    magenta[..., 1] = 0
    assert "saturated" in seen(magenta, step=40, done=0.01)


def test_all_photographs_as_one_picture_is_constant():
    assert seen(np.repeat(FAKE[:1], 4, axis=0)) & {"constant"}


def test_trainings_begin_as_copies_and_empty_pictures():
    assert seen(PLANTED["copies_input"], done=0.1) == set()
    assert seen(PLANTED["constant"], step=100, done=0.1) == set()


def steps_of(count: int = 300, seed: int = 0, **changed) -> list[dict[str, float]]:
    """A sound training's figures; `changed` gives functions of the step instead."""
    rng = np.random.default_rng(seed)
    usual = {
        "generator/style": lambda step: 0.5 * rng.lognormal(0, 0.3),
        "generator/total": lambda step: 2.0 * rng.lognormal(0, 0.3),
        "generator/gradient_norm": lambda step: 3.0 * rng.lognormal(0, 0.5) * 0.995**step,
        "discriminator/adversarial": lambda step: 0.2 * rng.lognormal(0, 0.2) + 0.3 * (step < 20),
        "discriminator/total": lambda step: 0.2 * rng.lognormal(0, 0.2),
        "discriminator/gradient_norm": lambda step: rng.lognormal(0, 0.5),
    }
    functions = usual | changed
    return [{name: compute(step) for name, compute in functions.items()} for step in range(count)]


def faults(metrics: list[dict[str, float]], searching: bool = True) -> dict[str, str]:
    figures = Figures()
    found: dict[str, str] = {}
    for one in metrics:
        figures.note(one)
        found |= dict(figures.faults(searching))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_sound_figures_raise_nothing(seed):
    assert faults(steps_of(seed=seed)) == {}


def test_planted_figures_are_named():
    won = {"discriminator/adversarial": lambda step: 0.5 if step < 20 else 0.002}
    asleep = {"discriminator/adversarial": lambda step: 0.25 + 1e-4 * (step % 3)}
    growing = {"generator/gradient_norm": lambda step: 3.0 * (1 if step < 150 else 1000)}
    assert faults(steps_of(**won)).keys() == {"discriminator_won"}
    assert faults(steps_of(**asleep)).keys() == {"discriminator_asleep"}
    assert faults(steps_of(**growing)).keys() == {"drifting_gradient"}


def test_spikes_are_laid_to_the_term_that_has_them():
    spiking = {
        "generator/style": lambda step: 40.0 if step in (150, 170, 190) else 0.5,
        "generator/total": lambda step: 22.0 if step in (150, 170, 190) else 2.0,
    }
    assert "generator/style reached 40" in faults(steps_of(**spiking))["spikes"]


def test_a_wild_opening_is_none():
    """Seen with deeper PatchGANs: a few least-squares losses of 8 to 22, and then a sound training."""
    opening = {"discriminator/total": lambda step: 20.0 if step in (3, 4, 5, 9) else 0.3}
    assert faults(steps_of(**opening)) == {}


def test_a_discriminator_that_falls_back_to_where_it_began_is_none():
    """Seen with pix2pix, whose discriminator knew nearly all pairs, and was fooled by some."""
    fooled = {
        f"discriminator/{term}": lambda step: 0.69 if step < 20 else 0.54 if step % 50 == 0 else 0.05
        for term in ("adversarial", "total")
    }
    assert faults(steps_of(**fooled)) == {}
    worse = {name: lambda step: 7.0 if step > 120 and step % 20 == 0 else 0.2 for name in fooled}
    assert "spikes" in faults(steps_of(**worse))


def test_a_game_in_balance_is_not_asleep():
    """Seen with the cartoon recipe: near chance for a thousand steps, with a spread of 1 %, and sound."""
    rng = np.random.default_rng(0)
    balanced = {"discriminator/adversarial": lambda step: 0.68 * (1 + 0.01 * rng.standard_normal())}
    assert faults(steps_of(**balanced)) == {}


@pytest.mark.parametrize(
    ("understands", "pad", "silent"),
    [
        (set(), 0, set()),
        ({"style_images"}, 0, {"inverted", "colour_cast"}),  # colours come with the style picture
        (set(), 16, {"border"}),  # what sampling cuts off
    ],
)
def test_what_a_recipe_settles_is_no_fault(understands, pad, silent):
    data, train = SimpleNamespace(one_picture=True), SimpleNamespace(stop_on=())
    config = SimpleNamespace(data=data, train=train, sample=SimpleNamespace(reflect_pad=pad))
    session = SimpleNamespace(method=SimpleNamespace(understands=understands), config=config)
    watch = Watch(session, tracker=None)
    for name in ("inverted", "colour_cast", "border", "constant"):
        look = Look(5_000, 0.9, SOURCE, PLANTED[name], TARGET)
        assert ({name} <= dict(watch.seen(CHECKS, look)).keys()) == (name not in silent)


def test_the_gradient_of_one_picture_may_vanish():
    vanishing = {"generator/gradient_norm": lambda step: 3.0 if step < 120 else 1e-5}
    assert faults(steps_of(**vanishing)).keys() == {"drifting_gradient"}
    assert faults(steps_of(**vanishing), searching=False) == {}


def test_the_loss_of_one_picture_starts_anew_at_each_size():
    """Seen with inversion, whose image has three sizes."""
    enlarged = {"generator/total": lambda step: 0.1 if 150 <= step < 156 else 0.004}
    assert "spikes" in faults(steps_of(**enlarged))
    assert faults(steps_of(**enlarged), searching=False) == {}


def test_a_new_phase_is_judged_by_itself():
    """Identity finetuning has another total: that is no spike."""
    finetuning = [{"generator/reconstruction": 9.0, "generator/total": 90.0}] * 150
    assert faults(steps_of(150) + finetuning) == {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("alarms")
    write_small_recipe(folder)
    return folder


@pytest.fixture(scope="module")
def session(folder):
    return open_session(read_recipe(str(folder / "small.yaml")), 0, Run(folder / "opened"))


def test_variables_that_are_no_numbers_are_found_wherever_they_are(session):
    method = session.method
    assert numberless(method) == []
    places = {
        "networks/generator": method.networks["generator"].weights[0],
        "ema/generator": method.copies["ema/generator"].weights[0],
        "discriminator_optimizer": method.players[1].optimizer.variables[3],
    }
    for name, variable in places.items():
        kept = variable.numpy()
        broken = kept.copy()
        broken.flat[0] = np.inf
        variable.assign(broken)
        assert numberless(method) == [name]
        variable.assign(kept)


def test_an_ema_far_from_its_network_is_named(session):
    method = session.method
    assert ema_apart(method) == ""
    kept = [one.numpy() for one in method.copies["ema/generator"].weights]
    for one in method.copies["ema/generator"].weights:
        one.assign(one * 2)
    assert "the EMA of generator is 100% of its weights away" in ema_apart(method)
    for one, value in zip(method.copies["ema/generator"].weights, kept, strict=True):
        one.assign(value)


class Quiet:
    def alert(self, title, text):
        pass


def test_a_cycle_through_a_hidden_code_is_named(session, monkeypatch):
    """The fake is one picture for all photographs, with the photograph in its faintest levels."""
    watch = Watch(session, Quiet())

    def fake_of(source):
        return (FAKE[0] * 0.5 + 60 + source / 64).astype(np.uint8)

    def way_back(picture, request):
        return np.clip((picture - (FAKE[0] * 0.5 + 60).astype(np.uint8)) * 64.0, 0, 255).astype(np.uint8)

    fakes = np.stack([fake_of(source) for source in SOURCE])
    look = Look(5_000, 0.9, SOURCE, fakes, TARGET)
    assert dict(watch.hidden_code(look)) == {}, "without a way back there is no code"
    monkeypatch.setattr(session.method, "inverse_request", lambda: "back")
    monkeypatch.setattr(watch, "translated", way_back)
    assert dict(watch.hidden_code(look)).keys() == {"hidden_code"}
    monkeypatch.setattr(watch, "translated", lambda picture, request: picture)
    honest = Look(5_000, 0.9, SOURCE, FAKE, TARGET)
    assert dict(watch.hidden_code(honest)) == {}


def test_crops_are_taken_where_there_is_something_to_see():
    empty = np.full((2, SIDE, SIDE, 3), 200, np.uint8)
    empty[:, -32:, -32:] = SOURCE[:2, :32, :32]
    crops = fullest_crops(Validation(empty, empty, True), 32)
    np.testing.assert_array_equal(crops.source, SOURCE[:2, :32, :32])


def weights(run: Run) -> str:
    return json.loads((run.folder / "summary.json").read_text())["weights_sha256"]


# What the alarms do not look at takes long to trace.
PLAIN = tuple(f"method.weights.{term}=0" for term in ("r1", "style", "structure", "total_variation"))


def collapsing(monkeypatch, after: int) -> None:
    """After so many updates, which come after two of warm-up, the generator paints black and white alone."""
    translate = Gan.translate

    def translated(self, images, request):
        fake = translate(self, images, request)
        collapsed = int(self.generator_player.optimizer.iterations) > after
        return keras.ops.sign(fake - 1e-3) if collapsed else fake

    monkeypatch.setattr(Gan, "translate", translated)


def test_a_collapse_is_told_everywhere_once_and_the_run_goes_on(folder, monkeypatch, capsys):
    monkeypatch.setattr(watching, "EARLY", 1)
    alerts = []
    monkeypatch.setattr(WandbRun, "alert", lambda self, title, text: alerts.append(title))
    collapsing(monkeypatch, 0)
    run = Run(folder / "collapsed")
    assert loop.train(read_recipe(str(folder / "small.yaml"), None, PLAIN), 0, run) == 0
    told = json.loads((run.folder / "summary.json").read_text())["alarms"]
    assert [(one["name"], one["step"]) for one in told] == [
        ("saturated", 4)
    ]  # 2 steps of warm-up, then twice
    assert told[0]["advice"] == ADVICE["saturated"]
    assert alerts == ["saturated"]
    assert capsys.readouterr().err.count("saturated") == 1
    # Looking, and what was painted, changed nothing that was learned.
    monkeypatch.setattr(watching, "EARLY", 10_000)
    alone = Run(folder / "alone")
    loop.train(read_recipe(str(folder / "small.yaml"), None, PLAIN), 0, alone)
    assert weights(run) == weights(alone)
    captioned, plain = (Image.open(one.samples / "step-00000008.png").size[1] for one in (run, alone))
    assert captioned == plain + CAPTION + 8


def test_stop_on_ends_the_run_and_keeps_the_last_good_checkpoint(folder, monkeypatch):
    monkeypatch.setattr(watching, "EARLY", 1)
    run = Run(folder / "stopped")
    collapsing(monkeypatch, 2)  # sound at step 4, collapsed at 5 and 6
    with pytest.raises(
        RunError, match=r"step 6: saturated: .*train.stop_on ends the run, and the last good .*step-00000004;"
    ):
        loop.train(
            read_recipe(str(folder / "small.yaml"), None, (*PLAIN, "train.stop_on=[collapsed]")), 0, run
        )
    kept = sorted(path.name for path in run.checkpoints.iterdir())
    assert kept == ["best", "step-00000002", "step-00000004"]
    assert json.loads((run.folder / "summary.json").read_text())["status"] == "failed"


def test_numbers_that_are_none_are_never_saved(folder):
    run = Run(folder / "numberless")
    recipe = read_recipe(str(folder / "small.yaml"))
    opened = open_session(recipe, 0, run)
    watch, state = Watch(opened, Quiet()), State(step=2)
    variable = opened.method.networks["generator"].weights[0]
    variable.assign(variable * np.nan)
    with pytest.raises(RunError, match=r"step 2: networks/generator.*: variables that are no numbers"):
        watch.allows_checkpoint(state)


def test_what_ends_a_run_gives_it_no_other_name_and_may_be_changed_on_the_way(folder):
    def recipe(*overrides):
        return read_recipe(str(folder / "small.yaml"), None, overrides)

    assert recipe().folder_name() == recipe("train.stop_on=[border]").folder_name() == "default"
    hashes = {learned_hash(one.config) for one in (recipe(), recipe("train.stop_on=[border]"))}
    assert len(hashes) == 1, "what a resumed run compares"


def test_collapsed_stands_for_pictures_from_which_nothing_is_learned():
    assert stopping(("collapsed", "border")) == {"saturated", "constant", "border"}
    assert stopping(()) == frozenset()
