"""Sheets of what single units of a network respond to: patches that excite them, and what in them does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan_style.analysis.unpooling import Layer, project, receptive, vgg19_stack
from gan_style.features.vgg19_normalised import NormalisedVGG19
from gan_style.inference.files import find_pictures
from gan_style.inference.outputs import refuse_inputs
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import say, track, warn

PATCHES = 9  # of each unit, as in the paper
TILE, HEADING = 72, 24  # pixels; patches are enlarged to about a tile


@dataclass(frozen=True, eq=False)
class Response:
    """How strongly a unit responds, in which picture, and at which place of its feature map."""

    strength: float
    file: Path
    picture: np.ndarray  # (H, W, 3) uint8
    place: tuple[int, int]


def show_units(
    bank: NormalisedVGG19, units: Sequence[int], inputs: Sequence[Path], size: int, output: Path
) -> None:
    """Write one sheet: a row of the patches that each unit responds to most, below them their projections."""
    (layer,) = bank.layers
    stack, files = vgg19_stack(bank), find_pictures(inputs)
    refuse_inputs([output / f"{layer}.png"], files)
    found = strongest(bank, units, files, size, side(stack) // 2 // stride(stack))
    bands = []
    for unit, responses in found.items():
        if not responses:
            warn(f"unit {unit} of {layer} responds to nothing in these pictures")
            continue
        down, right = (max(0, receptive(stack, at)[0]) for at in responses[0].place)
        strength, file = responses[0].strength, responses[0].file
        say(f"unit {unit}: most, {strength:.3g}, to {file} at pixel {right}, {down}")
        patches, projections = zip(*(view(stack, response, unit) for response in responses), strict=True)
        bands.append((f"{layer}, unit {unit}", images.contact_sheet([patches, projections])))
    if not bands:
        raise UserError("none of these units responds to anything in these pictures")
    sheet = images.write(output / f"{layer}.png", images.Picture(stacked(bands)))
    below = "what in them excites the unit, each by its own scale"
    say(f"above: patches of {side(stack)}x{side(stack)} pixels; below: {below}: {sheet}")


def strongest(
    bank: NormalisedVGG19, units: Sequence[int], files: Sequence[Path], size: int, apart: int
) -> dict[int, list[Response]]:
    """The nine strongest responses of each unit; files that cannot be used are named and skipped."""
    (layer,) = bank.layers
    found: dict[int, list[Response]] = {unit: [] for unit in units}
    used = 0
    for file in track(files, len(files), "looking for what excites them"):
        try:
            picture = images.reduced(images.read(file).pixels, size)
            features = np.asarray(bank(images.to_signed(picture)[None])[layer])[0]
        except UserError as problem:
            warn(str(problem) if str(file) in str(problem) else f"{file}: {problem}")
            continue
        used += 1
        for unit in units:
            highest = peaks(features[..., unit], apart)
            there = [Response(strength, file, picture, place) for strength, place in highest]
            found[unit] = sorted([*found[unit], *there], key=lambda response: -response.strength)[:PATCHES]
    if not used:
        raise UserError("none of the pictures can be used")
    return found


def peaks(responses: np.ndarray, apart: int) -> Iterator[tuple[float, tuple[int, int]]]:
    """The highest values (H, W) above 0 and their places, the highest first; more than `apart` apart."""
    left = responses.copy()
    for _ in range(PATCHES):
        down, right = (int(at) for at in np.unravel_index(left.argmax(), left.shape))
        if left[down, right] <= 0:
            return
        yield float(left[down, right]), (down, right)
        left[max(0, down - apart) : down + apart + 1, max(0, right - apart) : right + apart + 1] = 0


def view(stack: Sequence[Layer], response: Response, unit: int) -> tuple[np.ndarray, np.ndarray]:
    """What the unit sees, and what of it excites it, as pictures of one size; white is beyond the photo.

    A unit depends on nothing but its receptive field, so that only this is computed; pools keep their places
    where it starts on a multiple of all their strides.
    """
    step, windows = stride(stack), [receptive(stack, at) for at in response.place]
    starts = [max(0, first // step * step) for first, _ in windows]
    rows, columns = (slice(start, end) for start, (_, end) in zip(starts, windows, strict=True))
    patch = response.picture[rows, columns]
    down, right = (at - start // step for at, start in zip(response.place, starts, strict=True))
    projection = project(stack, patch.astype(np.float32) / 255, (down, right), unit)
    largest = max(float(np.abs(projection).max()), 1e-12)
    shown = np.round(127.5 + 127.5 * projection / largest).astype(np.uint8)
    return framed(patch, starts, windows), framed(shown, starts, windows)


def framed(pixels: np.ndarray, starts: Sequence[int], windows: Sequence[tuple[int, int]]) -> np.ndarray:
    """The window's pixels, as far as there are any, on white, enlarged."""
    size = windows[0][1] - windows[0][0]
    frame = np.full((size, size, 3), 255, np.uint8)
    pairs = zip(starts, windows, strict=True)
    rows, columns = (slice(max(0, first - start), end - start) for start, (first, end) in pairs)
    inside = pixels[rows, columns]
    top, left = (max(0, -first) for first, _ in windows)
    frame[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return frame.repeat(max(1, TILE // size), axis=0).repeat(max(1, TILE // size), axis=1)


def stacked(bands: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    """Sheets below each other, each under its heading."""
    width = max(sheet.shape[1] for _, sheet in bands)
    whole = Image.new("RGB", (width, sum(sheet.shape[0] + HEADING for _, sheet in bands)), "white")
    top = 0
    for heading, sheet in bands:
        pen, font = ImageDraw.Draw(whole), ImageFont.load_default(13)
        pen.text((2, top + HEADING / 2), heading, fill="#333333", font=font, anchor="lm")
        whole.paste(Image.fromarray(sheet), (0, top + HEADING))
        top += HEADING + sheet.shape[0]
    return np.asarray(whole)


def side(stack: Sequence[Layer]) -> int:
    """Of the square of pixels that a unit sees."""
    first, end = receptive(stack, 0)
    return end - first


def stride(stack: Sequence[Layer]) -> int:
    """Pixels between neighbouring places of the stack's output."""
    return int(np.prod([layer.stride for layer in stack]))
