"""The embedded data: deterministic, unpaired, not timid, and made once however many processes ask."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from gan_style.data.paintbox import prepare as preparing
from gan_style.data.paintbox.painters import PAINTERS
from gan_style.data.paintbox.photographs import PHOTOGRAPHS, corners, of_split
from gan_style.data.paintbox.prepare import PaintboxSettings, plan
from gan_style.data.paintbox.scenes import draw_scene
from gan_style.features.applications import Application
from gan_style.features.random_pyramid import RandomPyramid
from gan_style.losses import perceptual
from gan_style.system.images import read, to_signed
from tests.data.paintbox.once import prepare_in_process

# Real weights for development; they are not part of the project.
VGG19 = Path(__file__).parents[4] / "shared" / "weights" / "vgg19_normalised" / "vgg19_normalised_relu3_1.npz"


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return corners(of_split("test")[0].load(), 128)[0]


@pytest.mark.parametrize("painter", PAINTERS)
def test_painters_are_deterministic_and_change_the_picture(painter, photo):
    one, again, other = (PAINTERS[painter](photo, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert one.shape == photo.shape
    assert one.dtype == np.uint8
    assert not np.array_equal(one, other)
    assert np.abs(one.astype(int) - photo).mean() > 3


@pytest.mark.parametrize("painter", PAINTERS)
@pytest.mark.parametrize("shape", [(32, 32), (57, 131), (101, 33)])
def test_painters_take_any_size(painter, shape):
    scene = draw_scene(3, 160)[: shape[0], : shape[1]]
    assert PAINTERS[painter](scene, 1).shape == scene.shape
    for blank in (np.zeros_like(scene), np.full_like(scene, 255)):
        assert PAINTERS[painter](blank, 1).std() < 40


@pytest.mark.parametrize(("painter", "colour"), [("oil", 0.15), ("watercolor", 0.35)])
def test_painters_keep_the_composition_and_are_not_timid(painter, colour, photo):
    painting = PAINTERS[painter](photo, 1)
    source, target = (to_signed(picture)[None] for picture in (photo, painting))
    assert float(perceptual.pooled_colour(source, target)) < colour
    bank = RandomPyramid(seed=5)
    assert float(perceptual.style(bank(source), bank(target), "relative")) > 0.2


def test_watercolors_are_lighter_than_the_photograph_and_leave_paper_white(photo):
    painting = PAINTERS["watercolor"](photo, 1)
    assert painting.mean() > photo.mean() + 10
    assert PAINTERS["watercolor"](np.full_like(photo, 255), 1).mean() > 245


def test_sketches_are_grey_keep_the_tones_and_are_not_timid(photo):
    drawing = PAINTERS["sketch"](photo, 1)
    assert np.ptp(drawing.astype(int), axis=-1).max() <= 12  # a faint tint of paper and lead
    tones = [
        ndimage.zoom(ndimage.gaussian_filter(picture.mean(-1), 6), 1 / 8).ravel()
        for picture in (photo, drawing)
    ]
    assert np.corrcoef(*tones)[0, 1] > 0.8
    bank = RandomPyramid(seed=5)
    source, target = (to_signed(picture)[None] for picture in (photo, drawing))
    assert float(perceptual.style(bank(source), bank(target), "relative")) > 0.2


def test_a_sketch_of_an_even_tone_has_even_borders():
    drawing = PAINTERS["sketch"](np.full((256, 256, 3), 90, np.uint8), 1).mean(-1)
    rims = [drawing[:8].mean(), drawing[-8:].mean(), drawing[:, :8].mean(), drawing[:, -8:].mean()]
    np.testing.assert_allclose(rims, drawing[8:-8, 8:-8].mean(), atol=8)


@pytest.mark.skipif(not VGG19.is_file(), reason=f"there is no {VGG19}")
@pytest.mark.parametrize("painter", ["oil", "watercolor", "sketch"])
def test_paintings_are_far_from_their_photographs_for_vgg19(painter):
    bank = Application(network="VGG19", layers=("block3_conv1",), weights=str(VGG19))
    distances = []
    for photograph in of_split("test"):
        photo = corners(photograph.load(), 256)[0]
        source, target, second = (
            to_signed(picture)[None]
            for picture in (photo, *(PAINTERS[painter](photo, seed) for seed in (1, 2)))
        )
        distances.append(
            [float(perceptual.style(bank(picture), bank(target), "relative")) for picture in (source, second)]
        )
    photo_distance, second_distance = np.mean(distances, axis=0)
    assert photo_distance >= 0.35
    assert second_distance < 0.1 * photo_distance


def test_cartoons_have_few_colours(photo):
    flat = PAINTERS["cartoon"](photo, 1)
    counted = np.unique(flat.reshape(-1, 3) // 8, axis=0, return_counts=True)[1]
    assert np.sort(counted)[-12:].sum() > 0.6 * counted.sum()


def test_scenes_are_deterministic_and_varied():
    scenes = [draw_scene(seed, 64) for seed in range(8)]
    np.testing.assert_array_equal(scenes[3], draw_scene(3, 64))
    assert all(scene.std() > 10 for scene in scenes)
    means = np.array([scene.mean((0, 1)) for scene in scenes])
    assert means.std(0).min() > 15


def test_every_photograph_has_one_role():
    assert len({photograph.name for photograph in PHOTOGRAPHS}) == len(PHOTOGRAPHS)
    assert len(of_split("test")) >= 3


def test_the_plan_is_unpaired_for_training_and_paired_elsewhere():
    jobs = list(plan(PaintboxSettings("oil", scenes=4, cuts=2)))
    scenes = [
        {job.picture for job in jobs if job.name.startswith(f"train/{side}/scene")}
        for side in ("source", "target")
    ]
    assert len(scenes[0]) == len(scenes[1]) == 4
    assert not scenes[0] & scenes[1]
    assert all((job.paint_seed is None) == ("/source/" in job.name) for job in jobs)
    for split, least in (("val", 4), ("test", 12)):
        roles = [f"{split}/{role}/" for role in ("source", "target", "second")]
        names = [{Path(job.name).name for job in jobs if job.name.startswith(role)} for role in roles]
        assert names[0] == names[1] == names[2]
        assert len(names[0]) >= least
    trained = {photograph.name for photograph in of_split("train")}
    assert not any(
        Path(job.name).name.rstrip("0123456789") in trained
        for job in jobs
        if not job.name.startswith("train/")
    )


def test_the_second_painting_differs_from_the_first(small_paintbox):
    for painting in sorted((small_paintbox / "test" / "target").iterdir())[:2]:
        second = small_paintbox / "test" / "second" / painting.name
        assert not np.array_equal(read(painting).pixels, read(second).pixels)


def test_two_processes_prepare_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=prepare_in_process, args=(tmp_path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert (tmp_path / "paintbox" / "made.txt").read_text() == "made\n"


def test_the_key_follows_the_settings_and_the_version(monkeypatch):
    keys = {
        PaintboxSettings("oil").key(),
        PaintboxSettings("oil", scenes=3).key(),
        PaintboxSettings("cartoon").key(),
    }
    monkeypatch.setattr(preparing, "VERSION", preparing.VERSION + 1)
    keys.add(PaintboxSettings("oil").key())
    assert len(keys) == 4
