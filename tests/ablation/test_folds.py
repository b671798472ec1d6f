"""k-fold cross-validation over a folder: every picture tests once, validates once; pairs stay together."""

import pytest

from gan_style.config.load import load
from gan_style.data.kinds.folders import Folders
from gan_style.data.manifest import PictureStore
from gan_style.experiment.recipe import Experiment, learned
from gan_style.system.errors import UserError
from tests.small import SMALL_RECIPE

PARTS = ("train", "val", "test")


def folders(tmp_path, **changes) -> Folders:
    settings = {
        "kind": "folders",
        "source": str(tmp_path / "photos"),
        "target": str(tmp_path / "paintings"),
        "crop": 32,
    }
    return Folders(**settings | changes)


def splits(config, cache) -> list:
    store = PictureStore(cache)
    return [config.sides(part, store) for part in PARTS]


def names(manifest) -> set[str]:
    return {entry.name for entry in manifest.entries}


@pytest.mark.parametrize(("count", "folds"), [(23, 5), (5, 5), (4, 3)])
def test_every_picture_tests_once_and_validates_once(tmp_path, pictures, cache, count, folds):
    pictures("photos", count)
    pictures("paintings", count)
    tested, validated = [], []
    for number in range(folds):
        for side in (0, 1):
            train, val, test = (
                part[side] for part in splits(folders(tmp_path, folds=folds, fold=number), cache)
            )
            assert min(len(train), len(val), len(test)) >= 1
            assert len(names(train) | names(val) | names(test)) == count == len(train) + len(val) + len(test)
            if side == 0:
                tested.append(names(test))
                validated.append(names(val))
    assert sum(map(len, tested)) == count == len(set().union(*tested))
    assert validated == tested[1:] + tested[:1], "the next fold validates"


def test_pairs_share_a_fold(tmp_path, pictures, cache):
    pictures("photos", 12)
    pictures("paintings", 12)
    for part in splits(folders(tmp_path, folds=4, fold=2, pairing="paired"), cache):
        assert names(part[0]) == names(part[1])


def test_too_few_pictures_are_one_error(tmp_path, pictures, cache):
    pictures("photos", 4)
    pictures("paintings", 9)
    with pytest.raises(UserError, match="photos: 4 usable pictures are too few for 5 folds"):
        splits(folders(tmp_path, folds=5, fold=0), cache)


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL_RECIPE.format(source="photos", target="paintings"))
    return path


def test_folds_are_all_that_a_folded_config_differs_in(recipe):
    plain, folded = (
        learned(load(recipe, Experiment, changes).config)["data"]
        for changes in ((), ("data.folds=5", "data.fold=0"))
    )
    assert (plain["folds"], plain["fold"]) == (None, None)
    assert folded == plain | {"folds": 5, "fold": 0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["data.folds=5"], "give both or neither"),
        (["data.folds=3", "data.fold=3"], "fold 3 is none of the 3 folds"),
        (["data.folds=2"], "data.folds"),
    ],
)
def test_mistakes_are_located(recipe, changes, expected):
    with pytest.raises(UserError) as told:
        load(recipe, Experiment, changes)
    assert expected in str(told.value)
