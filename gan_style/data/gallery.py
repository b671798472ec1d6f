"""Photographs on one side and paintings in several styles on the other."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from gan_style.data.config import EMBEDDED, Gallery
from gan_style.data.layouts import Part, split
from gan_style.data.manifest import Manifest, survey
from gan_style.paintbox.painters import Painter
from gan_style.paintbox.prepare import PaintboxSettings, prepare


def read(config: Gallery, parts: Sequence[Part], cache: Path) -> list[list[Manifest]]:
    """Of each part asked for: the photographs, then the paintings of each style. Every folder is read once."""
    # Whoever paints them, the embedded photographs are the same.
    host = next((name for name, place in config.styles.items() if place == EMBEDDED), "oil")
    sides = [(host, config.source, "source"), *((name, place, "target") for name, place in config.styles.items())]
    manifests = []
    for name, place, side in sides:
        if place == EMBEDDED:
            folder = prepare(PaintboxSettings(cast(Painter, name), config.scenes, config.cuts), cache)
            manifests.append([survey(folder / part / side, cache, minimum=config.crop) for part in parts])
        else:
            whole = survey(Path(place).expanduser(), cache, minimum=config.crop)
            manifests.append([split(whole, part, by_name=False) for part in parts])
    return [list(part) for part in zip(*manifests, strict=True)]
