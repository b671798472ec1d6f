"""Methods that optimise one picture: goals, both optimisers, exact resume, any picture in, clear errors."""

import json
import re
import signal
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_style.config.load import load
from gan_style.data.manifest import PictureStore
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.inference import painting, sampling
from gan_style.losses import perceptual
from gan_style.methods import Request
from gan_style.optim.memory import peak_memory
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.training import loop as training
from tests.methods.optimised import GATYS, RECIPE, goal_of, method_of, run_all, written
from tests.methods.small_methods import SMALL_BANK

__all__ = ["written"]


def test_one_picture_is_sampled_as_it_was_worked_on(written):
    assert load(written(), Experiment, ("data.size=96",)).config.sample.size == 96
    assert load(written(), Experiment, ("data.size=96", "sample.size=48")).config.sample.size == 48
    with pytest.raises(UserError, match=r"sample\.reflect_pad: padding is for networks"):
        load(written(), Experiment, ("sample.reflect_pad=8",))


@pytest.mark.parametrize("optimizer", ["{kind: lbfgs}", "{kind: adam, learning_rate: 0.02}"])
def test_both_optimisers_lower_the_loss(written, optimizer):
    method = method_of(written(keys=f"{GATYS}, initial_image: noise, optimizer: {optimizer}", steps=20))
    totals = run_all(method, 20)
    assert totals[-1] < 0.5 * totals[0]
    if "lbfgs" in optimizer:
        assert all(after <= before for before, after in pairwise(totals))


def test_every_weight_is_a_term(written):
    method = method_of(written())
    method.aim()
    terms = method.step_at(0)(None)["image"]
    assert terms.keys() - {"total", "gradient_norm", "step_length"} == {
        name for name, weight in method.weights.items() if weight
    }
    assert float(terms["step_length"]) > 0
    expected = sum(method.weights[name] * float(terms[name]) for name in method.weights)
    np.testing.assert_allclose(float(terms["total"]), expected, rtol=1e-5)


@pytest.mark.parametrize("kind", ["gatys", "inversion"])
def test_gradients_of_the_whole_goal_match_finite_differences(written, kind, rng):
    keys = GATYS if kind == "gatys" else "layer: level1, weights: {total_variation: 0.1, alpha_norm: 0.1}"
    method = method_of(written(kind, keys))
    method.aim()
    goal, weights = goal_of(method, -1), method.weights
    place = method.subject.content[None] + rng.normal(0, 0.1, (1, *method.subject.content.shape)).astype(
        np.float32
    )

    def total(canvas):
        return sum(weights[name] * term for name, term in goal.terms(canvas).items())

    with tf.GradientTape() as tape:
        canvas = tf.constant(place)
        tape.watch(canvas)
        value = total(canvas)
    slope = tape.gradient(value, canvas).numpy()
    along, step = slope / np.abs(slope).max(), 2e-3
    ahead, behind = (float(total(tf.constant(place + sign * step * along))) for sign in (1, -1))
    np.testing.assert_allclose((ahead - behind) / (2 * step), (slope * along).sum(), rtol=0.03)


@pytest.mark.usefixtures("untraced")
def test_balanced_layers_pull_alike_and_the_summary_says_how_much_they_count(written, tmp_path):
    path = written(keys=f"{GATYS}, scales: 1", steps=1)
    method = method_of(path)
    method.aim()
    goal, pulls = goal_of(method, -1), []
    assert sum(goal.targets.layer_weights.values()) == pytest.approx(1)
    for layer, weight in goal.targets.layer_weights.items():
        with tf.GradientTape() as tape:
            canvas = tf.constant(method.subject.content[None])
            tape.watch(canvas)
            value = weight * goal.targets.distance(layer, method.frozen(canvas)[layer])
        pulls.append(float(tf.norm(tape.gradient(value, canvas))))
    np.testing.assert_allclose(pulls, pulls[0], rtol=1e-3)
    assert training.train(read_recipe(str(path)), 0, Run(tmp_path / "run")) == 0
    assert Run(tmp_path / "run").summary()["layer_weights"] == {
        "64x53": pytest.approx(goal.targets.layer_weights)
    }
    unbalanced = method_of(path, "method.balance_layers=false")
    unbalanced.aim()
    assert goal_of(unbalanced, -1).targets.layer_weights == {"level0": 0.5, "level1": 0.5}


def test_a_blend_wants_the_mean_gram(written):
    method = method_of(written(keys=f"{GATYS}, blend: {{a: 3, b: 1}}"))
    method.aim()
    grams = {
        name: perceptual.gram(
            method.frozen(tf.image.resize(style[None], (53, 64), "bicubic", antialias=True))["level0"],
            "relative",
        )
        for name, style in method.subject.styles.items()
    }
    expected = 0.75 * grams["a"] + 0.25 * grams["b"]
    np.testing.assert_allclose(
        goal_of(method, -1).targets.wanted["level0"][0], expected, rtol=1e-3, atol=1e-7
    )


def test_each_region_goes_to_its_own_style(written, tmp_path):
    """With a mask for each half, each half ends nearer to its own style than to the other."""
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::2] = 255
    Image.fromarray(stripes).save(tmp_path / "lying.png")
    Image.fromarray(stripes.transpose(1, 0, 2)).save(tmp_path / "standing.png")
    places = {"a": tmp_path / "lying.png", "b": tmp_path / "standing.png"}
    method = method_of(written(keys="weights: {style: 1}, initial_image: noise", steps=40, **places))
    left = np.zeros((53, 64), np.float32)
    left[:, :32] = 1
    painted = method.translate(
        tf.constant(method.subject.content[None]), Request(masks={"a": left, "b": 1 - left})
    )

    def texture(picture):
        return method.frozen(tf.convert_to_tensor(picture[None]))

    styles = {name: texture(style[:53, :32]) for name, style in method.subject.styles.items()}
    for half, own, other in ((painted[0, :, :32], "a", "b"), (painted[0, :, 32:], "b", "a")):
        near, far = (
            float(perceptual.style(texture(np.asarray(half)), styles[name], "relative"))
            for name in (own, other)
        )
        assert near < far


def test_a_style_mask_leaves_the_rest_of_the_style_picture_out(written, tmp_path, rng):
    """A style picture that is half grey, masked to the other half, is that half."""
    rough = np.kron(rng.integers(0, 256, (20, 16, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    Image.fromarray(np.concatenate([rough, np.full_like(rough, 128)], axis=1)).save(tmp_path / "half.png")
    Image.fromarray(
        np.concatenate([np.full((80, 64), 255), np.zeros((80, 64))], axis=1).astype(np.uint8)
    ).save(tmp_path / "mask.png")
    data = f", style_masks: {{a: {tmp_path / 'mask.png'}}}"
    wanted = []
    for more in ({"data": data}, {}):
        method = method_of(written(keys="blend: {a: 1}", a=tmp_path / "half.png", **more))
        method.aim()
        wanted.append(np.asarray(goal_of(method, -1).targets.wanted["level0"][0]))
    assert np.trace(wanted[0][0]) > 1.7 * np.trace(wanted[1][0])


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize(
    ("method", "optimizer", "stops"), [("gatys", "lbfgs", (3, 6)), ("inversion", "adam", (6,))]
)
def test_interrupted_and_resumed_gives_the_same_picture(
    written, tmp_path, monkeypatch, method, optimizer, stops
):
    keys = f"{GATYS}, " if method == "gatys" else "layer: level0, "
    small = read_recipe(
        str(written(method, f"{keys}optimizer: {{kind: {optimizer}}}, scales: 2, initial_image: noise")),
        None,
        ("data.size=72",),
    )
    hashes = []
    for name, here in (("straight", ()), ("stopped", stops)):
        run, tell = Run(tmp_path / "runs" / name), training.tell
        for stop in here:

            def stop_there(session, state, *rest, tell=tell, stop=stop):
                tell(session, state, *rest)
                if state.step == stop:
                    signal.raise_signal(signal.SIGTERM)

            monkeypatch.setattr(training, "tell", stop_there)
            assert training.train(small, 0, run) == 143
            monkeypatch.setattr(training, "tell", tell)
        assert training.train(small, 0, run) == 0
        hashes.append(run.summary()["weights_sha256"])
    assert hashes[0] == hashes[1]
    logged = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert {line["step"] for line in logged} >= set(range(1, 9))


@pytest.fixture
def trained(written, tmp_path):
    run = Run(tmp_path / "runs" / "run")
    path = written(
        keys=f"{GATYS}, balance_layers: false, optimizer: {{kind: adam, learning_rate: 0.1}}", steps=3
    )
    assert training.train(read_recipe(str(path), None, ("data.size=96",)), 0, run) == 0
    return run


@pytest.mark.usefixtures("untraced")
def test_the_runs_own_picture_is_its_canvas_and_others_are_worked_on_anew(trained, tmp_path, pictures):
    assert sampling.sample(trained, [], tmp_path / "own", None, [Request(seed=0)]) == 0
    own = images.read(tmp_path / "own" / "00.png").pixels
    assert own.shape == (80, 96, 3)
    sheet = images.read(trained.samples / "step-00000003.png").pixels
    np.testing.assert_array_equal(sheet[-80:], own)
    photo = pictures("others", count=1, size=(50, 70)) / "00.png"
    for name in "xy":
        assert sampling.sample(trained, [photo], tmp_path / name, None, [Request(seed=1)]) == 0
    first, second = (images.read(tmp_path / name / "00.png").pixels for name in "xy")
    np.testing.assert_array_equal(first, second)
    assert np.abs(first.astype(int) - images.read(photo).pixels).max() > 10


@pytest.mark.usefixtures("untraced")
def test_other_styles_and_style_images_give_other_pictures(written, rng):
    method = method_of(written(steps=3))
    content = tf.constant(method.subject.content[None])
    image = rng.uniform(-1, 1, (40, 70, 3)).astype(np.float32)
    asked = [
        Request(),
        Request(styles={"a": 1}),
        Request(styles={"b": 1}),
        Request(style_images=((image, 1.0),)),
    ]
    painted = [np.asarray(method.translate(content, request)) for request in asked]
    assert len({one.tobytes() for one in painted}) == len(asked)
    np.testing.assert_array_equal(
        painted[0], np.asarray(method.translate(content, Request(styles={"a": 1, "b": 1})))
    )


@pytest.mark.parametrize(("kept", "told"), [("luminance", True), ("none", False)])
def test_it_is_told_where_a_shown_picture_gives_no_colours(kept, told, written, rng, capsys):
    method = method_of(written(keys=f"{GATYS}, preserve_colour: {kept}", steps=1))
    image = rng.uniform(-1, 1, (40, 70, 3)).astype(np.float32)
    capsys.readouterr()
    method.translate(tf.constant(method.subject.content[None]), Request(style_images=((image, 1.0),)))
    assert ("--ablation colours" in capsys.readouterr().out) == told


def test_the_picture_grows_from_coarse_to_fine(written):
    method = method_of(written(keys=f"{GATYS}, scales: 3", steps=6), "data.size=96")
    assert [level.size for level in method.pyramid.levels] == [(40, 48), (80, 96)]
    method.aim()
    for number in range(3):
        method.step_at(number)(None)
    coarse = method.pyramid.levels[0].layer.pixels.numpy()
    before = method.result()
    assert before.shape == (80, 96, 3)
    grown = np.clip(tf.image.resize(coarse, (80, 96), "bicubic", antialias=True)[0], -1, 1)
    np.testing.assert_allclose(before, grown, atol=1e-5)
    method.step_at(3)(None)
    assert (
        0 < np.abs(method.result() - grown).mean() < np.abs(method.result() - method.subject.content).mean()
    )


def test_a_coarse_size_may_lack_a_layer_that_the_full_one_has(written):
    bank = "{kind: random_pyramid, levels: 3, kernels: [11], filters: 2}"
    keys = "content_layers: [level1, level2], weights: {content: 1}, balance_layers: false, scales: 2"
    method = method_of(written(keys=keys, bank=bank), "data.size=96")
    method.aim()
    assert [list(step.args[1].targets.content_maps) for step in method.steps] == [
        ["level1"],
        ["level1", "level2"],
    ]


def test_initial_images(written, pictures):
    other = pictures("others", count=1) / "00.png"
    starts = {
        start: method_of(written(keys=f"{GATYS}, initial_image: {start}"))
        for start in ("content", "noise", str(other))
    }
    first = {start: method.pyramid.levels[0].start.numpy()[0] for start, method in starts.items()}
    np.testing.assert_array_equal(first["content"], starts["content"].subject.content)
    assert 0.2 < first["noise"].std() < 0.3
    np.testing.assert_array_equal(
        first[str(other)], images.to_signed(images.resize(images.read(other).pixels, 53, 64))
    )


def test_dabs_take_the_photographs_place(written, pictures):
    options = f"{GATYS}, dabs: {{}}, preserve_colour: luminance"
    method = method_of(written(keys=options))
    content, drawn = method.subject.content, method.drawn.content
    assert 0.01 < np.abs(drawn - content).mean() < 0.3
    method.aim()
    np.testing.assert_array_equal(np.asarray(method.pyramid.levels[-1].start)[0], drawn)
    np.testing.assert_allclose(np.asarray(goal_of(method).targets.content), perceptual.grey(drawn[None]))
    chroma = [picture - picture.mean(-1, keepdims=True) for picture in (method.result(), drawn)]
    np.testing.assert_allclose(*chroma, atol=0.05)
    again = method_of(written(keys=options))
    np.testing.assert_array_equal(again.drawn.content, drawn)


def test_only_brightness_is_painted_where_a_recipe_says_so(written, pictures):
    method = method_of(written(keys=f"{GATYS}, preserve_colour: luminance"))
    run_all(method, 8)
    content, painted = method.subject.content, method.result()
    inside = (np.abs(painted) < 0.99).all(-1)
    assert inside.mean() > 0.8
    brightness, colours = np.split((painted - content) @ np.array(perceptual.RGB_TO_YUV), [1], axis=-1)
    assert np.abs(brightness[inside]).mean() > 1e-3
    np.testing.assert_allclose(colours[inside], 0, atol=1e-3)
    # A style's colours say nothing, only its brightness does.
    goal, name = goal_of(method).targets, next(iter(method.subject.styles))
    grey = np.asarray(perceptual.grey(method.subject.styles[name]))
    pixels = dict.fromkeys(goal.wanted, 64)
    subject = replace(method.subject, styles={name: grey})
    for layer, gram in goal.grams(name, method.subject, (53, 64), pixels).items():
        np.testing.assert_allclose(
            gram, goal.grams(name, subject, (53, 64), pixels)[layer], rtol=1e-3, atol=1e-9
        )


def test_a_small_finished_picture_is_not_worked_on_again(written):
    """Padded to a network's smallest size it would be another one."""
    method = method_of(written())
    method.anew = None  # would raise
    picture = images.Picture(images.to_bytes(method.subject.content))
    assert min(picture.pixels.shape[:2]) < painting.SMALLEST_SIDE
    painted = painting.paint(method, picture, 64, Request())
    np.testing.assert_array_equal(painted.pixels, images.to_bytes(method.result()))


def test_memory_is_what_lives_at_the_same_time():
    def chain(_):
        return tf.reduce_sum(tf.exp(tf.exp(tf.exp(tf.random.stateless_uniform((1000, 250), (0, 1))))))

    def kept(_):
        first = tf.exp(tf.random.stateless_uniform((1000, 250), (0, 1)))
        second = tf.exp(first)
        third = tf.exp(second)
        return tf.reduce_sum(first) + tf.reduce_sum(second) + tf.reduce_sum(third)

    def in_place(_):
        return tf.reduce_sum(tf.nn.relu(tf.nn.relu(tf.random.stateless_uniform((1000, 250), (0, 1)))))

    # In megabytes, of a million bytes each.
    found = [round(peak_memory(step) / 1e6, 2) for step in (chain, kept, in_place)]
    assert found == [2.0, 3.0, 1.0]


def test_memory_is_announced_before_the_first_step(written, capsys):
    method_of(written()).prepare()
    told = re.search(r"memory: about ([\d.]+) GB at 64x53 pixels, ([\d.]+) GB of it", capsys.readouterr().out)
    assert float(told[1]) >= float(told[2]) > 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"a": "nowhere.png"}, "data.styles.a: nowhere.png: there is no such file"),
        ({"content": "nowhere.png"}, "data.content: nowhere.png: there is no such file"),
        ({"a": "BROKEN"}, r"data.styles.a: .*broken.png: not a picture"),
        ({"a": "paintbox"}, "styles.a: the paintbox has no painter of this name"),
        (
            {"data": ", style_masks: {a: SMALL}"},
            r"data.style_masks.a: .*small.png has 9x7 pixels, the style picture 96x80",
        ),
        ({"data": ", style_masks: {c: SMALL}"}, "style_masks.c: there is no style of this name"),
        ({"keys": "style_layers: [relu9_1]"}, "no layer 'relu9_1' at this size; they have: level0, level1"),
        ({"keys": "initial_image: nowhere.png"}, "method.initial_image: nowhere.png: there is no such file"),
        ({"keys": "blend: {c: 1}"}, "method.blend: there is no style 'c' in this run; it has: a, b"),
        (
            {"keys": "weights: {content: 1}"},
            "content_layers: they and a weight for `content` belong together",
        ),
        (
            {"method": "inversion", "keys": "layer: relu9_1"},
            "method.layer: the features have no layer 'relu9_1'",
        ),
        (
            {"bank": "{kind: application, network: VGG19, layers: [block9], weights: x.npz}"},
            "VGG19 has no layer 'block9'",
        ),
    ],
)
def test_mistakes_are_one_clear_message(written, tmp_path, changes, message):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    Image.fromarray(np.full((7, 9), 255, np.uint8)).save(tmp_path / "small.png")
    places = {"BROKEN": str(tmp_path / "broken.png"), "SMALL": str(tmp_path / "small.png")}
    changes = {
        key: re.sub("BROKEN|SMALL", lambda found: places[found[0]], value) for key, value in changes.items()
    }
    with pytest.raises(UserError, match=message):
        method_of(written(**changes)).prepare()


def test_gatys_without_a_style_and_other_methods_with_one_picture_are_refused(written, tmp_path):
    path = written()
    path.write_text(re.sub(r", styles: \{.*?\}", "", path.read_text()))
    with pytest.raises(UserError, match="'gatys' needs a picture in the style"):
        method_of(path)
    with pytest.raises(UserError, match="'gatys' works on one picture, of data kind 'fixed'"):
        method_of(written(), "data={kind: paintbox, painter: oil, crop: 32}")


def test_requests_that_make_no_sense_are_refused(written):
    method = method_of(written())
    content = tf.constant(method.subject.content[None])
    image, mask = np.zeros((40, 40, 3), np.float32), np.ones((53, 64))
    for request, message in (
        (Request(styles={"c": 1}), "there is no style 'c'"),
        (Request(masks={"c": mask}), "masks: there is no style 'c'"),
        (Request(style_images=((image, 1.0),), styles={"a": 1}), "take the place of the run's styles"),
        (Request(style_images=((image, -1.0),)), "weights must not be negative"),
        (
            Request(style_images=((image, 1.0), (image, 2.0)), masks={"1": mask, "2": mask}),
            "weights between them say nothing",
        ),
        (Request(style_images=((image, 1.0), (image, 1.0)), masks={"1": mask}), "style image 2 has no mask"),
        (Request(strength=0.5), "does not understand 'strength'"),
    ):
        with pytest.raises(UserError, match=message):
            method.translate(content, request)


def test_embedded_pictures_need_no_files(cache, tmp_path):
    data = load_data(
        "{kind: fixed, content: coffee, size: 96, styles: {oil: paintbox, sketch: paintbox}}", tmp_path
    )
    subject = data.subject(PictureStore(cache))
    assert subject.content.shape == (64, 96, 3)
    assert {name: style.shape[:2] for name, style in subject.styles.items()} == {
        "oil": (96, 96),
        "sketch": (96, 96),
    }
    streams = [data.train(0, PictureStore(cache)) for _ in range(2)]
    assert streams[0].fingerprint() == streams[1].fingerprint()


def load_data(text, tmp_path):
    path = tmp_path / "data.yaml"
    path.write_text(
        RECIPE.format(
            content="coffee",
            styles="",
            method="gatys",
            keys="balance_layers: false",
            steps=1,
            bank=SMALL_BANK,
        )
    )
    return load(path, Experiment, (f"data={text}",)).config.data
