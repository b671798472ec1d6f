"""Classic sets from a server that drops, lies and serves what nobody should unpack."""

import errno
import hashlib
import io
import json
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from gan_style.config.load import load
from gan_style.data.fetch import download, fetch, registry, unpack
from gan_style.data.fetch.address import parse
from gan_style.data.kinds.published import Domains
from gan_style.data.manifest import PictureStore
from gan_style.system.errors import UserError
from tests.servers import Manners, serving

QUICK = (0.01, 0.02)
COUNTS = {"trainA": 4, "trainB": 3, "testA": 2, "testB": 1}
ENTRY = (
    "address: http://127.0.0.1:1/set.zip, kind: {kind}, A: horses, B: zebras, direction: AtoB, "
    "pictures: {{{pictures}}}"
)


@pytest.fixture(autouse=True)
def small_registry(tmp_path, monkeypatch) -> Path:
    path = tmp_path / "registry.yaml"
    pictures = ", ".join(f"{name}: {count}" for name, count in COUNTS.items())
    sides = ENTRY.format(kind="domains", pictures=pictures)
    pair = ENTRY.format(kind="aligned", pictures="train: 2, val: null")
    path.write_text(f"sets:\n  horse2zebra: {{{sides}}}\n  facades: {{{pair}}}\n")
    monkeypatch.setattr(registry, "REGISTRY", path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return path


def png(rng) -> bytes:
    content = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def files(rng) -> dict[str, bytes]:
    named = {
        f"horse2zebra/{part}/{index}.png": png(rng)
        for part, count in COUNTS.items()
        for index in range(count)
    }
    return {**named, "horse2zebra/readme.txt": b"words", "__MACOSX/horse2zebra/trainA/._0.png": b"junk"}


def zipped(files: dict[str, bytes], *, mode: int = 0, method: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, method
            archive.writestr(info, data)
    return content.getvalue()


def tarred(files: dict[str, bytes], *odd: tarfile.TarInfo) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in odd:
            archive.addfile(info)
    return content.getvalue()


def odd(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def bring(manners: Manners, root: Path, **more) -> None:
    fetch.fetch("horse2zebra", root, manners.address, waits=QUICK, **more)


def there(root: Path) -> dict[str, int]:
    return {
        path.name: len(list(path.glob("*.png"))) for path in (root / "horse2zebra").iterdir() if path.is_dir()
    }


def left_behind(root: Path) -> set[str]:
    return {path.name for path in root.iterdir()} - {".horse2zebra.lock"}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_set_is_fetched_unpacked_and_trained_on(files, pack, tmp_path, cache, capsys):
    root, content = tmp_path / "data", pack(files)
    with serving(Manners(content)) as server:
        bring(server, root)
        bring(server, root)
    assert len(server.asked) == 1  # the second time it was there
    assert there(root) == COUNTS
    assert left_behind(root) == {"horse2zebra"}
    assert (root / "horse2zebra/trainA/0.png").read_bytes() == files["horse2zebra/trainA/0.png"]
    receipt = json.loads((root / "horse2zebra/fetched.json").read_text())
    assert receipt["sha256"] == hashlib.sha256(content).hexdigest()
    told = capsys.readouterr().out
    assert "is there already" in told
    block = told.split("data:\n")[1].split("\n\n")[0].replace("286", "36").replace("256", "32")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(block)
    assert len(load(recipe, Domains).config.train(0, PictureStore(cache)).source) == 3


def test_a_dropped_connection_goes_on_where_it_broke_off(files, tmp_path):
    content = zipped(files)
    with serving(Manners(content, drops=3, drop_after=9_000)) as server:
        bring(server, tmp_path / "data")
    assert server.asked == [None, "bytes=9000-", "bytes=18000-", "bytes=27000-"]
    assert sum(server.sent) == len(content)
    assert there(tmp_path / "data") == COUNTS


@pytest.mark.parametrize("tag", ['"one"', None])
def test_another_version_on_the_server_is_not_mixed_with_the_old(files, tmp_path, tag):
    with serving(Manners(b"x" * 50_000, drops=9, drop_after=9_000, tag=tag)) as server:
        server.ranges = False
        with pytest.raises(
            UserError, match=r"broke off after 9,000 of 50,000 bytes, after 3 attempts; 9,000 bytes are kept"
        ):
            bring(server, tmp_path / "data")
        server.content, server.tag, server.drops, server.ranges = zipped(files), tag and '"two"', 0, True
        bring(server, tmp_path / "data")
    assert there(tmp_path / "data") == COUNTS


def test_a_server_without_ranges_is_asked_for_the_whole(files, tmp_path):
    content = zipped(files)
    with serving(Manners(content, ranges=False, drops=1, drop_after=9_000)) as server:
        bring(server, tmp_path / "data")
    assert server.sent == [9_000, len(content)]
    assert there(tmp_path / "data") == COUNTS


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(files, tmp_path):
    with serving(Manners(zipped(files), busy=2)) as server:
        bring(server, tmp_path / "data")
    assert len(server.asked) == 3
    with (
        serving(Manners(b"", status=404)) as server,
        pytest.raises(UserError, match=r"the server answers 404 .*--url .*--from-file"),
    ):
        bring(server, tmp_path / "other")
    assert len(server.asked) == 1


def test_no_server_at_all_is_one_message(tmp_path):
    with pytest.raises(
        UserError, match=r"http://127\.0\.0\.1:1/set\.zip: cannot be reached: .*refused.* after 3 attempts"
    ):
        fetch.fetch("horse2zebra", tmp_path, waits=QUICK)


def test_a_length_that_is_too_long_is_never_taken_for_whole(files, tmp_path):
    with (
        serving(Manners(zipped(files), ranges=False, extra_length=7)) as server,
        pytest.raises(UserError, match="broke off after"),
    ):
        bring(server, tmp_path / "data")
    assert not (tmp_path / "data/horse2zebra").exists()


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_length_that_is_too_short_is_found_out(files, pack, tmp_path):
    content = pack(files)
    with (
        serving(Manners(content, extra_length=-len(content) // 2)) as server,
        pytest.raises(UserError, match=r"no whole zip, tar or tar.gz archive|damaged or cut off"),
    ):
        bring(server, tmp_path / "data")
    assert left_behind(tmp_path / "data") == {"horse2zebra.refused"}


def test_a_page_instead_of_an_archive_is_refused_at_once(tmp_path):
    with (
        serving(Manners(b"<html>log in</html>", kind="text/html")) as server,
        pytest.raises(UserError, match=r"sends a page \(text/html\)"),
    ):
        bring(server, tmp_path / "data")
    with (
        serving(Manners(b"<html>log in</html>")) as server,
        pytest.raises(UserError, match=r"it starts with b'<html>log in"),
    ):
        bring(server, tmp_path / "data")


def test_size_and_checksum_are_compared_with_what_is_known(files, tmp_path, small_registry):
    content = zipped(files)
    digest = hashlib.sha256(content).hexdigest()
    text = small_registry.read_text()
    with serving(Manners(content)) as server:
        small_registry.write_text(text.replace("zebras,", "zebras, size: 1000,", 1))
        with pytest.raises(UserError, match=r"offers [\d,]+ bytes, but this set has 1,000"):
            bring(server, tmp_path / "data")
        assert not left_behind(tmp_path / "data")
        small_registry.write_text(text.replace("zebras,", f"zebras, sha256: {'a' * 64},", 1))
        with pytest.raises(
            UserError,
            match=rf"its sha256 is {digest}, but a+ was expected; .*\n.*kept as .*horse2zebra\.refused",
        ):
            bring(server, tmp_path / "data")
    refused = tmp_path / "data/horse2zebra.refused"
    fetch.fetch("horse2zebra", tmp_path / "data", from_file=refused, sha256=digest.upper())
    assert there(tmp_path / "data") == COUNTS
    assert refused.exists()
    with pytest.raises(UserError, match=rf"it is there with sha256 {digest}, not b+"):
        fetch.fetch("horse2zebra", tmp_path / "data", sha256="b" * 64)


def long_header() -> tarfile.TarInfo:
    info = tarfile.TarInfo("trainA/1.png")
    info.pax_headers = {"comment": "x" * 3_000_000}
    return info


BOMB = {"trainA/0.png": bytes(30_000_000)}


@pytest.mark.parametrize(
    ("pack", "expected"),
    [
        (partial(zipped, {"../escaped.png": b"x"}), r"'\.\./escaped\.png' in it leads out of its folder"),
        (partial(zipped, {"trainA/../../escaped.png": b"x"}), "leads out of its folder"),
        (partial(zipped, {"/tmp/escaped.png": b"x"}), "leads out of its folder"),
        (partial(zipped, {"..\\escaped.png": b"x"}), "leads out of its folder"),
        (partial(zipped, {"trainA/0.png": b"/etc/passwd"}, mode=0o120777), "is a link or a device"),
        (partial(zipped, BOMB, method=zipfile.ZIP_DEFLATED), "unpacks to more than 16,000,000 bytes"),
        (partial(tarred, {"../escaped.png": b"x"}), "leads out of its folder"),
        (partial(tarred, {"/tmp/escaped.png": b"x"}), "leads out of its folder"),
        (partial(tarred, {}, odd("trainA/0.png", tarfile.SYMTYPE, "/etc/passwd")), "is a link or a device"),
        (partial(tarred, {}, odd("trainA", tarfile.SYMTYPE, "/tmp")), "is a link or a device"),
        (partial(tarred, {}, odd("trainA/0.png", tarfile.LNKTYPE, "../../escaped")), "is a link or a device"),
        (partial(tarred, {}, odd("trainA/0.png", tarfile.CHRTYPE)), "is a link or a device"),
        (partial(tarred, {}, odd("trainA/0.png", tarfile.FIFOTYPE)), "is a link or a device"),
        (
            partial(tarred, {}, odd("trainA/0.png", tarfile.REGTYPE), long_header()),
            "damaged or cut off: a header of 3,000,",
        ),
        (partial(tarred, BOMB), "unpacks to more than 16,000,000 bytes"),
    ],
)
def test_hostile_archives_leave_nothing(pack, expected, tmp_path):
    # Packed here and not above: a packed archive would be part of the test's name, and holds the time.
    root = tmp_path / "data"
    with serving(Manners(pack())) as server, pytest.raises(UserError, match=expected):
        bring(server, root)
    assert left_behind(root) == {"horse2zebra.refused"}
    assert not list(tmp_path.rglob("escaped*"))


def test_names_that_come_twice_and_too_many_files_are_refused(files, tmp_path, monkeypatch):
    content = io.BytesIO(zipped(files))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("horse2zebra/trainA/0.png", b"other")
    path = tmp_path / "twice.zip"
    path.write_bytes(content.getvalue())
    with pytest.raises(UserError, match=r"twice\.zip: 'horse2zebra/trainA/0\.png' in it comes twice"):
        fetch.fetch("horse2zebra", tmp_path / "data", from_file=path)
    monkeypatch.setattr(unpack, "MAX_FILES", 5)
    path.write_bytes(zipped(files))
    with pytest.raises(UserError, match="unpacks to more than 5 files"):
        fetch.fetch("horse2zebra", tmp_path / "data", from_file=path)
    assert path.exists()
    assert not left_behind(tmp_path / "data")


def test_another_layout_says_what_was_expected_and_what_is_there(files, tmp_path):
    path = tmp_path / "copy.zip"
    path.write_bytes(zipped({name.replace("trainB", "zebras"): data for name, data in files.items()}))
    with pytest.raises(
        UserError,
        match="expected pictures in the folders trainA, trainB, testA, testB; "
        r"there is: .*horse2zebra/zebras",
    ):
        fetch.fetch("horse2zebra", tmp_path / "data", from_file=path)
    assert not left_behind(tmp_path / "data")


def test_fewer_pictures_than_published_are_told(files, tmp_path, capsys):
    path = tmp_path / "copy.zip"
    path.write_bytes(
        zipped({name: data for name, data in files.items() if name != "horse2zebra/trainA/3.png"})
    )
    fetch.fetch("horse2zebra", tmp_path / "data", from_file=path)
    assert "trainA: 3 pictures, where 4 were published" in capsys.readouterr().err


def test_a_full_disk_is_known_before_anything_is_fetched(files, tmp_path, monkeypatch):
    monkeypatch.setattr(download.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    with (
        serving(Manners(zipped(files))) as server,
        pytest.raises(UserError, match=r"bytes are needed and 1,000 are free"),
    ):
        bring(server, tmp_path / "data")
    assert not left_behind(tmp_path / "data")


def test_a_disk_that_fills_up_while_unpacking_costs_no_download(files, tmp_path, monkeypatch):
    def no_room(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with serving(Manners(zipped(files))) as server:
        with monkeypatch.context() as full:
            full.setattr(unpack.shutil, "copyfileobj", no_room)
            with pytest.raises(UserError, match="the disk is full; make room"):
                bring(server, tmp_path / "data")
        assert left_behind(tmp_path / "data") == {".horse2zebra.partial", ".horse2zebra.partial.json"}
        bring(server, tmp_path / "data")
    assert len(server.asked) == 1
    assert there(tmp_path / "data") == COUNTS


FETCH = """
import sys
from pathlib import Path
from gan_style.data.fetch import fetch, registry
registry.REGISTRY = Path(sys.argv[1])
fetch.fetch("horse2zebra", Path(sys.argv[2]), sys.argv[3])
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_fetch_asks_only_for_what_is_missing(files, tmp_path, small_registry, number):
    root, content = tmp_path / "data", zipped(files)
    # Dropped at once and then busy: it waits for a second, time enough for a second fetch to be refused
    # and for the first to be killed.
    with serving(Manners(content, drops=1, drop_after=9_000)) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", FETCH, str(small_registry), str(root), server.address],
            stderr=subprocess.DEVNULL,
        )
        partial = root / ".horse2zebra.partial"
        until = time.monotonic() + 20
        while not (partial.exists() and partial.stat().st_size == 9_000) and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(UserError, match="another process is fetching horse2zebra"):
            bring(server, root)
        process.send_signal(number)
        process.wait(20)
        bring(server, root)
    assert server.asked == [None, "bytes=9000-"]
    assert server.sent == [9_000, len(content) - 9_000]
    assert there(root) == COUNTS


def test_a_download_that_came_whole_before_the_kill_is_not_fetched_again(files, tmp_path):
    content = zipped(files)
    with serving(Manners(content)) as server:
        download.download(parse(server.address), tmp_path / ".horse2zebra.partial", None)
        bring(server, tmp_path)
    assert len(server.asked) == 1
    assert there(tmp_path) == COUNTS


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["horse2zebr"], "there is no set called 'horse2zebr'; did you mean 'horse2zebra'?"),
        (
            ["horse2zebra", "--url", "ftp://host/x.zip"],
            "--url ftp://host/x.zip: expected an address that starts with http",
        ),
        (["horse2zebra", "--url", "http://a/b", "--from-file", "c"], "give one of them"),
        (["horse2zebra", "--from-file", "nowhere.zip"], "nowhere.zip: there is no such file"),
        (["horse2zebra", "--sha256", "12ab"], "--sha256 12ab: expected 64 hexadecimal digits"),
    ],
)
def test_mistakes_on_the_command_line_are_one_message(tmp_path, arguments, expected):
    told = CliRunner().invoke(main, ["data", "fetch", *arguments, "--output", str(tmp_path)])
    assert told.exit_code == 2
    assert expected in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_a_folder_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "horse2zebra").mkdir()
    with pytest.raises(UserError, match="this folder is in the way"):
        fetch.fetch("horse2zebra", tmp_path)


def test_the_list_shows_what_is_there(files, tmp_path, monkeypatch):
    (tmp_path / "copy.zip").write_bytes(zipped(files))
    monkeypatch.setenv("GAN_STYLE_DATA", str(tmp_path / "d"))
    assert (
        CliRunner()
        .invoke(main, ["data", "fetch", "horse2zebra", "--from-file", str(tmp_path / "copy.zip")])
        .exit_code
        == 0
    )
    lines = CliRunner().invoke(main, ["data", "list"]).stdout.splitlines()
    assert str(tmp_path / "d") in " ".join(lines)
    assert any("facades" in line and " no " in line for line in lines)


def test_the_registry_is_read_strictly_and_holds_the_classic_sets(monkeypatch, small_registry):
    small_registry.write_text(small_registry.read_text().replace("direction", "way", 1))
    with pytest.raises(UserError, match=r"registry\.yaml:2:\d+: sets\.horse2zebra\.way: unknown key"):
        registry.known_sets()
    monkeypatch.undo()
    sets = registry.known_sets()
    painters = {"monet2photo", "vangogh2photo", "cezanne2photo", "ukiyoe2photo"}
    assert set(sets) == painters | {
        "horse2zebra",
        "apple2orange",
        "summer2winter_yosemite",
        "facades",
        "maps",
        "edges2shoes",
    }
    assert all(sets[name].direction == "BtoA" for name in painters)
    for name, known in sets.items():
        assert known.address.split("/")[-1].split(".")[0] == name
        assert known.size is not None or known.sha256 is None
