"""Which pictures a run is tested with, and what they were cut from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_style.data.kept import write_note
from gan_style.data.kinds.folders import Folders
from gan_style.data.kinds.gallery import Gallery
from gan_style.data.manifest import PictureStore
from gan_style.data.paintbox.prepare import PaintboxSettings, hashes
from gan_style.system import images
from gan_style.system.errors import UserError


def test_folders_give_their_test_pictures_and_training_targets(tmp_path, cache, pictures):
    config = Folders(
        kind="folders", source=str(pictures("photos", 20)), target=str(pictures("paintings", 20)), crop=32
    )
    (one,) = config.held_out("test", PictureStore(cache))
    assert not one.paired
    assert set(one.target.names).isdisjoint(one.others.names)
    aligned = config.model_copy(update={"pairing": "paired"})
    aligned.held_out("test", PictureStore(cache))
    lost = next(
        entry
        for entry in Path(config.target).iterdir()
        if entry.stem in aligned.held_out("test", PictureStore(cache))[0].target.names
    )
    lost.unlink()
    with pytest.raises(UserError, match=f"no partner of the same name, such as {lost.stem}"):
        aligned.held_out("test", PictureStore(cache))
    renamed = replace(one.source, names=tuple(f"x{name}" for name in one.source.names))
    assert renamed.sha256() != one.source.sha256()


def prepared(painter, cache):
    """A paintbox as it lies in the cache, of noise."""
    rng = np.random.default_rng(0)
    folder = cache / "paintbox" / PaintboxSettings(painter).key()
    files = [
        f"train/{role}/{name}"
        for role in ("source", "target")
        for name in ("scene000", "scene001", "rocket0", "rocket1")
    ]
    files += [
        f"test/{role}/{name}{corner}"
        for role in ("source", "target", "second")
        for name in "ab"
        for corner in range(2)
    ]
    for file in files:
        images.write(folder / f"{file}.png", images.Picture(rng.integers(0, 256, (40, 40, 3), np.uint8)))
    write_note(folder / "done", hashes(folder))


def test_pictures_of_one_name_stay_two(tmp_path, cache, pictures):
    """a.jpg beside a.png, or x/a.png beside x-a.png: under one name, one would take the other's place."""
    folder = pictures("photos", 30)
    for index in range(30):
        negative = 255 - images.read(folder / f"{index:02d}.png").pixels
        Image.fromarray(negative).save(folder / f"{index:02d}.jpg")
    config = Folders(kind="folders", source=str(folder), target=str(folder), crop=32)
    (one,) = config.held_out("test", PictureStore(cache))
    assert len(set(one.source.names)) == len(set(one.source.originals)) == len(one.source)
    stems = [name.removesuffix("-2") for name in one.others.names]
    assert len(set(stems)) < len(stems) == len(set(one.others.names))


def test_a_gallery_has_counterparts_for_all_styles_or_for_none(tmp_path, pictures):
    own, cache = str(pictures("own", 20)), tmp_path / "cache"
    for painter in ("oil", "watercolor"):
        prepared(painter, cache)

    def held_out(source, styles):
        return Gallery(kind="gallery", source=source, styles=styles, crop=32).held_out(
            "test", PictureStore(cache)
        )

    for one in held_out("paintbox", {"oil": "paintbox", "watercolor": "paintbox"}):
        assert one.paired
        assert one.source.names == one.target.names == one.second.names
    for source in ("paintbox", own):
        oil, mine = held_out(source, {"oil": "paintbox", "mine": own})
        assert oil.source.sha256() == mine.source.sha256()
        assert [one.paired for one in (oil, mine)] == [False, False]
        # Second paintings of the test photographs would be nearer to the first than any other real one is.
        assert set(oil.target.originals) == {"a", "b"}
        assert set(oil.others.originals) == {"scene000", "scene001", "rocket"}
        assert set(mine.others.names).isdisjoint(mine.target.names)
