"""The test pictures that the runs painted, photograph by photograph, small enough to be carried along."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from gan_style.report.evidence import Method
from gan_style.system import images
from gan_style.system.progress import warn

SIDE = 256  # pixels, of the longer side
PHOTOS = 12
PICTURES = 400  # in one report, so that it stays below 15 MB


@dataclass(frozen=True)
class Photo:
    """One test photograph, what each method's lowest seed made of it, and perhaps its true painting."""

    name: str
    source: Path | None
    painted: tuple[tuple[str, Path], ...]  # label, file
    target: Path | None


def photos(methods: Sequence[tuple[str, Method]]) -> list[Photo]:
    """All painted photographs; evenly chosen where there are more than a report can carry."""
    folders = {label: evaluation_of(method) for label, method in methods}
    painted = {label: _files(folder / "painted") for label, folder in folders.items()}
    sources = _together([_files(folder / "source") for folder in folders.values()])
    targets = _together([_files(folder / "target") for folder in folders.values()])
    names = sorted({name for files in painted.values() for name in files})
    columns = 2 + sum(bool(files) for files in painted.values())

    def photo(name: str) -> Photo:
        made = tuple((label, files[name]) for label, files in painted.items() if name in files)
        return Photo(name, sources.get(name), made, targets.get(name))

    return [photo(name) for name in spread(names, max(1, min(PHOTOS, PICTURES // columns)))]


def evaluation_of(method: Method) -> Path:
    """Where the method's first run keeps the pictures of its evaluation."""
    return method.cells[0].pictures


def spread(names: Sequence[str], count: int) -> list[str]:
    """`count` of the names, evenly over the whole."""
    count = min(count, len(names))
    return [names[index * len(names) // count] for index in range(count)]


def thumbnail(path: Path, side: int = SIDE) -> Image.Image | None:
    """At most `side` pixels; nothing, and a warning, where the file is damaged."""
    try:
        image = Image.fromarray(images.read(path).pixels)
    except images.BadImage as problem:
        warn(str(problem))
        return None
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=82, method=4)
    return file.getvalue()


def _files(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.png"))}


def _together(found: Sequence[dict[str, Path]]) -> dict[str, Path]:
    """The first run's that has a picture: all of them saw the same."""
    return {name: path for files in reversed(found) for name, path in files.items()}
