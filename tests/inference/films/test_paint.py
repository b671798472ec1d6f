"""`gan-style film`: sound and times as they were; whatever happens, nothing that was made is lost."""

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.inference.films.parts import Parts
from gan_style.inference.films.reading import opened
from tests.inference.films.conftest import av, pan, write_film

pytestmark = pytest.mark.usefixtures("loaded_once")

TIMES = [*range(0, 60, 2), *range(65, 100, 5)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "clip.mp4", pan(37), times=TIMES, sound=True)


def film(source, output, *more):
    arguments = ["film", "included/cartoon", "--input", str(source), "--output", str(output), *more]
    return CliRunner().invoke(main, arguments)


def shown(path):
    with opened(path) as found:
        return [(frame.time * found.time_base, frame.pixels) for frame in found.frames()]


def sound_of(path):
    with av.open(str(path)) as found:
        return [bytes(packet) for packet in found.demux(found.streams.audio[0]) if packet.size]


@pytest.fixture(scope="module")
def painted(clip, tmp_path_factory):
    output = tmp_path_factory.mktemp("painted") / "painted.mp4"
    result = film(clip, output)
    assert result.exit_code == 0, result.output
    return output


def test_times_and_sound_stay_and_pictures_change(clip, painted):
    before, after = shown(clip), shown(painted)
    assert [when for when, _ in after] == [when for when, _ in before]
    assert sound_of(painted) == sound_of(clip)
    change = [np.abs(a.astype(int) - b).mean() for (_, a), (_, b) in zip(before, after, strict=True)]
    assert min(change) > 2
    assert [path.name for path in painted.parent.iterdir()] == ["painted.mp4"]


def test_ended_between_two_parts_it_goes_on_to_the_same_film(clip, painted, tmp_path, monkeypatch):
    close = Parts.close

    def close_and_end(*given):
        close(*given)
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "close", close_and_end)
        assert film(clip, tmp_path / "painted.mp4").exit_code == 1
    result = film(clip, tmp_path / "painted.mp4")
    assert "24 frames were painted before" in result.output
    assert (tmp_path / "painted.mp4").read_bytes() == painted.read_bytes()


@pytest.mark.slow
def test_killed_it_goes_on_to_the_same_film(clip, painted, tmp_path):
    output = tmp_path / "painted.mp4"
    command = [sys.executable, "-m", "gan_style", "film", "included/cartoon", "--input", str(clip)]
    process = subprocess.Popen([*command, "--output", str(output)], stdout=subprocess.DEVNULL)
    state = tmp_path / "painted.mp4.parts" / "000000.json"
    while not state.is_file() and process.poll() is None:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    result = film(clip, output)
    assert "24 frames were painted before" in result.output
    assert output.read_bytes() == painted.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"PK no archive at all"])
def test_without_the_state_at_its_end_a_part_is_painted_anew(clip, tmp_path, damage):
    parts = tmp_path / "painted.mp4.parts"
    parts.mkdir()
    for name in ("000000.mp4", "000000.npz"):
        (parts / name).write_bytes(damage)
    (parts / "000000.json").write_text('{"first": 0, "last": 46, "frames": 24}')
    assert Parts(tmp_path / "painted.mp4").done(".mp4").frames == 0


def test_what_is_not_ours_stays(clip, tmp_path):
    (tmp_path / "painted.mp4.parts").mkdir()
    (tmp_path / "painted.mp4.parts" / "mine.txt").touch()
    result = film(clip, tmp_path / "painted.mp4")
    assert result.exit_code == 2
    assert "mine.txt" in result.output


def test_sound_that_does_not_fit_is_told_before_anything_is_painted(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_style.training.load.load_method", None)
    write_film(tmp_path / "clip.mkv", pan(3), sound=True, codec="flac")
    result = film(tmp_path / "clip.mkv", tmp_path / "painted.mov")
    assert result.exit_code == 2
    assert "choose .mkv" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mkv"]


def test_pixels_keep_their_shape(tmp_path):
    write_film(tmp_path / "clip.mp4", pan(3), pixel=Fraction(64, 45))
    assert film(tmp_path / "clip.mp4", tmp_path / "painted.mp4").exit_code == 0
    with opened(tmp_path / "painted.mp4") as painted:
        assert painted.pixel == Fraction(64, 45)


def test_other_settings_do_not_go_on_with_what_was_begun(clip, tmp_path):
    output = tmp_path / "painted.mp4"
    (tmp_path / "painted.mp4.parts").mkdir()
    (tmp_path / "painted.mp4.parts" / "settings.json").write_text('{"size": 99}')
    result = film(clip, output)
    assert result.exit_code == 2
    assert "was begun with another" in result.output


def test_what_is_there_is_not_replaced(clip, painted):
    result = film(clip, painted)
    assert result.exit_code == 2
    assert "--overwrite" in result.output
    assert film(clip, clip, "--overwrite").exit_code == 2


def test_of_a_damaged_film_the_beginning_is_painted(clip, tmp_path):
    broken = bytearray(clip.read_bytes())
    start = broken.find(b"mdat") + 4
    broken[start + 12_000 : start + 12_400] = bytes(400)
    (tmp_path / "broken.mp4").write_bytes(broken)
    output = tmp_path / "painted.mp4"
    result = film(tmp_path / "broken.mp4", output)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "is damaged after" in result.output
    assert 0 < len(shown(output)) < 37


@pytest.mark.parametrize("name", ["painted.gif", "painted.webm"])
def test_where_it_does_not_fit_is_told_before_anything_is_painted(clip, tmp_path, name):
    result = film(clip, tmp_path / name)
    assert result.exit_code == 2
    assert name in result.output
    assert not (tmp_path / name).exists()
