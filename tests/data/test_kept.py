"""The cache is not believed: what is damaged in it is made again, exactly as it was, and said once."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from gan_style.data import kept
from gan_style.data.kinds.fixed import Fixed
from gan_style.data.kinds.folders import Folders
from gan_style.data.manifest import PictureStore, survey
from gan_style.data.paintbox import prepare as preparing
from gan_style.data.paintbox.painters import PAINTERS
from gan_style.data.paintbox.prepare import DONE, Job, PaintboxSettings, hashes, prepare
from gan_style.system import disk, images
from gan_style.system.disk import FullDisk
from gan_style.system.errors import RunError, UserError

SETTINGS = PaintboxSettings("oil", scenes=1, cuts=1, side=40)


def by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "dear.txt").write_text("to somebody")


def by_zeros(path: Path) -> None:
    """Of the same size and age: no glance at the file tells."""
    times = path.stat()
    path.write_bytes(bytes(times.st_size))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def by_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = [by_zeros, by_one_bit, by_a_folder, Path.unlink, lambda path: path.write_bytes(b"cut")]
SHAPES = [
    "",
    "{",
    '{"name": "00.png", "sha',
    "[]",
    "7",
    "null",
    '"text"',
    "{}",
    "[" * 100_000,
    "\udcff\ud800",
    '{"content": {}, "sha256": 0}',
    '{"name": "00.png", "sha256": "a", "height": -48, "width": -40, "reason": "", "look": ""}',
    '{"name": "00.png", "sha256": "a", "height": "48", "width": [], "reason": 0}',
]


@pytest.fixture
def own(tmp_path) -> Path:
    return tmp_path / "own"


def notes(own: Path) -> list[Path]:
    return sorted((own / "pixels").rglob("*.json"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_pixels_are_read_again_and_said_once(damage, pictures, own, capsys):
    folder = pictures("a", 3)
    manifest = survey(folder, own, minimum=32)
    expected = [manifest.array(index) for index in range(3)]
    damage(manifest.pixels[1])
    again = survey(folder, own, minimum=32)
    assert again == manifest
    np.testing.assert_array_equal([again.array(index) for index in range(3)], expected)
    told = capsys.readouterr().err
    assert "1 of 3 pictures were damaged in the cache, or kept without a hash, and were read again" in told
    assert told.count("\n") == 1
    assert manifest.entries[1].name in told
    survey(folder, own, minimum=32)
    assert not capsys.readouterr().err
    strays = {path.name for path in own.rglob("dear.txt")}
    assert strays == ({"dear.txt"} if damage is by_a_folder else set())


@pytest.mark.parametrize("text", SHAPES)
def test_a_note_of_another_shape_is_no_note(text, pictures, own, capsys):
    folder = pictures("a", 2)
    manifest = survey(folder, own, minimum=32)
    notes(own)[0].write_bytes(text.encode(errors="surrogatepass"))
    assert survey(folder, own, minimum=32) == manifest
    assert "1 of 2 pictures" in capsys.readouterr().err


def test_a_note_that_was_changed_by_hand_or_belongs_to_another_picture_is_no_note(pictures, own):
    folder = pictures("a", 2, (48, 48))
    manifest = survey(folder, own, minimum=32)
    one, other = notes(own)
    changed = json.loads(one.read_text())
    changed["content"]["reason"] = "nobody likes it"
    one.write_text(json.dumps(changed))
    assert survey(folder, own, minimum=32) == manifest
    shutil.copy(other, one)
    shutil.copy(other.with_suffix(".rgb"), one.with_suffix(".rgb"))
    assert survey(folder, own, minimum=32) == manifest


def test_pictures_kept_by_earlier_versions_are_read_again(pictures, own):
    """They had notes without hashes, and may be black by now."""
    folder = pictures("a", 2)
    manifest = survey(folder, own, minimum=32)
    for note in notes(own):
        old = json.loads(note.read_text())["content"]
        del old["rgb"]
        note.write_text(json.dumps(old))
        by_zeros(note.with_suffix(".rgb"))
    again = survey(folder, own, minimum=32)
    assert again == manifest
    assert all(again.array(index).any() for index in range(2))


def test_what_could_not_be_read_once_is_tried_again(pictures, own, monkeypatch):
    folder = pictures("a", 4)
    read = images.read

    def poor(path):
        if path.name == "01.png":
            raise images.BadImage(f"{path}: cannot be decoded: not enough memory")
        return read(path)

    with monkeypatch.context() as before:
        before.setattr(images, "read", poor)
        assert len(survey(folder, own, minimum=32)) == 3
    assert len(survey(folder, own, minimum=32)) == 4


def test_what_cannot_be_read_again_is_named(pictures, own, monkeypatch, capsys):
    folder = pictures("a", 4)
    by_zeros(survey(folder, own, minimum=32).pixels[1])

    def unreadable(path):
        raise images.BadImage(f"{path}: cannot be decoded: no such decoder")

    monkeypatch.setattr(images, "read", unreadable)
    assert len(survey(folder, own, minimum=32)) == 3
    assert "01.png: cannot be decoded: no such decoder" in capsys.readouterr().err


@pytest.fixture(scope="module")
def jobs() -> list[Job]:
    """A few of the pictures of each part, of drawn scenes and of photographs."""
    few = [job for job in preparing.plan(SETTINGS) if job.name.endswith(("scene000", "rocket1", "coffee0"))]
    assert len(few) == 8
    return few


@pytest.fixture
def prepared(tmp_path, jobs, monkeypatch) -> Path:
    """A cache for a small paintbox, which is made without processes of its own."""

    def make(settings, folder, wanted, what):
        for job in wanted:
            kept.clear(folder / job.file)
            preparing.make_picture(settings, folder, job)

    monkeypatch.setattr(preparing, "_make", make)
    monkeypatch.setattr(preparing, "plan", lambda settings: jobs)
    monkeypatch.setitem(PAINTERS, "oil", lambda pixels, seed: np.roll(pixels, seed + 1, axis=0))
    return tmp_path / "cache"


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize(
    "name", ["train/source/scene000.png", "val/source/rocket1.png", "test/second/coffee0.png"]
)
def test_a_damaged_picture_of_the_paintbox_is_made_again_as_it_was(damage, name, prepared, capsys):
    folder = prepare(SETTINGS, prepared)
    before = hashes(folder)
    damage(folder / name)
    assert prepare(SETTINGS, prepared) == folder
    assert hashes(folder) == before
    told = capsys.readouterr().err
    assert f"1 of 8 pictures were damaged or missing and are made again: {name}" in told
    assert told.count("\n") == (2 if damage is by_a_folder else 1)
    prepare(SETTINGS, prepared)
    assert not capsys.readouterr().err


def test_a_picture_that_nobody_made_is_set_aside_and_not_lost(prepared, capsys):
    folder = prepare(SETTINGS, prepared)
    before = hashes(folder)
    stray = folder / "train/target/mine.png"
    shutil.copy(folder / "train/target/scene000.png", stray)
    prepare(SETTINGS, prepared)
    assert hashes(folder) == before
    assert (stray.parent / ".mine.png.stray").is_file()
    assert "set aside, hidden as .NAME.stray, for it was not made here: train/target/mine.png" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"content": {}, "sha256": ""}', None])
def test_without_a_whole_list_of_hashes_everything_is_made_again(text, prepared, capsys):
    folder = prepare(SETTINGS, prepared)
    before = hashes(folder)
    by_zeros(folder / "train/source/scene000.png")
    (folder / DONE).unlink()
    if text is not None:
        (folder / DONE).write_text(text)
    prepare(SETTINGS, prepared)
    assert hashes(folder) == before
    told = capsys.readouterr().err
    assert told == "" if text is None else "all of it is made again" in told


def test_a_paintbox_that_comes_out_otherwise_is_told(prepared, monkeypatch, capsys):
    folder = prepare(SETTINGS, prepared)
    monkeypatch.setitem(PAINTERS, "oil", lambda pixels, seed: pixels // 2)
    (folder / "train/target/scene000.png").unlink()
    prepare(SETTINGS, prepared)
    assert "came out otherwise than at first" in capsys.readouterr().err
    prepare(SETTINGS, prepared)
    assert not capsys.readouterr().err


def test_a_preparation_that_is_cut_off_starts_over(prepared, monkeypatch):
    whole, make = prepare(SETTINGS, prepared), preparing._make
    before = hashes(whole)
    shutil.rmtree(whole)

    def cut_off(settings, folder, jobs, what):
        make(settings, folder, jobs[:2], what)
        raise KeyboardInterrupt

    with monkeypatch.context() as unlucky:
        unlucky.setattr(preparing, "_make", cut_off)
        with pytest.raises(KeyboardInterrupt):
            prepare(SETTINGS, prepared)
    by_zeros(whole / "train/source/scene000.png")
    assert hashes(prepare(SETTINGS, prepared)) == before


def test_within_a_store_everything_is_looked_at_once(prepared, monkeypatch):
    store = PictureStore(prepared)
    folder = store.prepare(SETTINGS)
    monkeypatch.setattr(preparing, "hashes", lambda folder: pytest.fail("it was looked at already"))
    assert store.prepare(SETTINGS) == folder


def test_one_picture_is_made_again_by_processes_of_its_own(tmp_path, monkeypatch):
    settings = PaintboxSettings("cartoon", scenes=1, cuts=0, side=64)
    jobs = [Job("train/source/scene000", 0, None), Job("train/target/scene000", 500_000, 0)]
    monkeypatch.setattr(preparing, "plan", lambda settings: jobs)
    folder = prepare(settings, tmp_path)
    before = hashes(folder)
    assert len(before) == 2
    by_a_folder(folder / "train/target/scene000.png")
    assert hashes(prepare(settings, tmp_path)) == before


class Deadly:
    """What ends the process that unpacks it, at once."""

    def __reduce__(self):
        return os._exit, (9,)


def test_a_painting_process_that_is_killed_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, "plan", lambda settings: [Job("train/source/scene000", Deadly(), None)])
    with pytest.raises(RunError, match="a process that painted was killed"):
        prepare(SETTINGS, tmp_path)
    monkeypatch.setattr(preparing, "plan", lambda settings: [Job("train/source/scene000", 0, None)])
    assert len(hashes(prepare(SETTINGS, tmp_path))) == 1


def test_a_damaged_bundled_photograph_is_written_again(tmp_path):
    config = Fixed(kind="fixed", content="chelsea", size=64)
    store = PictureStore(tmp_path)
    (path,) = config.photographs(store)
    pixels, content = images.read(path).pixels, config.subject(store).content
    images.write(path, images.Picture(np.zeros_like(pixels)))
    np.testing.assert_array_equal(config.subject(store).content, content)
    assert config.photographs(store) == [path]
    np.testing.assert_array_equal(images.read(path).pixels, pixels)
    for damage in (by_zeros, by_a_folder):
        damage(path)
        assert config.photographs(store) == [path]
        np.testing.assert_array_equal(images.read(path).pixels, pixels)


@pytest.mark.parametrize(
    "place", ["cache", "cache/pixels", "cache/pixels/native-32", "cache/pixels/native-32/.lock"]
)
def test_a_cache_that_cannot_be_written_is_one_sentence(place, pictures, tmp_path):
    folder = pictures("a", 2)
    in_the_way = tmp_path / place
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.mkdir() if in_the_way.name == ".lock" else in_the_way.write_text("a file")
    advice = "move it away" if in_the_way.name == ".lock" else "choose another folder .* GAN_STYLE_CACHE"
    with pytest.raises(UserError, match=rf"{in_the_way}.*: .*; {advice}$"):
        survey(folder, tmp_path / "cache", minimum=32)


def test_a_paintbox_that_cannot_be_written_is_one_sentence(prepared):
    prepared.write_text("a file")
    with pytest.raises(UserError, match=r"GAN_STYLE_CACHE$"):
        prepare(SETTINGS, prepared)


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half(pictures, own, monkeypatch):
    folder = pictures("a", 2)

    def full(path):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as now:
        now.setattr(disk, "created", full)
        with pytest.raises(FullDisk, match=r"\.rgb: the disk is full: 5,760 bytes are needed"):
            survey(folder, own, minimum=32)
    assert len(survey(folder, own, minimum=32)) == 2


def test_zeroed_pictures_change_no_batch(pictures, own):
    """What the issue found: black pictures were learnt from, and the command ended with 0."""
    config = Folders(kind="folders", source=str(pictures("a", 12)), target=str(pictures("b", 12)), crop=32)
    stream = config.train(0, PictureStore(own))
    expected = next(iter(stream.stream(3)))
    for path in own.rglob("*.rgb"):
        by_zeros(path)
    again = config.train(0, PictureStore(own))
    assert again.fingerprint() == stream.fingerprint()
    for pixels, others in zip(next(iter(again.stream(3)))[:2], expected[:2], strict=True):
        np.testing.assert_array_equal(pixels, others)
