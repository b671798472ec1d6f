"""Folders with junk in them, and an order that can be entered anywhere."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan_style.data.augment import Augment, random_view
from gan_style.data.batches import Batches, shuffled
from gan_style.data.kinds.folders import Folders
from gan_style.data.manifest import PictureStore, survey
from gan_style.data.splits import split
from gan_style.system.errors import UserError

EVERYTHING = Augment(flip=True, scale=1.3, rotate=10, colour=0.5)


def batches(source: Path, target: Path, cache: Path, pairing="unpaired", **changes) -> Batches:
    manifests = [survey(folder, cache, minimum=32) for folder in (source, target)]
    settings = {
        "crop": 32,
        "batch": 2,
        "augment": EVERYTHING,
        "target_augment": Augment(),
        "seed": 3,
    } | changes
    return Batches(manifests, pairing, **settings)


def test_junk_is_named_and_left_out(pictures, cache, capsys):
    folder = pictures("mixed", 6)
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "notes.txt").write_text("not a picture")
    (folder / "cut.png").write_bytes((folder / "00.png").read_bytes()[:100])
    manifest = survey(folder, cache, minimum=32)
    assert [entry.name for entry in manifest.entries] == [f"{index:02d}.png" for index in range(6)]
    told = capsys.readouterr().err
    for name, reason in (
        ("empty.jpg", "empty"),
        ("notes.txt", "not a picture"),
        ("cut.png", "cannot be decoded"),
    ):
        assert any(name in line and reason in line for line in told.splitlines())


def test_mostly_junk_and_empty_folders_stop(tmp_path, pictures, cache):
    folder = pictures("junk", 1)
    for index in range(3):
        (folder / f"bad{index}.png").write_bytes(b"x")
    with pytest.raises(UserError, match=r"3 of 4 files are unusable"):
        survey(folder, cache, minimum=32)
    (tmp_path / "void").mkdir()
    with pytest.raises(UserError, match="holds no files"):
        survey(tmp_path / "void", cache, minimum=32)
    with pytest.raises(UserError, match="no such folder"):
        survey(tmp_path / "nowhere", cache, minimum=32)


def test_small_pictures_are_enlarged_to_the_crop(tmp_path, cache):
    (tmp_path / "tiny").mkdir()
    Image.new("RGB", (20, 10), (200, 10, 10)).save(tmp_path / "tiny" / "a.png")
    manifest = survey(tmp_path / "tiny", cache, minimum=32)
    assert manifest.array(0).shape == (32, 64, 3)


def test_the_stream_can_be_entered_anywhere(pictures, cache):
    one = batches(pictures("a"), pictures("b"), cache)
    whole = list(one.stream(0).take(7))
    late = list(one.stream(4).take(3))
    for expected, entered in zip(whole[4:], late, strict=True):
        for domain in (0, 1):
            np.testing.assert_array_equal(expected[domain], entered[domain])
    assert not np.array_equal(whole[0].source, whole[3].source)


def test_the_seed_and_the_domain_change_the_order(pictures, cache):
    a, b = pictures("a"), pictures("b")
    first, again, other = (next(iter(batches(a, b, cache, seed=seed).stream(0))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.source, again.source)
    assert not np.array_equal(first.source, other.source)
    orders = [[int(shuffled(position, 50, 1, salt)) for position in range(50)] for salt in (1, 2)]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(50))
    assert orders[0] != orders[1]


def test_every_epoch_shows_every_picture_once(pictures, cache):
    one = batches(pictures("a", 6), pictures("b", 5), cache)
    for epoch in range(3):
        seen = [name for step in range(epoch * 3, epoch * 3 + 3) for name in one.files(step) if "/a/" in name]
        assert len(set(seen)) == 6


def test_pairs_are_seen_through_the_same_window(pictures, cache):
    folder = pictures("same")
    pair = next(iter(batches(folder, folder, cache, "paired").stream(0)))
    np.testing.assert_array_equal(pair.source, pair.target)
    unpaired = next(iter(batches(folder, folder, cache).stream(0)))
    assert not np.array_equal(unpaired.source, unpaired.target)


def test_pairs_without_partner_or_of_another_size_are_refused(pictures, cache):
    a, b = pictures("a", 4), pictures("b", 5)
    with pytest.raises(UserError, match=r"no partner of the same name, such as 04"):
        batches(a, b, cache, "paired")
    (a / "00.jpg").write_bytes((a / "00.png").read_bytes())
    with pytest.raises(UserError, match=r"two pictures are called 00"):
        batches(a, b, cache, "paired")
    (a / "00.jpg").unlink()
    with pytest.raises(UserError, match=r"partner has 48x40"):
        batches(a, pictures("c", 4, (64, 40)), cache, "paired")


def test_plain_crops_copy_pixels(rng):
    pixels = rng.integers(0, 256, (40, 50, 3), np.uint8)
    view = random_view(tf.constant(pixels), 16, Augment(flip=False), tf.constant([1, 2]))
    cut = np.round((view.numpy() + 1) * 127.5).astype(np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (16, 16, 3))[:, :, 0]
    assert (windows == cut).all((2, 3, 4)).any()


def test_warps_keep_a_flat_picture_flat_and_colours_in_range(rng):
    flat = tf.fill((40, 50, 3), tf.constant(77, tf.uint8))
    warped = random_view(flat, 32, Augment(scale=1.2, rotate=20), tf.constant([5, 6]))
    np.testing.assert_allclose(warped, 77 / 127.5 - 1, atol=1e-5)
    noise = tf.constant(rng.integers(0, 256, (40, 50, 3), np.uint8))
    for position in range(5):
        view = random_view(noise, 32, EVERYTHING, tf.constant([5, position]))
        assert view.shape == (32, 32, 3)
        assert float(tf.reduce_max(tf.abs(view))) <= 1.0


@pytest.mark.parametrize("rotate", [0, 20])
def test_scaling_down_does_not_alias(rng, rotate):
    """The deviation of white noise (0.58) falls with the scale; single bilinear samples keep 0.39 of it."""
    noise = tf.constant(rng.integers(0, 256, (256, 256, 3), np.uint8))
    augment = Augment(flip=False, scale=4, rotate=rotate)
    for position in range(12):
        seed = tf.constant([7, position])
        scale = 1 + 3 * float(tf.random.stateless_uniform((9,), seed)[2])
        assert float(tf.math.reduce_std(random_view(noise, 64, augment, seed))) < 0.42 / scale


@pytest.mark.parametrize("rotate", [0, 30])
def test_scaled_views_show_the_window_that_their_seed_names(rng, rotate):
    """A ramp down and another across tell where each pixel is from."""
    height, width, crop = 200, 256, 64
    ramp = np.zeros((height, width, 3))
    ramp[..., 0], ramp[..., 1] = np.arange(height)[:, None], np.arange(width)
    for position in range(12):
        seed = tf.constant([3, position])
        view = random_view(
            tf.constant(ramp.astype(np.uint8)), crop, Augment(flip=False, scale=3, rotate=rotate), seed
        )
        draws = tf.random.stateless_uniform((9,), seed).numpy()
        scale, angle = 1 + draws[2] * 2, (2 * draws[3] - 1) * np.deg2rad(rotate)
        across, down = np.meshgrid(*2 * [np.arange(crop) - (crop - 1) / 2])
        turned = np.stack(
            [np.sin(angle) * across + np.cos(angle) * down, np.cos(angle) * across - np.sin(angle) * down], -1
        )
        centre = scale * crop / 2 + draws[:2] * (np.array([height, width]) - scale * crop) - 0.5
        expected = centre + scale * turned
        inside = ((expected > 8) & (expected < np.array([height, width]) - 9)).all(-1)
        assert inside.mean() > 0.4
        np.testing.assert_allclose((view.numpy()[..., :2] + 1)[inside] * 127.5, expected[inside], atol=0.6)
        assert view.shape == (crop, crop, 3)


def test_splits_share_no_picture(pictures, cache):
    manifest = survey(pictures("many", 40), cache, minimum=32)
    parts = [
        {entry.name for entry in split(manifest, part, by_name).entries}
        for part in ("train", "val", "test")
        for by_name in (False,)
    ]
    assert len(set.union(*parts)) == sum(len(part) for part in parts) == 40
    assert len(parts[0]) > 24
    assert all(parts)


def test_adding_pictures_moves_none_between_splits(pictures, cache):
    folder = pictures("growing", 40)
    before = {entry.name for entry in split(survey(folder, cache, minimum=32), "train", False).entries}
    for index, other in enumerate(sorted(pictures("others", 10).iterdir())):
        other.rename(folder / f"new{index}.png")
    after = {entry.name for entry in split(survey(folder, cache, minimum=32), "train", False).entries}
    assert {name for name in after if not name.startswith("new")} == before


def test_too_few_pictures_are_refused(pictures, cache):
    a, b = pictures("a", 2), pictures("b", 6)
    with pytest.raises(UserError, match="too few"):
        Folders(kind="folders", source=str(a), target=str(b), crop=32).train(0, PictureStore(cache))
