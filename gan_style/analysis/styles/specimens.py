"""What is compared: pictures, or folders of them, each with its texture as a backbone sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_style.features.backbones import Backbone
from gan_style.inference.files import find_pictures
from gan_style.metrics.textures import Textures, textures, together
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import track, warn


@dataclass(frozen=True, eq=False)
class Specimen:
    """One style: the texture of a picture, or of all pictures of a folder as if they were one."""

    name: str
    path: Path
    textures: Textures
    picture: np.ndarray  # (H, W, 3) uint8, one that shows it


def specimens(paths: Sequence[Path], backbone: Backbone, size: int) -> list[Specimen]:
    """Pictures that cannot be used are named and skipped, and so is a style of which nothing is left."""
    paths = list(dict.fromkeys(paths))
    seen = [list(usable(path, backbone, size)) for path in paths]
    for path, pictures in zip(paths, seen, strict=True):
        if path.is_dir() and not pictures:
            warn(f"{path}: no picture in it can be used; it is left out")
    return [
        Specimen(name, path, together([one for one, _ in pictures]), pictures[len(pictures) // 2][1])
        for name, path, pictures in zip(names(paths), paths, seen, strict=True)
        if pictures
    ]


def usable(path: Path, backbone: Backbone, size: int) -> Iterator[tuple[Textures, np.ndarray]]:
    """Texture and pixels of each picture, scaled down to at most `size` pixels: textures depend on scale."""
    files = find_pictures([path])
    for file in track(files, len(files), f"looking at {path}"):
        try:
            pixels = images.reduced(images.read(file).pixels, size)
            maps = backbone(images.to_signed(pixels)[None])
        except UserError as problem:
            warn(str(problem) if str(file) in str(problem) else f"{file}: {problem}")
            continue
        yield textures({layer: np.asarray(features)[0] for layer, features in maps.items()}), pixels


def names(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of the paths that tell them apart."""
    whole = [path.absolute().with_suffix("") if path.is_file() else path.resolve() for path in paths]
    for length in range(1, max((len(path.parts) for path in whole), default=0)):
        short = ["/".join(path.parts[-length:]) for path in whole]
        if len(set(short)) == len(short):
            return short
    return [str(path) for path in paths]
