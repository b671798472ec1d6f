"""Tars that are cut, interrupted, or gone on with; and pictures that are never written over."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.inference.many import work
from gan_style.inference.many.journal import Journal, Shard
from gan_style.inference.many.lists import listed, split
from gan_style.inference.many.manifest import Unit
from gan_style.inference.many.shard import ShardPainter
from gan_style.inference.many.tars import TarOutput, complete, sample_name
from gan_style.system import disk
from gan_style.system.errors import UserError
from tests.inference.many.test_shards import negative


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def picture(name: str, seed: int = 0) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (8, 10, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def tar_of(name: str, count: int) -> Path:
    with tarfile.open(name, "w") as tar:
        for index in range(count):
            tar.add(picture(f"{index}.png", index), arcname=f"{index}.png")
    return Path(name)


def paint(*lines: str, into_tar: bool = False, overwrite: bool = False) -> Shard:
    Path("list.txt").write_text("\n".join(lines))
    shard = Shard(Path("out"), 0, 1)
    split(Path("list.txt"), [shard])
    ShardPainter(shard, negative, lambda: None, into_tar=into_tar, overwrite=overwrite).run(listed(shard))
    return shard


def test_what_is_painted_is_never_written_over(place):
    source = picture("out/a.png").read_bytes()
    with pytest.raises(UserError, match="lies in the folder for the paintings"):
        paint("out/a.png", overwrite=True)
    Path("b.png").symlink_to("out/b.png")
    picture("out/b.png")
    shard = paint("b.png", overwrite=True)
    assert "never written over" in Journal.read(shard.file(".jsonl")).failures["b.png"]
    assert Path("out/a.png").read_bytes() == source


@pytest.mark.parametrize("size", [700, 1500, 2300])
def test_a_cut_tar_is_not_taken_for_a_whole_one(size, place):
    tar = tar_of("a.tar", 5)
    tar.write_bytes(tar.read_bytes()[:size])
    shard = paint("a.tar")
    reason = Journal.read(shard.file(".jsonl")).failures["a.tar"]
    assert "a.tar: is cut, or damaged, at byte" in reason or "a.tar: cannot be read as a tar" in reason
    assert not Path("out/a.tar").exists()
    tar_of("a.tar", 5)
    paint("a.tar")
    with tarfile.open("out/a.tar") as painted:
        assert painted.getnames() == [f"{index}.png" for index in range(5)]


def test_what_was_being_added_when_it_was_stopped_is_taken_back(place, monkeypatch):
    output = TarOutput(Path("a.tar"))
    output.add("0.png", b"whole" * 300)
    stop = io.BytesIO(b"half" * 300)

    def read(count: int) -> bytes:
        raise SystemExit(143)

    stop.read = read
    with monkeypatch.context() as patch:
        patch.setattr(io, "BytesIO", lambda content: stop)
        with pytest.raises(SystemExit):
            output.add("1.png", b"half" * 300)
    output.abandon()
    assert complete(output.partial)[0] == {"0.png"}


def test_a_tar_of_single_pictures_is_gone_on_with(place):
    for name in ("a.png", "new.png"):
        picture(name)
    Path("bad.png").write_bytes(b"no picture")
    shard = paint("a.png", "bad.png", into_tar=True)
    assert shard.told() == {"painted": 1, "failed": 1, "again": 1}
    picture("bad.png", 3)
    shard = paint("a.png", "bad.png", "new.png", into_tar=True)
    assert shard.told() == {"painted": 3, "failed": 0, "again": 0}
    with tarfile.open(shard.tar) as tar:
        assert tar.getnames() == ["a.png", "bad.png", "new.png"]
    before = shard.tar.read_bytes()
    paint("a.png", "bad.png", "new.png", into_tar=True)
    assert shard.tar.read_bytes() == before


def test_two_pictures_never_have_one_place(place):
    picture("d/c.png")
    picture("up/d/c.png")
    with pytest.raises(UserError, match=r"would both be painted as d/c\.png"):
        paint("d/c.png", "../d/c.png")
    assert sample_name("x.1.png") != sample_name("x_1.png") == "x_1.png"


def test_another_list_of_the_same_length_is_not_over(place):
    picture("a.png")
    picture("b.png", 1)
    shard = paint("a.png")
    assert shard.is_finished()
    Path("list.txt").write_text("b.png")
    sizes = split(Path("list.txt"), [shard])
    assert work.to_do([shard], sizes) == [shard]


def test_files_with_long_names_are_written_under_names_of_their_own(place):
    names = [f"{'long' * 20}-{end}.png" for end in "ab"]
    with disk.replacing(Path(names[0])) as one, disk.replacing(Path(names[1])) as other:
        one.write(b"a")
        other.write(b"b")
    assert [Path(name).read_bytes() for name in names] == [b"a", b"b"]


def test_names_of_any_bytes_are_kept_in_the_journal(place):
    journal = Journal(Path("journal.jsonl"))
    journal.painted("caf\udce9/a.png", "caf\udce9/a.png", 3)
    assert Journal.read(Path("journal.jsonl")).pictures == {"caf\udce9/a.png": 1}
    assert Unit("caf\udce9/a.png", Path("a.png")).shard(7) < 7
