"""One contact sheet of an experiment, small enough to be committed: photographs down, methods across."""

import io
import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from gan_style.report.pictures import Photo, spread, thumbnail
from gan_style.system import disk

ROWS = 3
ACROSS = 7  # methods, beside photograph and true painting; of more there are several bands
SIDE, GAP, HEADING = 224, 6, 24  # pixels
LIMIT = 300_000  # bytes


def write(path: Path, photos: Sequence[Photo]) -> None:
    names = spread([photo.name for photo in photos], ROWS)
    chosen = [photo for photo in photos if photo.name in names]
    labels = list(dict.fromkeys(label for photo in chosen for label, _ in photo.painted))
    ends = ["true painting"] if any(photo.target for photo in chosen) else []
    bands = [draw(chosen, ["photograph", *some, *ends]) for some in evenly(labels, ACROSS)]
    disk.write(path, compressed(stacked(bands)))


def evenly(labels: Sequence[str], most: int) -> list[Sequence[str]]:
    """In as few parts of at most so many as will do, of nearly the same length."""
    parts = max(1, math.ceil(len(labels) / most))
    return [labels[len(labels) * part // parts : len(labels) * (part + 1) // parts] for part in range(parts)]


def stacked(bands: Sequence[Image.Image]) -> Image.Image:
    width, height = max(band.width for band in bands), sum(band.height + GAP for band in bands) - GAP
    sheet, top = Image.new("RGB", (width, height), "white"), 0
    for band in bands:
        sheet.paste(band, (0, top))
        top += band.height + GAP
    return sheet


def draw(photos: Sequence[Photo], columns: Sequence[str]) -> Image.Image:
    tiles = []
    for photo in photos:
        files = {"photograph": photo.source, **dict(photo.painted), "true painting": photo.target}
        tiles.append([thumbnail(path, SIDE) if (path := files.get(column)) else None for column in columns])
    heights = [max((tile.height for tile in row if tile), default=0) for row in tiles]
    width = len(columns) * (SIDE + GAP) - GAP
    sheet = Image.new("RGB", (width, HEADING + sum(heights) + GAP * (len(tiles) - 1)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for index, column in enumerate(columns):
        pen.text((index * (SIDE + GAP), 3), fitting(column, font), fill="#333333", font=font)
    top = HEADING
    for row, height in zip(tiles, heights, strict=True):
        for index, tile in enumerate(row):
            if tile:
                sheet.paste(tile, (index * (SIDE + GAP), top))
        top += height + GAP
    return sheet


def fitting(label: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Cut to the width of a column."""
    while font.getlength(label) > SIDE:
        label = label.rstrip("…")[:-1] + "…"
    return label


def compressed(sheet: Image.Image) -> bytes:
    """As JPEG below the limit: first at lower quality, then smaller."""
    while True:
        for quality in (88, 80, 70, 60):
            file = io.BytesIO()
            sheet.save(file, "JPEG", quality=quality, optimize=True)
            if len(file.getvalue()) <= LIMIT:
                return file.getvalue()
        sheet = sheet.resize((sheet.width * 4 // 5, sheet.height * 4 // 5), Image.Resampling.LANCZOS)
