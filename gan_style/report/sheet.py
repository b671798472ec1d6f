"""One contact sheet of an experiment, small enough to be committed: photographs down, methods across."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from gan_style.report.pictures import Photo, spread, thumbnail

ROWS = 3
SIDE, GAP, HEADING = 224, 6, 24  # pixels
LIMIT = 300_000  # bytes


def write(path: Path, photos: Sequence[Photo]) -> None:
    names = spread([photo.name for photo in photos], ROWS)
    chosen = [photo for photo in photos if photo.name in names]
    labels = list(dict.fromkeys(label for photo in chosen for label, _ in photo.painted))
    columns = ["photograph", *labels, "true painting"] if any(photo.target for photo in chosen) else ["photograph", *labels]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(compressed(draw(chosen, columns)))
    partial.replace(path)


def draw(photos: Sequence[Photo], columns: Sequence[str]) -> Image.Image:
    rows = [{"photograph": photo.source, **dict(photo.painted), "true painting": photo.target} for photo in photos]
    tiles = [[thumbnail(path, SIDE) if (path := row.get(column)) else None for column in columns] for row in rows]
    heights = [max((tile.height for tile in row if tile), default=0) for row in tiles]
    width = len(columns) * (SIDE + GAP) - GAP
    sheet = Image.new("RGB", (width, HEADING + sum(heights) + GAP * (len(rows) - 1)), "white")
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
