"""Files are written whole or not at all; what the system refuses is one sentence that names the file."""

import errno
import os
import resource
from contextlib import contextmanager

import pytest

from gan_style.system import disk
from gan_style.system.disk import FullDisk
from gan_style.system.errors import UserError


@contextmanager
def files_of_at_most(size: int):
    """The kernel's own limit on the size of a file, which it refuses like a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("before", [b"as it was", None])
def test_without_room_nothing_changes_and_nothing_is_left(before, tmp_path):
    path = tmp_path / "result.json"
    if before:
        path.write_bytes(before)
    with files_of_at_most(1000), pytest.raises(FullDisk) as caught:
        disk.write(path, "x" * 123_456)
    told = str(caught.value)
    assert told.startswith(f"{path}: no file may become that large here: 0.1 MB are needed and ")
    assert told.endswith(" are free")
    assert caught.value.__suppress_context__, "no chain of tracebacks"
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == (
        [("result.json", before)] if before else []
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_shows_itself_at_the_flush_too(number, tmp_path, monkeypatch):
    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(FullDisk, match="3 bytes are needed and"):
        disk.write(tmp_path / "a.json", "{}\n")
    assert not list(tmp_path.iterdir())


def test_a_line_is_added_whole_or_not_at_all(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"one\n")
    with path.open("ab", buffering=0) as file:
        with files_of_at_most(10), pytest.raises(FullDisk, match="log: no file may become"):
            disk.append(file, path, b"two, which is too long\n")
        assert path.read_bytes() == b"one\n"
        disk.append(file, path, b"two\n")
    assert path.read_bytes() == b"one\ntwo\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux only")
def test_the_kernels_own_word_for_no_space(tmp_path):
    link = tmp_path / "metrics.jsonl"
    link.symlink_to("/dev/full")
    with link.open("ab", buffering=0) as file, pytest.raises(FullDisk, match="the disk is full: 4 bytes"):
        disk.append(file, link, b"one\n")


def test_what_is_in_the_way_is_named(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "folder", tmp_path / "file" / "below"):
        with pytest.raises(UserError, match=f"^{path}: cannot be written: "):
            disk.write(path, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_name_as_long_as_names_can_be(tmp_path):
    path = tmp_path / ("ü" * 127)
    disk.write(path, "x")
    assert path.read_text() == "x"


def test_json_that_is_no_json_is_a_value_error(tmp_path, monkeypatch):
    path = tmp_path / "some.json"
    for content in (b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5000, b'"\\udc00"', b"\0\0"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"."):
            disk.read_json(path)
    path.write_bytes(b'{"a": "\\u00fc"}')
    assert disk.read_json(path) == {"a": "ü"}
    monkeypatch.setattr(disk, "LARGEST_JSON", 5)
    with pytest.raises(ValueError, match="larger than 5 bytes"):
        disk.read_json(path)
    path.unlink()
    os.mkfifo(path)  # nobody writes to it: to open it would wait for ever
    with pytest.raises(OSError, match="no such file"):
        disk.read_json(path)
