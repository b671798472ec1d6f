"""What paintings never replace: pictures to paint, and files of anybody else; what is never painted again."""

import os

import numpy as np
import pytest
from PIL import Image

from gan_style.inference.files import find_pictures
from gan_style.inference.outputs import Outputs
from gan_style.system.errors import UserError
from gan_style.system.images import Picture


@pytest.fixture
def photos(pictures):
    return pictures("photos", 3)


def picture(level: int = 9, form: str = "PNG") -> Picture:
    return Picture(np.full((8, 8, 3), level, np.uint8), format=form)


def painted(photos, output, level=9):
    """As `sample` does it, but for the network."""
    outputs = Outputs(output, find_pictures([photos], own_paintings=False))
    return [outputs.write(target, picture(level)) for _, target in outputs.planned()]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_pictures_that_are_painted_are_never_written_over(photos):
    before = contents(photos)
    for overwrite in (False, True):
        with pytest.raises(
            UserError, match=r"00.png is one of the pictures to paint.*choose another --output"
        ):
            Outputs(photos, find_pictures([photos]), overwrite).planned()
    assert contents(photos) == before


def test_nor_by_another_name_of_theirs(photos, tmp_path):
    output = tmp_path / "out"
    output.mkdir()
    os.link(photos / "00.png", output / "00.png")
    (output / "01.png").symlink_to(photos / "01.png")
    with pytest.raises(UserError, match="one of the pictures") as refused:
        Outputs(output, find_pictures([photos]), overwrite=True).planned()
    assert "01.png" in str(refused.value)


def test_paintings_below_the_photographs_are_not_painted_again(photos, capsys):
    for _ in range(3):
        assert [path.name for path in painted(photos, photos / "out")] == ["00.png", "01.png", "02.png"]
    assert "left out 3 pictures that gan-style painted there" in capsys.readouterr().out
    assert len(find_pictures([photos])) == 6, "other commands look at paintings as well"
    assert find_pictures([photos / "out" / "00.png"], own_paintings=False), (
        "by its own name one may be painted again"
    )
    with pytest.raises(UserError, match="all pictures in it were painted by gan-style"):
        find_pictures([photos / "out"], own_paintings=False)


def test_what_another_made_is_only_replaced_when_told(photos, tmp_path):
    output = tmp_path / "out"
    output.mkdir()
    (output / "01.png").write_bytes(b"somebody's")
    with pytest.raises(UserError, match=r"01.png is there already.*nothing was painted"):
        painted(photos, output)
    assert contents(output) == {"01.png": b"somebody's"}
    outputs = Outputs(output, find_pictures([photos]), overwrite=True)
    for _, target in outputs.planned():
        outputs.write(target, picture())
    assert b"somebody's" not in contents(output).values()


def test_a_painting_that_was_touched_up_is_not_ours_any_more(photos, tmp_path):
    painted(photos, tmp_path / "out")
    painted(photos, tmp_path / "out", level=10)
    Image.new("RGB", (8, 8)).save(tmp_path / "out" / "02.png")
    with pytest.raises(UserError, match=r"02.png is there already, and not as gan-style painted it"):
        painted(photos, tmp_path / "out", level=11)
    assert np.asarray(Image.open(tmp_path / "out" / "00.png")).max() == 10


def test_a_format_that_shows_only_when_it_is_read_is_no_way_around(photos, tmp_path):
    output = tmp_path / "out"
    outputs = Outputs(output, find_pictures([photos]))
    (_, target), *_ = outputs.planned()
    output.mkdir()
    target.with_suffix(".jpg").write_bytes(b"somebody's")
    with pytest.raises(UserError, match=r"00.jpg is there already"):
        outputs.write(target, picture(form="JPEG"))
    assert contents(output) == {"00.jpg": b"somebody's", ".painted.jsonl": b""} or contents(output) == {
        "00.jpg": b"somebody's"
    }


def test_a_ledger_proves_only_what_can_be_read_in_it(photos, tmp_path):
    output = tmp_path / "out"
    painted(photos, output)
    ledger = output / ".painted.jsonl"
    lines = ledger.read_bytes().splitlines()
    ledger.write_bytes(
        b"\n".join([b"[" * 100_000, b"null", b"\xff\xfe", lines[0], b'{"name": 3}', lines[1][:40]])
    )
    assert [path.name for path in find_pictures([output], own_paintings=False)] == ["01.png", "02.png"]


def test_names_as_long_as_names_can_be(tmp_path):
    name = "n" * 251 + ".png"
    outputs = Outputs(tmp_path / "out")
    assert outputs.write(tmp_path / "out" / name, picture()).name == name
    with pytest.raises(UserError, match="cannot be written: File name too long"):
        outputs.write(tmp_path / "out" / f"n{name}", picture())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {name, ".painted.jsonl"}


def test_pictures_of_one_name_do_not_overwrite_each_other(tmp_path):
    sources = [tmp_path / "a" / "x.png", tmp_path / "b" / "x.jpeg", tmp_path / "sheet.gif"]
    for source in sources:
        source.parent.mkdir(exist_ok=True)
        source.touch()
    targets = [target.name for _, target in Outputs(tmp_path / "out", sources).planned()]
    assert targets == ["x.png", "x-2.jpg", "sheet-2.png"]


def test_a_folder_of_linked_folders_is_searched_once(photos, tmp_path):
    links = tmp_path / "links"
    links.mkdir()
    (links / "a").symlink_to(photos)
    (photos / "up").symlink_to(links)
    assert [path.name for path in find_pictures([links])] == ["00.png", "01.png", "02.png"]


def test_a_file_in_the_place_of_the_output_folder_is_told(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(UserError, match="paintings go into a folder"):
        Outputs(tmp_path / "out")
