"""Nearly the same picture in training and in test: seen, named, and not taken for others."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.data.kinds.folders import Folders
from gan_style.data.kinds.published import Domains
from gan_style.data.look import look
from gan_style.data.manifest import Manifest, PictureStore, survey
from gan_style.data.pixels import Entry
from gan_style.data.twins import NEAR, twins


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def copied(file: Path, place: Path) -> Path:
    """Smaller, brighter, and as JPEG."""
    picture = Image.open(file).resize((44, 38))
    Image.fromarray(np.clip(np.asarray(picture) * 0.95 + 8, 0, 255).astype(np.uint8)).save(place, quality=60)
    return place


def test_copies_look_alike_and_others_do_not(pictures, tmp_path):
    files = sorted(pictures("many", 30).iterdir())
    looks = [look(np.asarray(Image.open(file))) for file in files]
    again = [look(np.asarray(Image.open(copied(file, tmp_path / "copy.jpg")))) for file in files]
    assert max(map(apart, looks, again)) <= NEAR
    others = [apart(one, other) for i, one in enumerate(looks) for other in looks[:i]]
    assert min(others) > NEAR


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_pictures_that_are_nearly_flat_look_like_nothing(grey, rng):
    flat = np.full((64, 64, 3), grey, np.uint8)
    assert look(flat) == ""
    flat[28:36, 20:44] = 255 - grey  # a small drawing on it
    assert look(flat) == ""
    assert look(np.clip(flat + rng.normal(0, 5, flat.shape), 0, 255).astype(np.uint8)) == ""


def warnings_of(capsys) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if "look almost like" in line]


def test_a_copy_in_another_part_is_warned_of_once(pictures, cache, capsys):
    photos, paintings = pictures("photos", 20), pictures("paintings", 20)
    config = Folders(kind="folders", source=str(photos), target=str(paintings), crop=32)
    tested = {part: config.sides(part, PictureStore(cache))[1].entries[0].name for part in ("val", "test")}
    assert not warnings_of(capsys)
    for part, name in tested.items():
        # By its content a copy is drawn anew; this one falls into the training pictures.
        for quality in range(30, 90):
            Image.open(paintings / name).save(paintings / f"copy_{part}.jpg", quality=quality)
            train = config.sides("train", PictureStore(cache))[1]
            if f"copy_{part}.jpg" in {entry.name for entry in train.entries}:
                break
    capsys.readouterr()
    (paintings / "touched.png").write_bytes((photos / "00.png").read_bytes())
    for _ in range(2):
        store = PictureStore(cache)
        config.train(0, store)
        config.validation(store)
        config.held_out("test", store)
    (line,) = warnings_of(capsys)
    assert line.startswith(f"warning: {paintings}: 2 of ")
    for part, name in tested.items():
        assert f"{name} ~ copy_{part}.jpg" in line


def test_published_test_pictures_are_compared_with_the_training_pictures(pictures, tmp_path, cache, capsys):
    (tmp_path / "horses").mkdir()
    for name, count in (("trainA", 12), ("trainB", 9), ("testA", 3), ("testB", 6)):
        pictures(f"horses/{name}", count)
    config = Domains(kind="domains", folder=str(tmp_path / "horses"), direction="AtoB", crop=32)
    config.held_out("test", PictureStore(cache))
    assert not warnings_of(capsys)
    trained = config.sides("train", PictureStore(cache))[1].entries
    for number, entry in enumerate(trained[:5]):
        copied(tmp_path / "horses/trainB" / entry.name, tmp_path / f"horses/testB/zebra{number}.jpg")
    config.held_out("test", PictureStore(cache))
    (line,) = warnings_of(capsys)
    assert "horses/testB: 5 of 11 held-out pictures look almost like training pictures: " in line
    assert f"testB/zebra0.jpg ~ trainB/{trained[0].name}, " in line
    assert line.count(" ~ ") == 3
    assert line.endswith(", ...")


def test_the_hash_is_remembered(pictures, tmp_path, monkeypatch):
    folder, own = pictures("a", 3), tmp_path / "own"
    looks = [entry.look for entry in survey(folder, own, minimum=32).entries]
    assert all(looks)
    monkeypatch.setattr("gan_style.data.pixels.look", lambda pixels: pytest.fail("it is in the note"))
    assert [entry.look for entry in survey(folder, own, minimum=32).entries] == looks


def test_thousands_are_compared_at_once(rng):
    def manifest(count):
        looks = [rng.bytes(16).hex() for _ in range(count)]
        looks[1] = ""
        entries = tuple(Entry(f"{i}", f"{i}", 8, 8, look=one) for i, one in enumerate(looks))
        return Manifest(Path("x"), entries, (Path("x"),) * count, tuple(looks))

    trained, held_out = manifest(6000), manifest(700)
    entries = list(held_out.entries)
    near = int(trained.entries[4321].look, 16) ^ 0b1011 << 40  # three bits apart
    entries[650] = Entry("twin", "", 8, 8, look=f"{near:032x}")
    started = time.perf_counter()
    found = list(twins(trained, Manifest(Path("x"), tuple(entries), held_out.pixels, held_out.originals)))
    assert time.perf_counter() - started < 1
    assert found == [(650, 4321)]
    flat = Manifest(Path("x"), trained.entries[1:2], trained.pixels[:1], ("x",))
    assert list(twins(flat, held_out)) == list(twins(trained, flat)) == []
