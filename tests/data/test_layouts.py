"""Published sets as they lie on disk: trainA/trainB, pairs side by side, and their published sizes."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.config.load import load
from gan_style.data.augment import Augment
from gan_style.data.kinds.published import Aligned, Domains
from gan_style.data.manifest import PictureStore, survey
from gan_style.data.pixels import Fit
from gan_style.experiment.recipe import Experiment
from gan_style.system.errors import UserError

PLAIN = Augment(flip=False)


def domains(folder: Path, **changes) -> Domains:
    return Domains(
        **{"kind": "domains", "folder": str(folder), "direction": "AtoB", "crop": 32, "augment": PLAIN}
        | changes
    )


def splits(config, parts, cache) -> list:
    """Source and target of each part."""
    store = PictureStore(cache)
    return [config.sides(part, store) for part in parts]


def aligned(folder: Path, **changes) -> Aligned:
    return Aligned(
        **{"kind": "aligned", "folder": str(folder), "direction": "AtoB", "crop": 32, "batch": 2} | changes
    )


@pytest.fixture
def unpaired_set(tmp_path, pictures) -> Path:
    (tmp_path / "horses").mkdir()
    for name, count in (("trainA", 12), ("trainB", 9), ("testA", 3), ("testB", 2)):
        pictures(f"horses/{name}", count)
    return tmp_path / "horses"


@pytest.fixture
def paired_set(tmp_path, rng) -> Path:
    """Left a picture, right its negative."""
    for part, count in (("train", 8), ("test", 2)):
        (tmp_path / "facades" / part).mkdir(parents=True)
        for index in range(count):
            left = rng.integers(0, 256, (40, 48, 3), np.uint8)
            Image.fromarray(np.concatenate([left, 255 - left], 1)).save(
                tmp_path / "facades" / part / f"{index}.png"
            )
    return tmp_path / "facades"


def names(manifest) -> set[str]:
    return {f"{manifest.folder.name}/{entry.name}" for entry in manifest.entries}


def test_domains_keep_their_own_test_pictures_and_validate_on_a_tenth_of_train(unpaired_set, cache):
    train, validation, test = splits(domains(unpaired_set), ("train", "val", "test"), cache)
    for side, folder, count in ((0, "trainA", 12), (1, "trainB", 9)):
        assert names(train[side]) | names(validation[side]) == {
            f"{folder}/{index:02d}.png" for index in range(count)
        }
        assert not names(train[side]) & names(validation[side])
        assert len(validation[side]) >= 1
    assert [len(manifest) for manifest in test] == [3, 2]
    assert names(test[0]) == {f"testA/{index:02d}.png" for index in range(3)}


def test_domains_use_published_validation_pictures(unpaired_set, pictures, cache):
    pictures("horses/valA", 2)
    pictures("horses/valB", 3)
    train, validation = splits(domains(unpaired_set), ("train", "val"), cache)
    assert [len(manifest) for manifest in train + validation] == [12, 9, 2, 3]


def test_the_direction_swaps_source_and_target(unpaired_set, paired_set, cache):
    for config in (domains(unpaired_set), aligned(paired_set)):
        there, back = (
            config.model_copy(update={"direction": way}).validation(PictureStore(cache))
            for way in ("AtoB", "BtoA")
        )
        np.testing.assert_array_equal(there.source, back.target)
        np.testing.assert_array_equal(there.target, back.source)
        assert there.paired == isinstance(config, Aligned)


def test_both_halves_are_seen_through_the_same_window(paired_set, cache):
    for settings in ({}, {"load_size": 36}):
        batch = next(iter(aligned(paired_set, **settings).train(0, PictureStore(cache)).stream(0)))
        assert batch.source.shape == (2, 32, 32, 3)
        np.testing.assert_allclose(batch.source, -batch.target, atol=0.02)


def test_aligned_splits_share_no_pair(paired_set, cache):
    train, validation, test = splits(aligned(paired_set), ("train", "val", "test"), cache)
    for part in (train, validation, test):
        assert names(part[0]) == names(part[1])
        assert all((entry.height, entry.width) == (40, 48) for entry in part[0].entries)
    assert len(names(train[0]) | names(validation[0])) == 8 == len(train[0]) + len(validation[0])
    assert names(test[0]) == {"test/0.png", "test/1.png"}


def test_an_odd_width_is_one_error_that_names_the_file(paired_set, cache):
    Image.new("RGB", (97, 40)).save(paired_set / "train" / "odd.png")
    with pytest.raises(UserError, match=r"train/odd\.png: 97 pixels across cannot be two halves"):
        aligned(paired_set).train(0, PictureStore(cache))


def test_missing_folders_say_what_was_expected_and_what_is_there(unpaired_set, tmp_path, cache):
    with pytest.raises(
        UserError,
        match=r"horses: expected the folders train; train is missing, there is: testA, testB, trainA, trainB",
    ):
        aligned(unpaired_set).train(0, PictureStore(cache))
    (unpaired_set / "trainB").rename(unpaired_set / "zebras")
    with pytest.raises(UserError, match=r"trainB is missing, there is: testA, testB, trainA, zebras"):
        domains(unpaired_set).train(0, PictureStore(cache))
    with pytest.raises(UserError, match=r"nowhere: there is no such folder; `gan-style data list`"):
        domains(tmp_path / "nowhere").train(0, PictureStore(cache))


def test_load_size_squashes_to_a_square_as_published(pictures, cache):
    """Bicubic; pixels that another version left in the cache by Lanczos are not taken for these."""
    manifest = survey(pictures("wide", 3, (80, 40)), cache, minimum=32, load_size=36)
    assert {(entry.height, entry.width) for entry in manifest.entries} == {(36, 36)}
    expected = Image.open(manifest.folder / "00.png").resize((36, 36), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(manifest.array(0), np.asarray(expected))
    keys = [Fit(32, load_size=36).key(), Fit(32, load_size=36, half="left").key(), Fit(32).key()]
    assert keys == ["36x36-bicubic-32", "36x36-bicubic-32-left", "native-32"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["data.load_size=30"], "load_size 30 is smaller than crop 32"),
        (["data.load_size=40", "data.short_side=40"], "give one of them"),
        (["data.direction=BtoC"], "data.direction: expected 'AtoB' or 'BtoA'"),
        (["data.kind=domain"], "unknown kind 'domain', did you mean 'domains'?"),
        (["data.pairing=unpaired"], "data.pairing"),
    ],
)
def test_mistakes_in_the_recipe_are_located(tmp_path, changes, expected):
    path = tmp_path / "small.yaml"
    recipe = "data: {kind: aligned, folder: data/facades, direction: BtoA, crop: 32}\ntrain: {steps: 1}\n"
    generator = "{kind: resnet, filters: 4, blocks: 1}"
    discriminator = "{kind: patchgan, filters: 4, depth: 1}"
    path.write_text(
        f"{recipe}method: {{kind: gan, generator: {generator}, discriminator: {discriminator}}}\n"
    )
    assert load(path, Experiment).config.data.folder == "data/facades"
    with pytest.raises(UserError) as told:
        load(path, Experiment, changes)
    assert expected in str(told.value)
