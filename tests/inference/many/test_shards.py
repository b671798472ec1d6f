"""Shards of a list of pictures: each painted once, whatever is killed on the way."""

import io
import json
import random
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from gan_style.inference.many import lists, work
from gan_style.inference.many.journal import Journal, Shard
from gan_style.inference.many.lists import listed, split
from gan_style.inference.many.manifest import Unit, place
from gan_style.inference.many.shard import ShardPainter
from gan_style.system import images
from gan_style.system.errors import UserError

SUFFIXES = ("png", "jpg", "tif", "webp", "bmp")


class Killed(BaseException):
    """As `kill -9`: nothing is told, nothing tidied up."""


def negative(picture: images.Picture) -> images.Picture:
    return replace(picture, pixels=255 - picture.pixels)


def encoded(rng: np.random.Generator, suffix: str) -> bytes:
    buffer = io.BytesIO()
    kind = {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper())
    Image.fromarray(rng.integers(0, 256, (8, 10, 3), np.uint8)).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def manifest(tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, two tars, files of their own, one of them twice; a broken picture in each kind of place."""
    monkeypatch.chdir(tmp_path)
    for index in range(30):
        suffix = SUFFIXES[index % 5]
        path = Path(f"photos/{index % 3}/{index:02d}.{suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(rng, suffix))
    Path("photos/0/broken.png").write_bytes(b"no picture")
    Path("photos/0/notes.txt").write_text("no picture either")
    for name in ("a", "b"):
        with tarfile.open(f"{name}.tar", "w") as tar:
            for index in range(12):
                broken = name == "b" and index == 5
                for file, content in (
                    (f"{index:03d}.jpg", b"no picture" if broken else encoded(rng, "jpg")),
                    (f"{index:03d}.json", json.dumps({"index": index}).encode()),
                ):
                    entry = tarfile.TarInfo(file)
                    entry.size, entry.mtime = len(content), 1000 + index
                    tar.addfile(entry, io.BytesIO(content))
    listed = ["# a list", "photos", "", "a.tar", "b.tar", "photos/0/00.png", "./photos/1/01.jpg", "gone.png"]
    (tmp_path / "list.txt").write_text("\n".join(listed) + "\n")
    return Path("list.txt")


def paint(
    manifest: Path,
    output: Path,
    count: int,
    act: Callable[[images.Picture], images.Picture] = negative,
    **more: bool,
) -> None:
    shards = work.shards(output, count)
    split(manifest, shards)
    for shard in shards:
        options = {"into_tar": False, "overwrite": False, **more}
        ShardPainter(shard, act, lambda: None, **options).run(listed(shard))


def made(output: Path) -> dict[str, bytes]:
    """All files there by name; hidden ones are this command's own."""
    files = [path for path in output.rglob("*") if path.is_file()]
    shown = [
        path for path in files if not any(part.startswith(".") for part in path.relative_to(output).parts)
    ]
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in shown}


def test_every_picture_of_a_list_is_painted_once_below_the_output(manifest, tmp_path):
    paint(manifest, tmp_path / "out", 4)
    found = made(tmp_path / "out")
    expected = {
        f"photos/{i % 3}/{i:02d}.{SUFFIXES[i % 5]}" + (".png" if SUFFIXES[i % 5] == "bmp" else "")
        for i in range(30)
    }
    assert set(found) == expected | {"a.tar", "b.tar"}
    before = images.read(Path("photos/0/00.png")).pixels
    assert (images.read(tmp_path / "out/photos/0/00.png").pixels == 255 - before).all()
    with tarfile.open(tmp_path / "out/a.tar") as tar, tarfile.open("a.tar") as source:
        assert [(one.name, one.mtime) for one in tar] == [(one.name, one.mtime) for one in source]
        assert json.load(tar.extractfile("007.json")) == {"index": 7}
    with tarfile.open(tmp_path / "out/b.tar") as tar:
        assert "005.jpg" not in tar.getnames()


def test_what_failed_is_reported_with_reasons_and_the_rest_is_counted(manifest, tmp_path, capsys):
    output = tmp_path / "out"
    paint(manifest, output, 4)
    every = work.shards(output, 4)
    sizes = split(manifest, every)
    assert sum(sizes) == 30 + 1 + 2 + 1
    assert work.report(every, sizes, output) == 2
    assert json.loads((output / "report.json").read_text()) == {"painted": 30 + 23, "failed": 3, "left": 0}
    failed = [json.loads(line) for line in (output / "failed.jsonl").read_text().splitlines()]
    assert [one["name"] for one in failed] == ["b.tar/005.jpg", "gone.png", "photos/0/broken.png"]
    assert failed[0]["reason"].startswith("b.tar: 005.jpg: ")
    assert "there is no such file" in failed[1]["reason"]
    assert "53 pictures are painted, 3 failed, 0 are left" in capsys.readouterr().out
    # What comes to the list later is still to do.
    Path("photos/1/new.png").write_bytes(Path("photos/0/00.png").read_bytes())
    more = split(manifest, every)
    assert Shard(output, Unit("photos/1/new.png", Path()).shard(4), 4) in work.to_do(every, more)
    Path("photos/1/new.png").unlink()
    split(manifest, every)
    # Only single pictures are tried again.
    again = {str(shard) for shard in work.to_do(every, sizes)}
    assert again == {
        str(Shard(output, Unit(name, Path(name)).shard(4), 4)) for name in ("gone.png", "photos/0/broken.png")
    }
    Path("gone.png").write_bytes(Path("photos/0/00.png").read_bytes())
    paint(manifest, output, 4)
    assert work.report(every, sizes, output) == 2
    assert json.loads((output / "report.json").read_text())["failed"] == 2


@pytest.mark.parametrize("into_tar", [False, True])
def test_killed_anywhere_again_and_again_it_is_a_straight_run_in_the_end(into_tar, manifest, tmp_path):
    paint(manifest, tmp_path / "straight", 3, into_tar=into_tar)
    chance, count = random.Random(0), [0, 0]

    def act(picture: images.Picture) -> images.Picture:
        count[0] += 1
        if chance.random() < 0.25:
            count[1] += 1
            raise Killed
        return negative(picture)

    for _ in range(200):
        try:
            paint(manifest, tmp_path / "killed", 3, act, into_tar=into_tar)
            break
        except Killed:
            for partial in (tmp_path / "killed").rglob(".*.tar.partial"):  # torn in the middle of a member
                partial.write_bytes(partial.read_bytes()[: -chance.randrange(1, 3000)])
    assert count[1] > 5
    assert made(tmp_path / "killed") == made(tmp_path / "straight")
    assert not list((tmp_path / "killed").rglob("*.partial"))


def test_single_pictures_can_go_into_one_tar_for_each_shard(manifest, tmp_path):
    paint(manifest, tmp_path / "out", 2, into_tar=True)
    assert set(made(tmp_path / "out")) == {
        "a.tar",
        "b.tar",
        "painted-000-of-002.tar",
        "painted-001-of-002.tar",
    }
    names = []
    for path in (tmp_path / "out").glob("painted-*.tar"):
        with tarfile.open(path) as tar:
            names += tar.getnames()
    assert len(names) == len(set(names)) == 30
    (dotted,) = [name for name in names if name.startswith("photos/1/04")]
    assert dotted.startswith("photos/1/04_bmp-"), "a sample's name ends at its first dot"
    assert dotted.count(".") == 1


def test_what_somebody_else_put_there_is_kept(manifest, tmp_path):
    mine = tmp_path / "out/photos/0/00.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    paint(manifest, tmp_path / "out", 1)
    assert mine.read_bytes() == b"mine"
    reason = Journal.read(Shard(tmp_path / "out", 0, 1).file(".jsonl")).failures["photos/0/00.png"]
    assert "--overwrite" in reason
    paint(manifest, tmp_path / "out", 1, overwrite=True)
    assert mine.read_bytes() != b"mine"


def test_a_shard_that_is_over_paints_nothing_again(manifest, tmp_path):
    paint(manifest, tmp_path / "out", 2)

    def never(picture: images.Picture) -> images.Picture:
        raise AssertionError

    Path("photos/0/broken.png").unlink()
    paint(manifest, tmp_path / "out", 2, never)
    # What was deleted since, or changed in its size, is not there as it was painted.
    (tmp_path / "out/photos/1/01.jpg").unlink()
    with pytest.raises(AssertionError):
        paint(manifest, tmp_path / "out", 2, never)


def test_long_lists_are_split_without_holding_them_and_every_name_once(manifest, tmp_path, monkeypatch):
    every = work.shards(tmp_path / "out", 5)
    sizes, whole = split(manifest, every), [list(listed(shard)) for shard in every]
    monkeypatch.setattr(lists, "AT_ONCE", 3)
    assert split(manifest, every) == sizes
    assert [list(listed(shard)) for shard in every] == whole
    names = [unit.name for some in whole for unit in some]
    assert len(names) == len(set(names)) == 34
    assert not list((tmp_path / "out").rglob("*.partial"))
    (every[0].file(".list")).unlink()
    with pytest.raises(UserError, match="without --shard"):
        list(listed(every[0]))


def test_names_stay_below_the_output():
    assert place(Path("/data/../../x/./a.png")) == "data/x/a.png"
    assert place(Path("../a.png")) == "a.png"


def test_another_way_to_paint_needs_another_folder(tmp_path):
    asked = {"weights": "1", "shards": 4, "style": "oil"}
    work.settle(tmp_path, asked)
    work.settle(tmp_path, asked)
    with pytest.raises(UserError, match="style: oil, now sketch"):
        work.settle(tmp_path, {**asked, "style": "sketch"})
    (tmp_path / ".shards" / "work.json").write_text("{")
    with pytest.raises(UserError, match="damaged"):
        work.settle(tmp_path, asked)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--jobs", "2"], "--jobs needs --manifest"),
        (["--manifest", "list.txt"], "--manifest needs --output"),
        (["--manifest", "none.txt", "--output", "o"], "there is no such file"),
        (["--manifest", "list.txt", "--output", "o", "--input", "x.png"], "give one of the two"),
        (["--manifest", "list.txt", "--output", "o", "--on", "moon"], "--on moon: there is no file clusters"),
        (
            ["--manifest", "list.txt", "--output", "o", "--shard", "0", "--jobs", "2"],
            "--shard paints one here",
        ),
        (
            ["--manifest", "list.txt", "--output", "o", "--shard", "9", "--shards", "2"],
            "--shard 9: there are 2",
        ),
        (["--manifest", "strange.txt", "--output", "o"], "strange.txt:2: notes.doc"),
        (["--manifest", "empty.txt", "--output", "o"], "empty.txt: names no pictures"),
    ],
)
def test_wrong_calls_are_one_clear_error(arguments, told, manifest):
    Path("strange.txt").write_text("photos/0/00.png\nnotes.doc\n")
    Path("empty.txt").write_text("# nothing\n")
    ended = CliRunner().invoke(main, ["sample", "included/oil", *arguments])
    assert ended.exit_code == 2, ended.output
    assert told in ended.output
    assert "Traceback" not in ended.output
