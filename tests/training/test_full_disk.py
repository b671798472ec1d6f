"""Without room, training ends in one line that says what is safe, or does not begin."""

import shutil
from collections import namedtuple
from types import SimpleNamespace

import pytest

from gan_style.experiment import saved
from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.system import disk
from gan_style.system.disk import FullDisk
from gan_style.system.errors import RunError, UserError
from gan_style.training import checkpoints, loop
from gan_style.training.room import check_room, told_what_is_safe
from gan_style.training.session import State, open_session
from tests.small import write_small_recipe
from tests.system.test_disk import files_of_at_most

ROOM = namedtuple("ROOM", "total used free")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    return open_session(read_recipe(str(write_small_recipe(folder))), 0, Run(folder / "run"))


@pytest.fixture
def training(opened):
    """A session in whose folder there is nothing yet."""
    shutil.rmtree(opened.run.folder, ignore_errors=True)
    opened.run.folder.mkdir()
    return opened


def on_disk(folder) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_size_of_a_checkpoint_is_known_before_it_is_written(training):
    loop.save(training, State(2), False)
    size = on_disk(training.run.checkpoints / "step-00000002")
    assert checkpoints.size(training.method) == pytest.approx(size, rel=0.05)


def test_training_does_not_begin_without_room_for_its_checkpoints(training, monkeypatch):
    """Three kept, the best and one being written; what is there already is not asked for again."""
    one, run = checkpoints.size(training.method), training.run
    told = f"3 newest, the best and one being written, {disk.size(one)} each"

    def with_room(size: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: ROOM(10 * one, 0, size))
        check_room(training)

    with_room(5 * one)
    with pytest.raises(UserError) as caught:
        with_room(5 * one - 1)
    assert str(caught.value).startswith(f"{run.checkpoints}: the checkpoints ({told}) need ")
    assert "\n" not in str(caught.value)
    assert not run.checkpoints.exists()
    loop.save(training, State(2), False)
    with_room(5 * one - on_disk(run.checkpoints))


def test_what_is_kept_never_takes_more_than_was_asked_for(training, monkeypatch):
    most, copy = [], shutil.copyfile

    def watched(source, target):
        most.append(on_disk(training.run.checkpoints) + source.stat().st_size)
        return copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", watched)
    for step in range(1, 7):
        loop.save(training, State(step, 0.0, {"style_and_content": 1 / step}), True)
    assert len(most) == 18
    assert max(most) <= 5 * checkpoints.size(training.method) * 1.05


def test_a_checkpoint_without_room_leaves_the_one_before_it(training):
    run = training.run
    loop.save(training, State(2), False)
    with files_of_at_most(20_000), pytest.raises(RunError) as caught, told_what_is_safe(run):
        loop.save(training, State(4), True)
    place = run.checkpoints / "step-00000004"
    told = str(caught.value)
    size = disk.size(checkpoints.size(training.method))
    assert told.startswith(f"{place}: no file may become that large here: {size} are needed and ")
    assert told.endswith("; the checkpoint of step 2 is intact; make room and the same command goes on")
    assert "\n" not in told
    assert [path.name for path in run.checkpoints.iterdir()] == ["step-00000002"]
    assert saved.newest(run.checkpoints).verify() == ""


def test_the_best_checkpoint_without_room_leaves_the_best_before_it(training):
    run = training.run
    loop.save(training, State(2, 0.0, {"style_and_content": 2.0}), True)
    written = checkpoints.save(
        training.method, run.checkpoints, 4, seconds=0.0, figures={}, config={}, identity={}
    )
    with files_of_at_most(20_000), pytest.raises(FullDisk, match="best: no file may become that large"):
        checkpoints.mark_best(written)
    assert saved.best(run.checkpoints).step == 2
    assert not list(run.checkpoints.glob(".*"))


def test_a_run_whose_disk_is_full_ends_in_one_line(training, monkeypatch):
    """Also where not even summary.json can say that it failed, and where it was a picture or a log."""
    run = training.run
    monkeypatch.setattr(loop, "open_session", lambda *some: training)
    monkeypatch.setattr(loop, "steps", full_at_once)
    with pytest.raises(RunError) as caught:
        loop.train(training.recipe, 0, run)
    told = str(caught.value)
    assert told.startswith(f"{run.folder}: the disk is full: ")
    assert told.endswith("are free; there was no checkpoint yet; make room and the same command goes on")
    assert '"failed"' in (run.folder / "summary.json").read_text()


def full_at_once(*some):
    raise OSError(28, "No space left on device")


def test_a_sheet_without_room_is_named_and_leaves_nothing(training, monkeypatch):
    with files_of_at_most(3000), pytest.raises(FullDisk, match=r"samples/step-00000002\.png: no file may"):
        loop.validate(training, State(2), SimpleNamespace(log=lambda *some: None))
    assert not list(training.run.samples.iterdir())


@pytest.mark.parametrize("name", ["checkpoints", "samples"])
def test_a_file_in_the_place_of_a_folder_is_told_before_anything_is_trained(training, name):
    place = training.run.folder / name
    place.touch()
    with pytest.raises(UserError, match=f"^{place}: a folder is needed here"):
        check_room(training)
