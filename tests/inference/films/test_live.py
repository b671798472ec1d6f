"""Live pictures: the newest frame is painted, at the size that the wanted rate allows."""

import time

import numpy as np
import pytest
from click.testing import CliRunner

from gan_style.cli.main import main
from gan_style.inference.films.live import LEAST, Pace
from gan_style.inference.films.newest import Newest
from gan_style.inference.films.reading import opened
from tests.inference.films.conftest import pan, write_film


def test_frames_that_nobody_had_time_for_are_left_out():
    def frames():
        for number in range(40):
            time.sleep(0.005)
            yield np.full((2, 2, 3), number, np.uint8)

    newest, seen = Newest(frames()), []
    for frame, taken in newest:
        assert time.monotonic() - taken < 1
        seen.append(int(frame[0, 0, 0]))
        time.sleep(0.04)
    assert newest.count == 40
    assert seen == sorted(set(seen))
    assert len(seen) < 20
    assert seen[-1] == 39


def test_what_ends_a_camera_is_told():
    def frames():
        yield np.zeros((2, 2, 3), np.uint8)
        raise ValueError("unplugged")

    with pytest.raises(ValueError, match="unplugged"):
        list(Newest(frames()))


@pytest.mark.parametrize(("cost", "expected"), [(1e-7, 1024), (4e-6, 192), (1e-3, LEAST)])
def test_the_size_settles_where_the_rate_is_reached(cost, expected):
    """`cost`: seconds a pixel of a square picture."""
    pace = Pace(rate=5, most=1024)
    for _ in range(80):
        pace.took(cost * pace.size**2)
    assert abs(pace.size - expected) <= 32


def test_a_film_runs_at_its_own_speed_into_a_file(tmp_path):
    clip = write_film(tmp_path / "clip.mp4", pan(40))  # of 1.6 seconds
    output = tmp_path / "live.mp4"
    arguments = ["live", "included/cartoon", "--input", str(clip), "--output", str(output), "--rate", "4"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "frames a second at" in result.output
    assert "s behind" in result.output
    with opened(output) as film:
        shown = list(film.frames())
    assert 1 <= len(shown) <= 40
    assert shown[-1].time * film.time_base < 3


@pytest.mark.parametrize(
    "where", [["--input", "/dev/video77"], ["--input", "absent.mp4"], ["--output", "a.txt"]]
)
def test_what_cannot_be_opened_is_told(tmp_path, where):
    options = {"--input": str(tmp_path / "clip.mp4"), "--output": str(tmp_path / "live.mp4")} | dict([where])
    write_film(tmp_path / "clip.mp4", pan(2))
    result = CliRunner().invoke(
        main, ["live", "included/cartoon", *(one for pair in options.items() for one in pair)]
    )
    assert result.exit_code == 2
    assert "error: " in result.output
