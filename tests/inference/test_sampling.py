"""Any picture in, a painted one of the same size, orientation, alpha and format out."""

import threading
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from PIL import Image

from gan_style.inference import painting, sampling, threads
from gan_style.methods import Request
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.training.load import load_method

pytestmark = pytest.mark.usefixtures("loaded_once")


def inputs(folder: Path) -> Path:
    folder.mkdir()
    y, x = np.mgrid[:37, :61]
    ramp = np.stack([x * 4, y * 6, 200 - x], -1).astype(np.uint8)
    exif = Image.Exif()
    exif[images.ORIENTATION] = 6
    Image.fromarray(ramp).save(folder / "turned.jpg", exif=exif)
    Image.fromarray(np.dstack([ramp, (x * 4).astype(np.uint8)])).save(folder / "alpha.png")
    Image.fromarray(ramp[..., 0]).save(folder / "grey.png")
    Image.fromarray(ramp[..., 0].astype(np.uint16) * 257).save(folder / "deep.png")
    Image.fromarray(ramp[:2, :3]).save(folder / "tiny.png")
    Image.fromarray(ramp).resize((300, 40)).save(folder / "wide.webp")
    return folder


def test_every_kind_of_picture_comes_back_as_it_was(run, tmp_path, capsys):
    source, output = inputs(tmp_path / "in"), tmp_path / "out"
    (source / "broken.png").write_bytes(b"no picture")
    assert sampling.sample(run, [source], output, 128, [Request(seed=0)]) == 2
    assert "broken.png: not a picture" in capsys.readouterr().err
    for path in source.glob("*"):
        if path.stem == "broken":
            continue
        with Image.open(path) as before, Image.open(output / path.name) as after:
            assert after.size == before.size, path.name
            assert after.format == before.format
            assert after.getexif().get(images.ORIENTATION) == before.getexif().get(images.ORIENTATION)
            if path.stem == "alpha":
                np.testing.assert_array_equal(np.asarray(after)[..., 3], np.asarray(before)[..., 3])
    assert (output / "sheet.png").exists()


def test_the_seed_decides_the_strokes(run, tmp_path):
    source = inputs(tmp_path / "in") / "grey.png"
    outputs = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert sampling.sample(run, [source], tmp_path / name, None, [Request(seed=seed)]) == 0
        outputs.append(images.read(tmp_path / name / "grey.png").pixels)
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2])


class Translator:
    """A network, as far as `paint` is concerned: no picture is its own."""

    def is_finished(self, picture):
        return False


def test_large_pictures_are_painted_at_the_working_size(run):
    seen = []

    class Noting(Translator):
        def translate(self, pictures, request):
            seen.append(tuple(pictures.shape))
            return pictures

    picture = images.Picture(np.zeros((400, 300, 3), np.uint8))
    painted = painting.paint(Noting(), picture, 100, Request(seed=0))
    assert seen == [(1, 100, 75, 3)]
    assert painted.pixels.shape == (400, 300, 3)


def test_reflect_padding_keeps_a_networks_frame_out_of_the_picture(run):
    class Framing(Translator):
        """White in the middle, and black where zeros beyond the border would have come in."""

        def translate(self, pictures, request):
            height, width = pictures.shape[1:3]
            inner = np.ones((1, height - 6, width - 6, 3), np.float32)
            return ops.convert_to_tensor(
                np.pad(inner, ((0, 0), (3, 3), (3, 3), (0, 0)), constant_values=-1.0)
            )

    class Identity(Translator):
        def translate(self, pictures, request):
            return pictures

    picture = images.Picture(np.random.default_rng(0).integers(0, 256, (50, 90, 3), dtype=np.uint8))
    assert painting.paint(Framing(), picture, 512, Request()).pixels.min() == 0
    framed = painting.paint(Framing(), picture, 512, Request(), reflect_pad=4).pixels
    assert framed.shape == picture.pixels.shape
    assert framed.min() == 255
    for pad in (0, 4, 60, 120):  # the last ones are mirrored more than once
        np.testing.assert_array_equal(
            painting.paint(Identity(), picture, 512, Request(), pad).pixels, picture.pixels
        )


def test_one_that_cannot_be_written_does_not_stop_the_others(run, pictures, tmp_path, capsys):
    photos = pictures("photos", 3)
    for folder in ("a", "b"):  # their paintings would share a name, and the second has no room for its number
        (photos / folder).mkdir()
        (photos / folder / f"{'n' * 251}.png").write_bytes((photos / "00.png").read_bytes())
    assert sampling.sample(run, [photos], tmp_path / "out", 32, [Request(seed=0)]) == 2
    told = capsys.readouterr()
    assert "cannot be written: File name too long" in told.err
    assert "1 of 5 pictures could not be painted" in told.err
    assert "painted 4 pictures" in told.out
    assert len(list((tmp_path / "out").glob("*.png"))) == 5  # and the sheet


def test_a_picture_too_large_for_the_memory_does_not_stop_the_others(
    run, pictures, tmp_path, capsys, monkeypatch
):
    def paint(method, picture, *some, **how):
        if picture.pixels[0, 0, 0] == first[0, 0, 0]:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
        return picture

    photos = pictures("photos", 3)
    first = images.read(photos / "00.png").pixels
    monkeypatch.setattr(sampling, "paint", paint)
    assert sampling.sample(run, [photos], tmp_path / "out", 32, [Request(seed=0)]) == 2
    told = capsys.readouterr()
    assert "00.png: not enough memory to paint it" in told.err
    assert "painted 2 pictures" in told.out


def test_two_commands_do_not_paint_into_one_folder(run, pictures, tmp_path):
    with (
        exclusive(tmp_path / "out" / ".painting.lock", int),
        pytest.raises(UserError, match="another process is painting into this folder"),
    ):
        sampling.sample(run, [pictures("photos", 1)], tmp_path / "out", 32, [Request(seed=0)])


def test_pictures_that_are_painted_do_not_stay_in_memory(run, pictures, tmp_path, monkeypatch):
    seen, most = [], 0

    def paint(method, picture, *some, **how):
        nonlocal most
        painted = replace(picture, pixels=picture.pixels.copy())
        seen.extend(map(weakref.ref, (picture.pixels, painted.pixels)))
        most = max(most, sum(one() is not None for one in seen))
        return painted

    monkeypatch.setattr(sampling, "paint", paint)
    assert sampling.sample(run, [pictures("photos", 20)], tmp_path / "out", 32, [Request(seed=0)]) == 0
    assert len(seen) == 40
    assert most <= 4, "more than this picture and the one before it"


def test_a_thread_is_renewed_now_and_then_and_passes_on_what_is_raised():
    worker = threads.RenewedThread()
    assert len({worker(threading.get_native_id) for _ in range(2 * threads.JOBS)}) == 2
    with pytest.raises(ZeroDivisionError):
        worker(lambda: 1 / 0)


def test_sampling_paints_with_the_ema(run):
    method, _, _ = load_method(run)  # one of its own: its weights are changed
    picture = images.Picture(np.full((32, 32, 3), 90, np.uint8))
    before = painting.paint(method, picture, 64, Request(seed=0)).pixels
    for weight in method.generator.network.weights:
        weight.assign(weight * 0)
    np.testing.assert_array_equal(painting.paint(method, picture, 64, Request(seed=0)).pixels, before)


def test_without_input_the_bundled_photographs_are_painted(run, tmp_path):
    from gan_style.data.manifest import PictureStore

    _, config, _ = sampling.load_method(run)
    assert len(config.data.photographs(PictureStore(tmp_path))) == 12
    assert not list(tmp_path.glob("paintbox/oil-*"))  # photographs need no painter
