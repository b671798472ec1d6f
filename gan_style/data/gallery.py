"""Photographs on one side and paintings in several styles on the other."""

from pathlib import Path
from typing import cast

from gan_style.data.config import EMBEDDED, Gallery
from gan_style.data.layouts import split
from gan_style.data.manifest import Manifest, survey
from gan_style.paintbox.painters import Painter
from gan_style.paintbox.prepare import PaintboxSettings, prepare


def read(config: Gallery, cache: Path) -> tuple[list[Manifest], list[Manifest]]:
    """For training and for validation: the photographs, then the paintings of each style."""
    # Whoever paints them, the embedded photographs are the same.
    host = next((name for name, place in config.styles.items() if place == EMBEDDED), "oil")
    sides = [(host, config.source, "source"), *((name, place, "target") for name, place in config.styles.items())]
    train, validation = [], []
    for name, place, side in sides:
        if place == EMBEDDED:
            folder = prepare(PaintboxSettings(cast(Painter, name), config.scenes, config.cuts), cache)
            both = [survey(folder / part / side, cache, minimum=config.crop) for part in ("train", "val")]
        else:
            whole = survey(Path(place).expanduser(), cache, minimum=config.crop)
            both = [split(whole, "train", by_name=False), split(whole, "val", by_name=False)]
        train.append(both[0])
        validation.append(both[1])
    return train, validation
