"""`sample` on a folder goes on where it was stopped: by content and settings, whatever was killed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.inference import by_rows, sampling, tiles
from gan_style.inference.ledger import Ledger
from gan_style.inference.outputs import Outputs
from gan_style.inference.settings import settings
from gan_style.methods import Request
from gan_style.methods.base.tiling import Tiling
from gan_style.system.errors import UserError
from gan_style.system.rows.files import Stored, png
from tests.inference.test_tiles import smooth
from tests.small import smooth_pictures

ALL = ["00.png", "01.png", "02.png"]
PLAIN = Request(seed=0)
COUNT, KILLS = 300, 5
TALL = 420, 260  # pixels
TILING = Tiling(multiple=4, input_reach=56, network_reach=16, bytes_a_pixel=181)  # of the small recipe


pytestmark = pytest.mark.usefixtures("loaded_once")


class Stopped(BaseException):
    """As when the process ends in the middle."""


def noted(output: Path) -> list[str]:
    """Names of paintings, each as often as it was painted."""
    path, names = output / ".painted.jsonl", []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            names.append(json.loads(line)["name"])
        except ValueError:  # torn
            continue
    return [name for name in names if name != "sheet.png"]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.fixture
def photos(pictures):
    return pictures("photos", 3)


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def sampled(run, photos, output, capsys):
    """Calls `sample` on a folder of three; returns the names that were painted, and what was told."""

    def call(request=PLAIN, size=32, code=0, **how):
        before = noted(output)
        assert sampling.sample(run, [photos], output, size, [request], **how) == code
        told = capsys.readouterr()
        return noted(output)[len(before) :], told.out + told.err

    return call


def test_what_is_painted_is_left_and_no_network_is_read_for_it(sampled, output, monkeypatch):
    assert sampled()[0] == ALL
    before = files(output)
    (output / "sheet.png").unlink()
    monkeypatch.setattr(sampling, "load_method", None)
    painted, told = sampled()
    assert painted == []
    assert "painted 3 of 3 before" in told
    assert files(output) == before, "and the sheet, made of what is there"


def test_a_call_that_was_stopped_goes_on(sampled, output, monkeypatch):
    write = Outputs.write

    def stopped_at_the_second(self, path, *given):
        if path.stem == "01":
            raise Stopped
        return write(self, path, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Outputs, "write", stopped_at_the_second)
        with pytest.raises(Stopped):
            sampled()
    with (output / ".painted.jsonl").open("a") as torn:
        torn.write('{"name": "01.p')
    (output / ".01.png.partial").write_bytes(b"half")
    painted, told = sampled()
    assert painted == ["01.png", "02.png"]
    assert "painted 1 of 3 before; going on with 2" in told
    assert not (output / ".01.png.partial").exists()
    gone_on = files(output)
    shutil.rmtree(output)
    sampled()
    assert files(output) == gone_on


@pytest.mark.parametrize(
    "changed",
    [
        {"request": replace(PLAIN, seed=1)},
        {"size": 40},
        {"memory": 3 * 2**30},
        {"overwrite": True},
    ],
    ids=lambda changed: "-".join(changed),
)
def test_other_settings_paint_again(changed, sampled):
    assert sampled()[0] == ALL
    assert sampled(**changed)[0] == ALL


def test_what_is_asked_for_counts_by_its_content(run, rng):
    _, config, checkpoint = sampling.load_method(run)

    def of(checkpoint=checkpoint, **asked):
        return settings(run, config, checkpoint, [Request(**asked)], None, 1)

    one, other = (rng.random((4, 5, 3)).astype(np.float32) for _ in range(2))
    mask = np.zeros((4, 5), np.float32)
    seen = [
        of(),
        of(style_images=((one, 1.0),)),
        of(style_images=((other, 1.0),)),
        of(style_images=((one, 2.0),)),
        of(style_images=((one.reshape(5, 4, 3), 1.0),)),
        of(masks={"a": mask}),
        of(masks={"a": 1 - mask}),
        of(masks={"b": mask}),
        of(styles={"a": 1.0}),
        of(strength=0.5),
        of(keep_colour=True),
        of(replace(checkpoint, folder=checkpoint.folder.with_name("step-00000001"))),
    ]
    assert len(set(seen)) == len(seen)
    assert seen[1] == of(style_images=((one.copy(), 1.0),))


def test_only_what_changed_is_painted_again(sampled, photos, output):
    sampled()
    (photos / "01.png").write_bytes((photos / "02.png").read_bytes())
    os.utime(photos / "00.png")
    (photos / "02.png").rename(photos / "03.png")
    assert sampled()[0] == ["01.png", "03.png"], "another name is another painting"
    assert (output / "01.png").read_bytes() == (output / "03.png").read_bytes()


def test_what_is_lost_or_damaged_is_painted_again(sampled, output):
    sampled()
    before = files(output)
    (output / "00.png").write_bytes(before["00.png"][:-40])
    (output / "01.png").unlink()
    (output / "02.png").write_bytes(b"")
    assert sampled()[0] == ALL
    assert files(output) == before


def test_what_another_made_of_it_is_refused_as_ever(sampled, output):
    sampled()
    Image.new("RGB", (8, 8)).save(output / "01.png")
    with pytest.raises(UserError, match=r"01.png is there already.*nothing was painted"):
        sampled()


def test_what_failed_is_told_at_the_end_and_tried_again(sampled, photos, output):
    good = (photos / "00.png").read_bytes()
    (photos / "00.png").write_bytes(b"no picture")
    painted, told = sampled(code=2)
    assert painted == ["01.png", "02.png"]
    last = told[told.index("1 of 3 pictures could not be painted; the same command tries them again:") :]
    assert "00.png: not a picture" in last
    assert sampled(code=2)[0] == []
    (photos / "00.png").write_bytes(good)
    assert sampled()[0] == ["00.png"]
    gone_on = files(output)
    shutil.rmtree(output)
    sampled()
    assert files(output) == gone_on, "the sheet shows the first ones, whenever they were painted"


def test_jpegs_of_the_sheet_are_as_they_were_stored(run, photos, output):
    for path in list(photos.iterdir()):
        Image.open(path).save(path.with_suffix(".jpg"))
        path.unlink()

    def call():
        return sampling.sample(run, [photos], output, 32, [PLAIN])

    assert call() == 0
    before = files(output)
    (output / "00.jpg").unlink()
    assert call() == 0
    assert files(output) == before


def test_a_ledger_of_before_owns_its_paintings_and_paints_them_again(sampled, output):
    sampled()
    path = output / ".painted.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**line, "of": ""}) + "\n" for line in lines))
    assert Ledger(output).owns(output / "00.png")
    assert sampled()[0] == ALL


def many(folder: Path, rng: np.random.Generator) -> None:
    """Of three sizes and two formats; every tenth has the content of another, every fiftieth is broken."""
    smooth_pictures(folder, rng, COUNT, (72, 64))
    for index, path in enumerate(sorted(folder.iterdir())):
        with Image.open(path) as picture:
            if index % 3:
                picture = picture.resize((96, 64) if index % 3 == 1 else (64, 80))
                path.unlink()
                path = path.with_suffix(".jpg" if index % 2 else ".png")
                picture.save(path)
        if index % 10 == 7:
            first = next(folder.glob("00.*"))
            path.unlink()
            path.with_suffix(first.suffix).write_bytes(first.read_bytes())
        if index % 50 == 33:
            path.write_bytes(b"no picture")


@pytest.mark.slow
def test_a_folder_of_300_that_is_killed_five_times_is_as_one_that_never_was(run, tmp_path, rng, capsys):
    photos = tmp_path / "many"
    many(photos, rng)

    def start(output: str) -> subprocess.Popen:
        words = [sys.executable, "-m", "gan_style", "sample", str(run.folder), "--size", "96"]
        words += ["--input", str(photos), "--output", str(tmp_path / output)]
        return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    straight, killed = tmp_path / "straight", tmp_path / "killed"
    assert start("straight").wait() == 2
    moments, left = random.Random(0), []
    for _ in range(KILLS):
        process = start("killed")
        # Somewhere in the next share of what is left, so that there is something left for the last.
        aim = len(noted(killed)) + moments.randint(1, COUNT // (KILLS + 1))
        while len(noted(killed)) < aim:
            assert process.poll() is None
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        left.append(len(files(killed)))
    assert start("killed").wait() == 2
    assert files(killed) == files(straight)
    assert len(files(straight)) == COUNT - 6 + 1, "all but the broken ones, and the sheet"
    again = len(noted(killed)) - (COUNT - 6)
    assert again <= KILLS, "a kill costs the picture that was being stored"
    assert not list(killed.glob(".*.partial"))
    with capsys.disabled():
        print(f"\nkilled with {left} files there; {again} pictures were painted twice")


@pytest.fixture
def by_rows_in_small_tiles(monkeypatch):
    monkeypatch.setattr(sampling, "SHARE", 10**12)
    monkeypatch.setattr(by_rows, "tiling_of", lambda method: TILING)
    monkeypatch.setattr(by_rows, "side_of_tiles", lambda *_: 200)


@pytest.mark.usefixtures("by_rows_in_small_tiles")
def test_a_call_that_is_stopped_in_a_picture_leaves_nothing_of_it(run, tmp_path, monkeypatch):
    file, output = tall(tmp_path / "a.png"), tmp_path / "out"
    asked = (run, [file], output, 1000, [PLAIN])
    paint, painted = tiles.Tiler.paint, []

    def stopped(self, part, *given):
        painted.append(part)
        if len(painted) == 6:
            assert list(output.glob(".a.png.partial")), "and it had begun to be stored"
            raise Stopped
        return paint(self, part, *given)

    with monkeypatch.context() as patched:
        patched.setattr(tiles.Tiler, "paint", stopped)
        with pytest.raises(Stopped):
            sampling.sample(*asked)
    assert not [path for path in output.iterdir() if "a.png" in path.name]
    assert sampling.sample(*asked) == 0
    first = files(output)
    monkeypatch.setattr(sampling, "load_method", None)
    assert sampling.sample(*asked) == 0, "nothing is painted again"
    assert files(output) == first


@pytest.mark.usefixtures("by_rows_in_small_tiles")
def test_a_picture_that_is_damaged_in_the_middle_is_named_and_the_others_are_painted(run, tmp_path, capsys):
    good, bad, output = tall(tmp_path / "good.png"), tmp_path / "bad.png", tmp_path / "out"
    with bad.open("wb") as file:
        png(file, Stored(*TALL, 3, 8), [np.random.default_rng(0).integers(0, 256, (*TALL, 3), np.uint8)])
    content = bytearray(bad.read_bytes())
    content[len(content) // 2] ^= 1
    bad.write_bytes(content)
    assert sampling.sample(run, [bad, good], output, 1000, [PLAIN]) == 2
    told = capsys.readouterr().err
    assert told.count("bad.png") == 1
    assert "1 of 2 pictures could not be painted" in told
    assert sorted(files(output)) == ["good.png", "sheet.png"]


def tall(path: Path) -> Path:
    Image.fromarray(smooth(*TALL)).save(path)
    return path
