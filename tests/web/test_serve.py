"""The command: what is wrong is one sentence; and a crowd that sends whatever it likes at once."""

import io
import os
import random
import socket
import struct
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from gan_style.cli.main import main
from gan_style.web import limits
from gan_style.web.uploads import PREFIX
from tests.web.served import served


def refused(*options: str) -> str:
    told = CliRunner().invoke(main, ["serve", *options])
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1
    return told.stderr


def test_a_port_in_use_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused("--port", str(port), "--runs", str(tmp_path))
    where, advice = f"127.0.0.1:{port}", "choose another --port, or --port 0 for a free one"
    assert told == f"error: {where} is in use by another program; {advice}\n"


def test_mistakes_are_told_before_anything_is_opened(tmp_path, monkeypatch):
    assert "at least 16" in refused("--host", "0.0.0.0", "--token", "short", "--port", "0")
    assert "no such folder" in refused("--photographs", str(tmp_path / "none"))
    assert "cannot be listened on" in refused("--host", "no such host", "--port", "0")
    assert "a..b: this is not the name of a machine" in refused("--host", "a..b", "--port", "0")
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert "pip install 'gan-style[web]'" in refused()


@pytest.mark.slow
def test_another_address_asks_for_the_token_that_is_printed(tmp_path):
    with served(tmp_path / "runs", "--host", "0.0.0.0") as site:
        address, _, token = site.address.partition("?token=")
        assert len(token) >= 24
        assert httpx.get(f"{address}api/runs").status_code == 401
        assert httpx.post(f"{address}api/photographs", content=b"x").status_code == 401
        assert httpx.get(f"{address}api/runs", headers={"authorization": f"Bearer {token}"}).json() == []
        browser = httpx.Client(base_url=address, follow_redirects=True)
        assert "tablist" in browser.get("/", params={"token": token}).text
        assert browser.get("/api/runs").json() == []
        rebound = {"host": "evil.example", "authorization": f"Bearer {token}"}
        assert httpx.get(f"{address}api/runs", headers=rebound).status_code == 421
        folders = set(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))
        assert site.stop() == 0
        assert len(folders - set(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))) == 1, "it leaves nothing"


def peak(process: int) -> int:
    """Bytes of memory that a process has had at most."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def bad_ones() -> dict[str, tuple[bytes, int]]:
    """What a crowd sends that are no pictures, and how each is answered."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    large = io.BytesIO()
    Image.new("1", (9000, 9000)).save(large, "PNG")
    return {
        "bomb.png": (bomb, 422),
        "wide.png": (large.getvalue(), 422),
        "empty.jpg": (b"", 422),
        "script.jpg": (b"<html><script>alert(1)</script>", 422),
        "program.eps": (b"%!PS-Adobe-3.0 (/etc/passwd) run", 422),
        "../../../etc/passwd": (b"root:x:0:0", 422),
        "noise.jpg": (b"\xff\xd8\xff\xe0" + os.urandom(20_000), 422),
        "long.tif": (b"\0" * (limits.UPLOAD_BYTES + 1), 413),
    }


@pytest.mark.slow
def test_forty_at_once_get_their_own_pictures_and_bad_ones_a_sentence(tmp_path):
    rng, folder = np.random.default_rng(0), tmp_path / "photographs"
    folder.mkdir()
    for number in range(24):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
        kind = (".jpg", ".png", ".webp")[number % 3]
        coarse.resize((90 + number, 70), Image.Resampling.BICUBIC).save(folder / f"{number}{kind}")
    told = CliRunner().invoke(
        main, ["sample", "included/sketch", "--input", str(folder), "--output", str(tmp_path / "painted")]
    )
    assert told.exit_code == 0, told.output
    bad = list(bad_ones().items())
    jobs: list = [*sorted(folder.iterdir()), *bad, *bad]
    random.Random(0).shuffle(jobs)
    assert len(jobs) == 40
    with served(tmp_path / "runs", "--threads", "2") as site:

        def visitor(job) -> tuple[object, object]:
            if isinstance(job, tuple):
                name, (content, expected) = job
                answer = site.send(content, name)
                assert answer.status_code == expected, (name, answer.text)
                assert answer.json()["detail"]
                return None, None
            photograph = site.send(job.read_bytes(), job.name).json()
            painting = site.paint(photograph["id"], "included/sketch")
            return site.file(painting), (tmp_path / "painted" / job.name).read_bytes()

        began = time.monotonic()
        with ThreadPoolExecutor(40) as crowd:
            results = list(crowd.map(visitor, jobs))
        assert all(mine == expected for mine, expected in results)
        assert sum(mine is not None for mine, _ in results) == 24
        print(f"{time.monotonic() - began:.1f} s, the page's process {peak(site.process.pid) / 1e6:.0f} MB")
        assert peak(site.process.pid) < 400e6
        (kept,) = [
            path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if len(list(path.iterdir())) > 20
        ]
        assert len(list(kept.iterdir())) == 1 + 24 + 24, "the lock, what was sent, what was painted"


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


@pytest.mark.slow
def test_a_painting_is_stopped_at_once_and_nothing_paints_on_when_the_page_is_killed(tmp_path):
    file = io.BytesIO()
    Image.new("RGB", (3000, 2000), "red").save(file, "JPEG")
    with served(tmp_path / "runs", "--threads", "1") as site:
        photograph = site.send(file.getvalue(), "large.jpg").json()["id"]

        def begun() -> str:
            asked = {"photograph": photograph, "painter": "included/oil", "size": "full"}
            id = site.client.post("/api/paintings", json=asked).json()["id"]
            while site.client.get(f"/api/paintings/{id}").json()["state"] != "painting":
                time.sleep(0.2)
            return id

        stopped, first = begun(), children(site.process.pid)
        assert site.client.delete(f"/api/photographs/{photograph}").status_code == 409
        assert site.client.delete(f"/api/paintings/{stopped}").status_code == 204
        assert site.client.get(f"/api/paintings/{stopped}").status_code == 404
        small = site.paint(photograph, "included/oil", size=64)
        assert small["state"] == "done"
        begun()
        (painting,) = children(site.process.pid)
        assert [painting] != first
        site.process.kill()
        site.process.wait()
        ends = time.monotonic() + 20
        while Path(f"/proc/{painting}").exists():
            assert time.monotonic() < ends, "it paints for nobody"
            time.sleep(0.2)
