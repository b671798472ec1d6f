"""The heat map and the flat map of styles, drawn with Pillow as the reports' plots are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan_style.system.colours import HUES, INK, SOFT
from gan_style.system.disk import replacing

CELL, NUMBERED = 44, 30  # pixels; up to how many styles the cells are wide enough for their numbers
FAR = np.array([29, 61, 94])  # the colour of the largest distance; none is white
WIDTH, HEIGHT, EDGE = 1100, 800, 30  # pixels of the map, and what its title and its scale need
THUMBNAIL, ROOMY = 96, 20  # pixels; more thumbnails than this become smaller
ROUNDS = 300


def write_heat_map(path: Path, title: str, names: Sequence[str], table: np.ndarray) -> None:
    """The darker, the farther; rows and columns as they come."""
    cell = CELL if len(names) <= NUMBERED else 14
    font = ImageFont.load_default(12)
    margin = round(max(font.getlength(name) for name in names)) + 12
    side = cell * len(names)
    width = max(margin + side + 10, round(font.getlength(title)) + 20)
    sheet = Image.new("RGB", (width, margin + side + 40), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((10, 8), title, fill=INK, font=font)
    shades = table / max(table.max(), 1e-12)
    for row, name in enumerate(names):
        top = margin + 30 + row * cell
        pen.text((margin - 6, top + cell / 2), name, fill=INK, font=font, anchor="rm")
        above = (margin + row * cell + cell // 2 - 8, margin + 24 - round(font.getlength(name)))
        sheet.paste(_upright(name, font), above)
        for column, shade in enumerate(shades[row]):
            left = margin + column * cell
            colour = tuple(int(level) for level in np.round(255 + shade * (FAR - 255)))
            pen.rectangle((left, top, left + cell - 2, top + cell - 2), fill=colour)
            if cell == CELL and row != column:
                ink, middle = "white" if shade > 0.5 else INK, (left + cell / 2 - 1, top + cell / 2)
                pen.text(middle, f"{table[row, column]:.2f}", fill=ink, font=font, anchor="mm")
    with replacing(path) as file:
        sheet.save(file, "PNG", optimize=True)


def _upright(name: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> Image.Image:
    line = Image.new("RGB", (round(font.getlength(name)) + 2, 16), "white")
    ImageDraw.Draw(line).text((0, 8), name, fill=INK, font=font, anchor="lm")
    return line.rotate(90, expand=True)


def write_map(
    path: Path,
    title: str,
    names: Sequence[str],
    points: np.ndarray,
    pictures: Sequence[np.ndarray],
    groups: Sequence[int] | None,
) -> None:
    """A thumbnail beside each point, framed in its group's colour; a step across is as long as a step up."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    side = round(THUMBNAIL * min(1, (ROOMY / len(names)) ** 0.5))
    room = np.array([WIDTH, HEIGHT]) - 2 * (side // 2 + EDGE)
    scale = float((room / np.maximum(np.ptp(points, axis=0), 1e-9)).min())  # pixels for a distance of 1
    away = points - (points.max(axis=0) + points.min(axis=0)) / 2
    dots = np.array([WIDTH, HEIGHT]) / 2 + away * scale * (1, -1)
    sizes = np.array([(max(side, font.getlength(name)) + 8, side + 26) for name in names])
    places = apart(dots, sizes)
    for dot, place in zip(dots, places, strict=True):
        pen.line([*dot, *place], fill=SOFT)
        pen.circle(dot.tolist(), 3, fill=SOFT)
    for index, (name, (x, y)) in enumerate(zip(names, places, strict=True)):
        thumbnail = Image.fromarray(pictures[index])
        thumbnail.thumbnail((side, side), Image.Resampling.LANCZOS)
        left, top = round(x - thumbnail.width / 2), round(y - thumbnail.height / 2 - 8)
        hue = HUES[(groups[index] - 1) % len(HUES)] if groups else SOFT
        pen.rectangle((left - 3, top - 3, left + thumbnail.width + 2, top + thumbnail.height + 2), fill=hue)
        sheet.paste(thumbnail, (left, top))
        pen.text((x, top + thumbnail.height + 5), name, fill=INK, font=font, anchor="mt")
    length = 10.0 ** np.floor(np.log10(WIDTH / 4 / scale))
    pen.line([(10, HEIGHT - 14), (10 + length * scale, HEIGHT - 14)], fill=INK, width=2)
    pen.text((10, HEIGHT - 20), f"distance {length:g}", fill=INK, font=font, anchor="lb")
    pen.text((10, 8), title, fill=INK, font=font)
    with replacing(path) as file:
        sheet.save(file, "PNG", optimize=True)


def apart(places: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Middles (N, 2) of boxes, pushed off each other the shortest way until none overlap, or for a while."""
    earlier = np.tri(len(places), k=-1)[..., None] - np.tri(len(places), k=-1).T[..., None]
    low, high = sizes / 2 + (0, EDGE), (WIDTH, HEIGHT - EDGE) - sizes / 2
    for _ in range(ROUNDS):
        gaps = places[:, None] - places[None]
        overlaps = (sizes[:, None] + sizes[None]) / 2 - np.abs(gaps)
        touching = (overlaps > 1e-6).all(axis=-1) & ~np.eye(len(places), dtype=bool)
        if not touching.any():
            break
        shortest = np.eye(2, dtype=bool)[overlaps.argmin(axis=-1)] & touching[..., None]
        pushes = np.where(shortest, np.where(gaps == 0, earlier, np.sign(gaps)) * overlaps / 2, 0)
        places = np.clip(places + pushes.sum(axis=1), low, high)
    return places
