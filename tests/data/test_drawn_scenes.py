"""Drawn scenes that nothing is trained on, what a training is watched by, and what AdaIN is shown."""

import zlib

import numpy as np
import pytest

from gan_style.data.held_out import HeldOut, Pictures, validation_of
from gan_style.data.kinds.fixed import PAINTED, Fixed
from gan_style.data.kinds.fixed import painted as style_picture
from gan_style.data.kinds.folders import Folders
from gan_style.data.kinds.gallery import Gallery
from gan_style.data.kinds.paintbox import Paintbox
from gan_style.data.kinds.published import Domains
from gan_style.data.manifest import PictureStore
from gan_style.data.paintbox import prepare as preparing
from gan_style.data.paintbox.painters import PAINTERS
from gan_style.data.paintbox.photographs import of_split
from gan_style.data.paintbox.prepare import (
    HELD_OUT_SCENES,
    PaintboxSettings,
    held_out_scenes,
    make_picture,
    training_pictures,
)
from gan_style.data.paintbox.scenes import draw_scene
from gan_style.evaluation.painted import painted
from gan_style.experiment.recipe import Sample
from gan_style.methods import Request
from gan_style.system import images
from gan_style.training.validation import paint_all


@pytest.fixture(autouse=True)
def as_many_as_ever(monkeypatch):
    """Other tests draw fewer."""
    monkeypatch.setattr(preparing, "HELD_OUT_SCENES", HELD_OUT_SCENES)


@pytest.fixture
def noise(monkeypatch):
    """Prepared at once: whatever a job would draw and paint is noise of its own."""

    def make(settings, folder, jobs, what):
        for job in jobs:
            shown = job.picture if isinstance(job.picture, int) else zlib.crc32(job.picture.tobytes())
            painted = (
                [] if job.paint_seed is None else [job.paint_seed, zlib.crc32(settings.painter.encode())]
            )
            pixels = np.random.default_rng([shown, *painted]).integers(0, 256, (40, 40, 3), np.uint8)
            images.write(folder / job.file, images.Picture(pixels))

    monkeypatch.setattr(preparing, "_make", make)
    monkeypatch.setattr(preparing, "cut", lambda photo, side, rng: rng.integers(0, 256, (4, 4, 3), np.uint8))


@pytest.fixture
def store(tmp_path) -> PictureStore:
    return PictureStore(tmp_path / "cache")


def paintbox(**changes) -> Paintbox:
    return Paintbox(
        **{"kind": "paintbox", "painter": "oil", "scenes": 40, "photo_crops": 1, "crop": 32} | changes
    )


def gallery(**changes) -> Gallery:
    styles = {"oil": "paintbox", "sketch": "paintbox"}
    return Gallery(
        **{"kind": "gallery", "styles": styles, "scenes": 40, "photo_crops": 1, "crop": 32} | changes
    )


def fixed(**changes) -> Fixed:
    return Fixed(
        **{"kind": "fixed", "content": "chelsea", "size": 64, "styles": {"sketch": "paintbox"}} | changes
    )


def contents(pictures: Pictures) -> set[bytes]:
    return {pixels.tobytes() for pixels in pictures.pixels}


def test_held_out_scenes_are_no_training_scenes_of_any_size_or_seed():
    held_out = {part: {job.picture for job in held_out_scenes(part)} for part in ("val", "test")}
    assert [len(held_out["val"]), len(held_out["test"])] == [8, 32]
    assert held_out["val"].isdisjoint(held_out["test"])
    rng = np.random.default_rng(0)
    for seed in (0, 1):
        settings = PaintboxSettings("oil", scenes=9999, cuts=0, seed=seed)
        for side in ("source", "target"):
            trained = {picture for _, picture, _ in training_pictures(settings, side, rng)}
            assert trained.isdisjoint(held_out["val"] | held_out["test"])
    drawn = {draw_scene(seed, 32).tobytes() for seed in held_out["val"] | held_out["test"] | set(range(40))}
    assert len(drawn) == 80


def test_every_scene_has_two_paintings_of_its_own(tmp_path):
    settings = PaintboxSettings("sketch", side=48)
    jobs = [job for job in held_out_scenes("test") if job.name.endswith("/scene005")]
    for job in jobs:
        make_picture(settings, tmp_path, job)
    source, target, second = (
        images.read(tmp_path / role / "scene005.png").pixels for role in ("source", "target", "second")
    )
    np.testing.assert_array_equal(source, draw_scene(jobs[0].picture, 48))
    np.testing.assert_array_equal(target, PAINTERS["sketch"](source, jobs[1].paint_seed))
    assert not np.array_equal(target, second)
    seeds = [job.paint_seed for part in ("val", "test") for job in held_out_scenes(part) if job.paint_seed]
    assert len(set(seeds)) == len(seeds) == 80


@pytest.mark.usefixtures("noise")
@pytest.mark.parametrize("config", [paintbox(), paintbox(pairing="paired"), gallery(), fixed()])
def test_the_embedded_kinds_have_drawn_scenes_beside_the_photographs(config, store):
    for part, least in (("val", 8), ("test", 24)):
        scenes, photographs = config.drawn(part, store), config.held_out(part, store)
        assert [one.style for one in scenes] == [one.style for one in photographs]
        for one in scenes:
            assert one.paired
            assert one.source.names == one.target.names == one.second.names
            assert len(set(one.source.originals)) == len(one.source) >= least
            assert contents(one.source).isdisjoint(contents(photographs[0].source))
            assert not contents(one.target) & contents(one.second)
            assert one.returned().target is one.source
    trained = preparing.prepare(PaintboxSettings("oil", 40, 1), store.cache) / "train" / "source"
    seen = {images.read(file).pixels.tobytes() for file in trained.iterdir()}
    assert seen.isdisjoint(contents(config.drawn("test", store)[0].source))


@pytest.mark.usefixtures("noise")
def test_a_training_prepares_no_test_scenes_and_its_folder_is_the_one_of_before(store):
    config = paintbox(scenes=96, photo_crops=8)
    config.train(0, store)
    folders = [path.name for path in (store.cache / "paintbox").iterdir() if path.is_dir()]
    assert folders == ["oil-5c3e137853cd"]
    config.validation(store)
    new = {path.name for path in (store.cache / "paintbox").iterdir() if path.is_dir()} - set(folders)
    assert [name.rsplit("-", 1)[0] for name in new] == ["oil-val-scenes"]


def test_only_what_is_all_embedded_has_drawn_scenes(pictures, store):
    own = str(pictures("own", 12))
    assert gallery(styles={"oil": "paintbox", "mine": own}).drawn("test", store) == []
    assert Folders(kind="folders", source=own, target=own, crop=32).drawn("test", store) == []


@pytest.mark.usefixtures("noise")
@pytest.mark.parametrize("config", [paintbox(), gallery()])
def test_a_training_is_watched_by_several_originals(config, store):
    seen = config.validation(store)
    assert seen.source.shape == (8, 40, 40, 3)
    assert seen.target.shape == (8, 40, 40, 3)
    (rocket, *_), (scenes, *_) = config.held_out("val", store), config.drawn("val", store)
    source = [square.tobytes() for square in seen.source]
    assert len(set(source)) == 8
    assert len(contents(rocket.source) & set(source)) == 2
    assert len(contents(scenes.source) & set(source)) == 6
    styles = seen.styles or ("oil",) * 8
    assert set(styles) == set(config.style_names() or ("oil",))
    counterparts = {
        (one.style, photograph.tobytes()): painting.tobytes()
        for one in (*config.held_out("val", store), *config.drawn("val", store))
        for photograph, painting in zip(one.source.pixels, one.target.pixels, strict=True)
    }
    found = [counterparts[pair] for pair in zip(styles, source, strict=True)]
    assert found == [square.tobytes() for square in seen.target]


def numbered(originals, first=0) -> Pictures:
    """Flat pictures whose level is their number."""
    pixels = [np.full((8, 8, 3), first + number, np.uint8) for number in range(len(originals))]
    return Pictures(tuple(map(str, range(len(originals)))), pixels, tuple(originals))


def test_squares_are_of_as_many_originals_as_there_are():
    assert numbered("aaaabbbbcc").spread(3) == [0, 4, 8]
    assert numbered("aaaabbbbcc").spread(5) == [0, 1, 4, 5, 8]
    assert numbered("aab").spread(8) == [0, 1, 2]
    assert numbered("abcdefghijklmnopqrs").spread(4) == [0, 6, 12, 18]
    paired = HeldOut("", numbered("aabbcc"), numbered("aabbcc", 100), Pictures(), paired=True)
    seen = validation_of([paired])
    assert (seen.target == seen.source + 100).all()


def test_examples_are_training_targets_and_none_that_is_held_out(pictures, tmp_path, store):
    photos, paintings = str(pictures("photos", 20)), str(pictures("paintings", 60))
    folders = Folders(kind="folders", source=photos, target=paintings, crop=32)
    (tmp_path / "set").mkdir()
    for name, count in (("trainA", 12), ("trainB", 45), ("testA", 3), ("testB", 4)):
        pictures(f"set/{name}", count)
    domains = Domains(kind="domains", folder=str(tmp_path / "set"), direction="AtoB", crop=32)
    for config in (folders, domains):
        (one,) = config.held_out("test", store)
        trained = config.sides("train", store)[1]
        trained = {trained.array(index).tobytes() for index in range(len(trained))}
        assert len(contents(one.examples)) == 32
        assert contents(one.examples) < trained
        seen = config.validation(store)
        assert len(seen.examples) == len(seen.source)
        assert {square.tobytes() for square in seen.examples}.isdisjoint(
            square.tobytes() for square in seen.target
        )
    mixed = gallery(styles={"a": paintings, "b": photos}, source=photos)
    for style, trained in zip(
        mixed.held_out("test", store), mixed.manifests("train", store)[1:], strict=True
    ):
        assert contents(style.examples) <= {trained.array(index).tobytes() for index in range(len(trained))}


@pytest.mark.usefixtures("noise")
def test_examples_of_the_paintbox_are_training_paintings_of_the_style(store):
    for config in (paintbox(), paintbox(pairing="paired"), gallery()):
        for one in (*config.held_out("test", store), *config.drawn("test", store)):
            settings = config.settings(one.style) if isinstance(config, Gallery) else config.settings()
            folder = preparing.prepare(settings, store.cache) / "train" / "target"
            trained = {images.read(file).pixels.tobytes() for file in folder.iterdir()}
            assert len(contents(one.examples)) == 32
            assert contents(one.examples) <= trained
    seen = gallery().validation(store)
    by_style = {one.style: contents(one.examples) for one in gallery().held_out("val", store)}
    assert [
        square.tobytes() in by_style[style] for square, style in zip(seen.examples, seen.styles, strict=True)
    ]
    assert len({square.tobytes() for square in seen.examples}) == 8


@pytest.mark.usefixtures("noise")
def test_the_example_of_one_picture_is_its_style_picture(store):
    (one,) = fixed().held_out("test", store)
    np.testing.assert_array_equal(one.examples.pixels[0], style_picture("sketch", 64))
    assert one.examples.originals == (PAINTED.name,)
    assert PAINTED in of_split("train")
    (without,) = fixed(styles={}).held_out("test", store)
    assert len(without.examples) == 32


class Recorder:
    """A method that returns its input and remembers the style images that it was shown."""

    def __init__(self):
        self.shown = []

    def default_request(self, seed, style="", style_image=None):
        self.shown.append((style, style_image))
        return Request()

    def is_finished(self, signed):
        return True

    def translate(self, pictures, request):
        return pictures

    def levels(self):
        return [round((float(image.mean()) + 1) * 127.5) for _, image in self.shown]


def test_style_images_are_examples_in_an_order_that_is_always_the_same():
    source, target, examples = numbered("abcdef"), numbered("ghijkl", 50), numbered("wxyz", 200)
    held_out = HeldOut("oil", source, target, target, paired=True, examples=examples)
    one, again = Recorder(), Recorder()
    painted(one, held_out, Sample())
    painted(again, held_out, Sample())
    assert one.levels() == again.levels()
    assert set(one.levels()) == {200, 201, 202, 203}
    assert one.levels()[:4] != [200, 201, 202, 203]
    assert one.levels()[4:] == one.levels()[:2]


@pytest.mark.usefixtures("noise")
def test_validation_shows_examples_of_each_picture_s_style(store):
    seen = gallery().validation(store)
    method = Recorder()
    np.testing.assert_array_equal(paint_all(method, seen), seen.source)
    assert [style for style, _ in method.shown] == list(seen.styles)
    for (_, image), square in zip(method.shown, seen.examples, strict=True):
        np.testing.assert_array_equal(images.to_bytes(image), square)
