"""What was sent: known to be a picture, by no name of its sender's, gone when its time is over."""

import io
import os
import stat
import time

import pytest
from PIL import Image

from gan_style.system.opening import BadImage
from gan_style.web import limits
from gan_style.web.uploads import LOCK, PREFIX, Uploads, plain


def png(size=(8, 6)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    return file.getvalue()


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def uploads():
    uploads = Uploads()
    yield uploads
    uploads.close()


def sent(uploads, content=None, name="a.png"):
    path = uploads.place()
    path.write_bytes(png() if content is None else content)
    return uploads.keep(path, name)


def test_a_picture_is_kept_under_a_name_of_our_own_for_this_user_alone(uploads):
    one, other = sent(uploads, name="../../etc/passwd"), sent(uploads)
    assert (one.name, one.kind, one.width, one.height) == ("passwd", "PNG", 8, 6)
    assert one.path.parent == other.path.parent == uploads.folder
    assert len({one.id, other.id}) == 2
    assert len(one.id) >= 20
    assert stat.S_IMODE(os.stat(uploads.folder).st_mode) == 0o700


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "empty"), (b"<html>", "a web page"), (b"%!PS", "PostScript"), (png()[:20], "cannot be decoded")],
)
def test_what_is_no_picture_is_refused_by_the_guarded_reader(uploads, content, told):
    with pytest.raises(BadImage, match=f"^a.png: .*{told}"):
        sent(uploads, content)


def test_too_many_pixels_are_refused_by_the_header(uploads, monkeypatch):
    monkeypatch.setattr(limits, "PIXELS", 40)
    with pytest.raises(BadImage, match="8x6 pixels are more than the page's limit of 40"):
        sent(uploads)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("", "picture"),
        ("..", "picture"),
        ("C:\\a\\b.jpg", "b.jpg"),
        ("a\r\nb\u202e.png", "ab.png"),
        ("猫.jpg", "猫.jpg"),
    ],
)
def test_names_are_for_people(name, kept):
    assert plain(name) == kept
    assert len(plain("x" * 999)) == limits.NAME


def test_the_oldest_go_first_and_what_is_needed_stays(uploads, monkeypatch):
    monkeypatch.setattr(limits, "KEPT_UPLOADS", 2)
    some = [sent(uploads) for _ in range(4)]
    assert uploads.get(some[1].id), "it was asked for after the others"
    uploads.expire([some[0].id])
    assert [uploads.get(one.id) is not None for one in some] == [True, True, False, False]
    assert [one.path.exists() for one in some] == [True, True, False, False]
    some[1].used = time.monotonic() - limits.IDLE_SECONDS - 1
    uploads.expire([])
    assert not some[1].path.exists()


def test_nothing_is_left_of_a_session_that_ended_or_was_killed(tmp_path):
    uploads = Uploads()
    sent(uploads)
    uploads.close()
    assert list(tmp_path.iterdir()) == []
    killed, others = tmp_path / f"{PREFIX}killed", tmp_path / f"{PREFIX}somebody's"
    for folder in (killed, others):
        folder.mkdir()
    (killed / LOCK).touch()
    Uploads().close()
    assert killed.exists(), "it may just begin"
    for folder in (killed, others):
        os.utime(folder, (0, 0))
    living = Uploads()
    Uploads().close()
    assert set(tmp_path.iterdir()) == {others, living.folder}, (
        "what has no lock is none of ours; living ones stay"
    )
    living.close()
