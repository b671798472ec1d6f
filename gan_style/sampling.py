"""A trained run and pictures in, styled pictures out. Knows no method: it asks the objective to translate."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from keras import ops
from scipy import ndimage

from gan_style import images
from gan_style.checkpoints import Which
from gan_style.data.config import Fixed, Paintbox
from gan_style.data.dataset import cache_folder
from gan_style.data.fixed import content_file
from gan_style.errors import UserError
from gan_style.experiment import Experiment
from gan_style.objectives import Objective, Request
from gan_style.objectives.objective import StyleImage
from gan_style.paintbox.prepare import PaintboxSettings, prepare
from gan_style.progress import say, track, warn
from gan_style.runs import Run
from gan_style.session import load_painter

SMALLEST_SIDE = 64
SEAM = 2.0  # pixels over which a mask's border fades, inwards


def sample(run: Run, inputs: list[Path], output: Path | None, size: int | None, requests: Sequence[Request], which: Which = "last") -> int:
    """Translate pictures, by one request after the other.

    Returns the exit code: 2 where some could not be read, the others being painted all the same.
    """
    objective, config, _ = load_painter(run, which)
    files = list(dict.fromkeys(find_pictures(inputs))) if inputs else bundled(config)
    output = output or run.folder / "painted"
    shown: list[tuple[np.ndarray, np.ndarray]] = []
    failed = 0
    size = size or config.sample.size
    requests = [request if "seed" in objective.understands else replace(request, seed=None) for request in requests]
    requests = [replace(request, style_images=at_working_size(request.style_images, size)) for request in requests]
    for request in requests:
        objective.check_request(request)
    for file, target in track(destinations(files, output), len(files), "painting"):
        try:
            picture = images.read(file)
            painted = picture
            for request in requests:
                painted = paint(objective, painted, size, request, config.sample.margin)
        except UserError as problem:
            failed += 1
            warn(str(problem))
            continue
        images.write(target, painted)
        shown.append((picture.pixels, painted.pixels))
    if shown:
        sheet = images.write(output / "sheet.png", images.Picture(side_by_side(shown[:12])))
        say(f"painted {len(shown)} pictures into {output}; all together: {sheet}")
    return 2 if failed else 0


def at_working_size(pictures: Sequence[StyleImage] | None, size: int) -> tuple[StyleImage, ...] | None:
    """Style pictures like the photographs: no longer than `size`, and none so thin that convolutions have no room."""
    if pictures is None:
        return None
    fitting = []
    for pixels, weight in pictures:
        small = images.reduced(images.to_bytes(pixels), size)
        margins = [(0, max(0, SMALLEST_SIDE - side)) for side in small.shape[:2]]
        fitting.append((images.to_signed(np.pad(small, [*margins, (0, 0)], mode="symmetric")), weight))
    return tuple(fitting)


def find_pictures(inputs: Iterable[Path]) -> Iterable[Path]:
    """Files as they are, folders searched for pictures."""
    for path in inputs:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
            found = [file for file in files if file.suffix.lower() in images.SUFFIXES]
            if others := [file.name for file in files if file.suffix.lower() not in images.SUFFIXES]:
                warn(f"{path}: left out {len(others)} files that are no pictures by their name, such as {others[0]}")
            if not found:
                raise UserError(f"{path}: the folder holds no pictures")
            yield from found
        elif path.is_file():
            yield path
        else:
            raise UserError(f"{path}: there is no such file or folder")


def destinations(files: list[Path], output: Path) -> list[tuple[Path, Path]]:
    """Where each picture goes: by its name, numbered where two pictures share one."""
    pairs, used = [], {"sheet"}
    for file in files:
        stem, number = file.stem, 2
        while stem in used:
            stem, number = f"{file.stem}-{number}", number + 1
        used.add(stem)
        pairs.append((file, output / f"{stem}{file.suffix}"))
    return pairs


def bundled(config: Experiment) -> list[Path]:
    """The paintbox's test photographs, or the picture that the run worked on."""
    if isinstance(config.data, Fixed):
        return [content_file(config.data.content, cache_folder())]
    settings = config.data.settings() if isinstance(config.data, Paintbox) else PaintboxSettings("oil")
    return sorted((prepare(settings, cache_folder()) / "test" / "source").glob("*.png"))


def paint(objective: Objective, picture: images.Picture, size: int, request: Request, margin: int = 0) -> images.Picture:
    """Painted at the working size, which bounds the memory, and given back at its own."""
    height, width = picture.pixels.shape[:2]
    covered = coverage(request.masks, height, width) if request.masks is not None else None
    scale = min(1.0, size / max(height, width))
    working = [max(1, round(side * scale)) for side in (height, width)]
    pixels = images.resize(picture.pixels, *working)
    # Mirrored around, for what zeros beyond the border do to it; very thin pictures until the convolutions have room.
    signed = images.to_signed(pixels)
    room = 0 if objective.is_own(signed) else SMALLEST_SIDE
    margins = [(margin, max(margin, room - side)) for side in working]
    roomy = np.pad(signed, [*margins, (0, 0)], mode="symmetric")
    if request.masks is not None:
        small = {name: np.clip(images.resize(mask, *working), 0, 1) for name, mask in request.masks.items()}
        masks = {name: np.pad(mask, margins, mode="symmetric") for name, mask in small.items()}
        request = replace(request, masks=masks)
    painted = objective.translate(ops.convert_to_tensor(roomy[None]), request)
    result = images.to_bytes(ops.convert_to_numpy(painted)[0])[margin:, margin:][: working[0], : working[1]]
    result = images.resize(result, height, width)
    if request.strength is not None and scale < 1.0:
        # What the working size cannot hold of the photo belongs to it as far as it is not painted over.
        lost = picture.pixels.astype(np.float32) - images.resize(pixels, height, width)
        result = np.clip(np.round(result + (1 - request.strength) * lost), 0, 255).astype(np.uint8)
    if covered is not None:
        result = np.round(picture.pixels + covered[..., None] * (result.astype(np.float32) - picture.pixels)).astype(np.uint8)
    return replace(picture, pixels=result)


def coverage(masks: Mapping[str, np.ndarray], height: int, width: int) -> np.ndarray:
    """How far each pixel is painted over (H, W): 0 wherever all masks are 0, rising softly inside of them."""
    for name, mask in masks.items():
        if mask.shape != (height, width):
            raise UserError(f"the mask of '{name}' has {mask.shape[1]}x{mask.shape[0]} pixels, the picture {width}x{height}")
    total = np.clip(sum(masks.values()), 0, 1)
    inside = ndimage.gaussian_filter((total > 0).astype(np.float32), SEAM, mode="nearest")
    return total * np.clip(2 * inside - 1, 0, 1) * (total > 0)


def side_by_side(pairs: list[tuple[np.ndarray, np.ndarray]], side: int = 256) -> np.ndarray:
    """Photo and painting beside each other, several pairs a row, each fitted into a white square."""
    cells = [fitted(picture, side) for pair in pairs for picture in pair]
    columns = 2 * math.ceil(math.sqrt(len(pairs) / 2))
    return images.contact_sheet([cells[start : start + columns] for start in range(0, len(cells), columns)])


def fitted(picture: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(picture.shape[:2])
    small = images.resize(picture, *(max(1, round(length * scale)) for length in picture.shape[:2]))
    cell = np.full((side, side, 3), 255, np.uint8)
    y, x = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    cell[y : y + small.shape[0], x : x + small.shape[1]] = small
    return cell
