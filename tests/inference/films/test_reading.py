"""Films as upright frames with their times; what is none is refused in a sentence."""

import struct

import numpy as np
import pytest

from gan_style.inference.films.reading import BadFilm, opened
from tests.inference.films.conftest import av, pan, write_film

TIMES = [0, 2, 3, 9, 10, 30]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "clip.mp4", pan(30), sound=True)


def read(path):
    with opened(path) as film:
        return list(film.frames())


def test_frames_come_with_their_own_times(tmp_path):
    frames = read(write_film(tmp_path / "odd.mp4", pan(6), times=TIMES))
    with opened(tmp_path / "odd.mp4") as film:
        assert [frame.time * film.time_base * 50 for frame in frames] == TIMES


def test_colours_are_not_shifted(clip):
    for frame, shown in zip(read(clip), pan(30), strict=True):
        assert abs(frame.pixels.astype(float) - shown).mean() < 4
        assert abs((frame.pixels.astype(float) - shown).mean((0, 1))).max() < 0.6


@pytest.mark.parametrize("name", ["clip.mp4", "clip.ts", "clip.avi"])
def test_reading_can_go_on_after_some_frames(tmp_path, name):
    write_film(tmp_path / name, pan(30), times=list(range(30)) if name.endswith("avi") else None)
    every = read(tmp_path / name)
    assert len(every) == 30
    with opened(tmp_path / name) as film:
        later = list(film.frames(skip=18))
    assert [frame.time for frame in later] == [frame.time for frame in every[18:]]
    assert np.array_equal(later[0].pixels, every[18].pixels)


def test_what_is_no_film_is_told_in_a_sentence(tmp_path):
    (tmp_path / "text.mp4").write_text("no film at all")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    for name in ("text.mp4", "empty.mp4", "list.m3u8", "absent.mp4"):
        with pytest.raises(BadFilm, match=name):
            read(tmp_path / name)


def test_sound_alone_is_no_film(tmp_path, clip):
    with av.open(str(clip)) as film, av.open(str(tmp_path / "sound.mp4"), "w") as sound:
        stream = sound.add_stream_from_template(film.streams.audio[0])
        for packet in film.demux(film.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                sound.mux(packet)
    with pytest.raises(BadFilm, match="no moving pictures"):
        read(tmp_path / "sound.mp4")


@pytest.mark.parametrize(("width", "height"), [(2, 2), (20_000, 32)])
def test_sizes_have_limits(tmp_path, width, height):
    path = tmp_path / "odd.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    with pytest.raises(BadFilm, match=f"{width}x{height} pixels"):
        read(path)


def test_damage_in_the_middle_comes_after_what_is_whole(clip, tmp_path):
    broken = bytearray(clip.read_bytes())
    middle = len(broken) // 2
    broken[middle : middle + 600] = bytes(600)
    (tmp_path / "broken.mp4").write_bytes(broken)
    seen = []
    with (
        pytest.raises(BadFilm, match=r"broken.mp4: is damaged after 0:00"),
        opened(tmp_path / "broken.mp4") as film,
    ):
        seen.extend(film.frames())
    assert 0 < len(seen) < 30


def test_a_film_is_turned_as_its_file_asks_for(clip, tmp_path):
    turned = bytearray(clip.read_bytes())
    matrix = turned.find(b"tkhd") + 4 + 40
    turned[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    (tmp_path / "turned.mp4").write_bytes(turned)
    expected = np.rot90(read(clip)[3].pixels, -1)  # clockwise, as players do
    assert np.array_equal(read(tmp_path / "turned.mp4")[3].pixels, expected)


def test_frames_that_change_their_size_come_in_the_first_ones(tmp_path):
    write_film(tmp_path / "a.ts", pan(3))
    write_film(tmp_path / "b.ts", pan(3, 96, 128))
    (tmp_path / "both.ts").write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    frames = read(tmp_path / "both.ts")
    assert {frame.pixels.shape for frame in frames} == {(72, 96, 3)}
    assert sorted({frame.time for frame in frames}) == [frame.time for frame in frames]
