"""Cuts of one original go to one split, by a pattern that is given or guessed."""

import hashlib
from pathlib import Path

import pytest

from gan_style.config.load import load
from gan_style.data.kinds.folders import Folders
from gan_style.data.kinds.gallery import Gallery
from gan_style.data.kinds.published import Aligned, Domains
from gan_style.data.manifest import Manifest, PictureStore, survey
from gan_style.data.originals import guessed, originals
from gan_style.data.pixels import Entry
from gan_style.data.splits import fold, split
from gan_style.experiment.recipe import Experiment, learned
from gan_style.system.errors import UserError

PARTS = ("train", "val", "test")


def named(names, pattern=None) -> Manifest:
    """As if read: the content of every file is its own."""
    entries = tuple(
        Entry(name, hashlib.sha256(f"picture {name}".encode()).hexdigest(), 8, 8) for name in names
    )
    stems = [entry.stem for entry in entries]
    return Manifest(
        Path("folder"), entries, (Path("x"),) * len(names), originals(Path("folder"), stems, pattern)
    )


def cut(folder: Path, paintings: int, pieces: int, ending="__{}") -> Path:
    """The pictures of a folder, renamed to so many cuts of each painting."""
    for index, file in enumerate(sorted(folder.iterdir())[: paintings * pieces]):
        painting, piece = divmod(index, pieces)
        file.rename(folder / f"monet{painting}{ending.format(piece)}.png")
    return folder


def painting_of(name: str) -> str:
    return name.split("__")[0]


def shared(manifests) -> set[str]:
    """Paintings that are in several of the parts."""
    found = [{painting_of(entry.name) for entry in manifest.entries} for manifest in manifests]
    return {name for name in set.union(*found) if sum(name in one for one in found) > 1}


def test_the_split_of_files_that_stand_alone_is_what_it_was():
    """Of the version before there were originals: a run goes on with the pictures it was started with."""

    def digest(*args, count):
        entries = tuple(
            Entry(f"{i:03d}.jpg", hashlib.sha256(f"picture {i}".encode()).hexdigest()) for i in range(count)
        )
        stems = [entry.stem for entry in entries]
        manifest = Manifest(Path("x"), entries, (Path("x"),) * count, originals(Path("x"), stems, None))
        one, *rest = args
        found = [f"{part}/{entry.name}" for part in PARTS for entry in one(manifest, part, *rest).entries]
        return hashlib.sha256(" ".join(found).encode()).hexdigest()[:12]

    assert [digest(split, False, count=200), digest(split, True, count=200)] == [
        "889cc5f1edbf",
        "56e182b37238",
    ]
    assert [digest(split, by_name, ("val",), count=200) for by_name in (False, True)] == [
        "81546c3dc7c0",
        "11a29e055e34",
    ]
    assert [digest(fold, by_name, 5, 2, count=200) for by_name in (False, True)] == [
        "4af61665b3b2",
        "1ead47540c9d",
    ]
    # A small folder, where chance leaves a part empty.
    assert [digest(split, False, count=6), digest(fold, False, 5, 2, count=6)] == [
        "971ac854f621",
        "86de13cbf2d9",
    ]


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("paintings", [4, 30])
def test_cuts_of_a_painting_are_in_one_part(by_name, paintings):
    names = [f"monet{painting}__{piece}.jpg" for painting in range(paintings) for piece in range(5)]
    manifest = named([*names, "monet1.jpg", "whole.jpg"])
    assert manifest.originals[-2:] == ("monet1", "whole")
    for parts in (
        [split(manifest, part, by_name) for part in PARTS],
        [split(manifest, part, by_name, ("val",)) for part in ("train", "val")],
        [fold(manifest, part, by_name, 3, 1) for part in PARTS],
    ):
        assert sum(map(len, parts)) == len(manifest)
        assert all(map(len, parts))
        assert not shared(parts)
        assert all(
            part.originals == tuple(Path(e.name).stem.split("__")[0] for e in part.entries) for part in parts
        )


def test_other_files_move_no_original():
    """Neither other originals nor other cuts of the same, whatever their place in the order of names."""
    names = [f"monet{painting}__{piece}.jpg" for painting in range(40) for piece in (1, 2)]
    more = [
        f"{name}{painting}__{piece}.jpg"
        for name in ("a", "monet")
        for painting in range(40)
        for piece in "03"
    ]
    for by_name in (False, True):
        before, after = (split(named(some), "train", by_name) for some in (names, sorted(names + more)))
        there = {name for name in after.originals if name.startswith("monet")}
        assert there == set(before.originals)


def test_too_few_originals_are_refused_however_many_files_there_are():
    manifest = named([f"monet{index % 2}__{index}.jpg" for index in range(20)])
    with pytest.raises(
        UserError, match="20 usable pictures, cut from 2, are too few to train, validate and test"
    ):
        split(manifest, "train", by_name=False)
    with pytest.raises(UserError, match="20 usable pictures, cut from 2, are too few for 3 folds"):
        fold(manifest, "train", False, 3, 0)


def test_folders_folds_and_galleries_keep_cuts_together(pictures, cache):
    photos, paintings = pictures("photos", 12), cut(pictures("paintings", 60), 15, 4)
    store = PictureStore(cache)
    plain = Folders(kind="folders", source=str(photos), target=str(paintings), crop=32)
    for config in (plain, plain.model_copy(update={"folds": 3, "fold": 0})):
        assert not shared([config.sides(part, store)[1] for part in PARTS])
        (tested,) = config.held_out("test", store)
        assert len(set(tested.target.originals)) < len(tested.target)
        assert set(tested.target.originals).isdisjoint(tested.others.originals)
    gallery = Gallery(
        kind="gallery", source=str(photos), styles={"one": str(paintings), "two": str(photos)}, crop=32
    )
    assert not shared([gallery.manifests(part, store)[1] for part in PARTS])


def test_a_handful_of_paintings_may_all_train(pictures, cache):
    folders = {"source": str(pictures("photos", 12)), "target": str(pictures("paintings", 5))}
    config = Folders(kind="folders", **folders, crop=32, hold_out_targets=False)
    store = PictureStore(cache)
    assert [len(config.sides(part, store)[1]) for part in PARTS] == [5, 5, 5]
    assert not shared([config.sides(part, store)[0] for part in PARTS])
    assert len(config.held_out("test", store)[0].target) == 5
    for other in ({"pairing": "paired"}, {"folds": 3, "fold": 0}):
        with pytest.raises(ValueError, match="hold_out_targets"):
            Folders(kind="folders", **folders, crop=32, hold_out_targets=False, **other)


def test_pairs_and_their_cuts_stay_together(pictures, cache):
    sides = [cut(pictures(name, 40), 10, 4) for name in ("photos", "paintings")]
    config = Folders(kind="folders", source=str(sides[0]), target=str(sides[1]), pairing="paired", crop=32)
    store = PictureStore(cache)
    for part in PARTS:
        source, target = config.sides(part, store)
        assert [entry.name for entry in source.entries] == [entry.name for entry in target.entries]
        assert source.originals == target.originals
    assert not shared([config.sides(part, store)[0] for part in PARTS])


def test_published_validation_pictures_are_no_cuts_of_training_pictures(pictures, tmp_path, cache):
    (tmp_path / "set").mkdir()
    for name in ("trainA", "trainB", "testA", "testB"):
        cut(pictures(f"set/{name}", 40), 10, 4)
    config = Domains(kind="domains", folder=str(tmp_path / "set"), direction="AtoB", crop=32)
    train, val = (config.sides(part, PictureStore(cache)) for part in ("train", "val"))
    assert not any(shared(side) for side in zip(train, val, strict=True))
    (tested,) = config.held_out("test", PictureStore(cache))
    assert len(set(tested.target.originals)) == 10
    (tmp_path / "pairs").mkdir()
    for name in ("train", "test"):
        cut(pictures(f"pairs/{name}", 40, (80, 40)), 10, 4)
    config = Aligned(kind="aligned", folder=str(tmp_path / "pairs"), direction="AtoB", crop=32)
    parts = [config.sides(part, PictureStore(cache))[0] for part in ("train", "val")]
    assert not shared(parts)


@pytest.mark.parametrize(
    "ending",
    [
        "__{}",
        "__s512_0_{}",
        "-crop{}",
        "_crop_{}",
        "_tile_1_{}",
        "_patch0{}",
        "_x0_y{}",
        "_r1_c{}",
        "-row1-col{}",
    ],
)
def test_clear_names_of_cuts_are_guessed(ending):
    names = [f"monet_{painting}{ending.format(piece)}" for painting in (1, 2, 3) for piece in range(4)]
    pattern = guessed(names)
    assert set(originals(Path("x"), names, pattern)) == {"monet_1", "monet_2", "monet_3"}
    assert guessed([*names, *(f"other{index}" for index in range(12))]) == pattern
    assert guessed([*names, *(f"other{index}" for index in range(13))]) is None


@pytest.mark.parametrize(
    "names",
    [
        [f"IMG_{index:04d}" for index in range(20)],
        [f"n02381460_{index}" for index in range(20)],
        [f"2014-08-{day:02d} 17_41_{second}" for day in (1, 2) for second in range(10)],
        [f"aachen_{index:06d}_000019" for index in range(20)],
        [f"monet__{index:03d}" for index in range(20)],  # a painter's works
        [f"monet-{title}" for title in ("lilies", "haystacks", "bridge")],
        [f"monet{index}__0" for index in range(20)],  # one of each
        [],
    ],
)
def test_numbers_alone_are_not_taken_for_cuts(names):
    assert guessed(names) is None


def test_a_guess_is_said_in_one_line_and_overruled(pictures, cache, capsys):
    photos, paintings = pictures("photos", 12), cut(pictures("paintings", 21), 5, 4)
    config = Folders(kind="folders", source=str(photos), target=str(paintings), crop=32)
    for _ in range(2):
        config.train(0, PictureStore(cache))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "originals" in line]
    assert line.startswith(f"{paintings}: 20 of 21 files look like cuts of 5 originals, ")
    assert "data.originals: '(.+?)__" in line
    assert "'(.*)' if every file is an original" in line
    alone = config.model_copy(update={"originals": "(.*)"})
    assert len(set(alone.sides("train", PictureStore(cache))[1].originals)) > 5
    mine = config.model_copy(update={"originals": r"(monet)[012]__"})
    parts = [set(mine.sides(part, PictureStore(cache))[1].originals) for part in PARTS]
    assert set.union(*parts) == {"monet", *(f"monet{i}__{j}" for i in (3, 4) for j in range(4)), "20"}
    assert sum("monet" in part for part in parts) == 1
    assert not capsys.readouterr().out


def test_a_pattern_that_is_none_is_refused_at_its_line(small_recipe):
    for pattern, reason in (("(", "no regular expression"), ("a+", "needs a group")):
        with pytest.raises(
            UserError, match=f"data.originals: '{'[(]' if pattern == '(' else 'a[+]'}' .*{reason}"
        ):
            load(small_recipe, Experiment, (f"data.originals={pattern}",))


def test_the_key_belongs_to_what_is_learned_and_changes_no_recipe_without_it(small_recipe):
    plain = learned(load(small_recipe, Experiment).config)
    assert "originals" not in plain["data"]
    given = learned(load(small_recipe, Experiment, ("data.originals=(.+?)__",)).config)
    assert given["data"] == {**plain["data"], "originals": "(.+?)__"}


def test_the_old_key_is_refused_unless_it_says_nothing(small_recipe):
    with pytest.raises(UserError, match=r"evaluation.originals: this key is now called 'data.originals'"):
        load(small_recipe, Experiment, ("evaluation.originals=(.+?)__",))
    # As runs of before wrote it.
    assert load(small_recipe, Experiment, ("evaluation.originals=null",)).config.data.originals is None


def test_only_the_user_names_the_originals_of_duplicates(pictures, cache):
    """a.jpg beside a.png are two originals; with a pattern their name decides."""
    folder = pictures("twice", 4)
    (folder / "00.jpg").write_bytes((folder / "01.png").read_bytes())
    assert survey(folder, cache, minimum=32).originals == ("00", "00-2", "01", "02", "03")
    assert survey(folder, cache, minimum=32, pattern="(.*)").originals == ("00", "00", "01", "02", "03")
