"""`docs/images/strokes.jpg`: one photograph at three sizes, painted with strokes that are as wide on paper.

    python -m benchmarks.stroke_scale FOLDER

FOLDER gets the photographs and what is painted of them. scikit-image's photographs are small: they are
enlarged, which nobody sees below strokes that are broader still.
"""

import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

import gan_style
from gan_style.system import images

SHOWN = ((512, 1.0), (2048, 4.0), (4096, 8.0), (4096, 1.0))  # pixels of the longer side, stroke scale
COLUMN, GAP = 400, 8  # pixels
PLACE = 0.46, 0.60  # of the middle of what is shown at full size, from above and from the left
FIGURE = Path(__file__).parents[1] / "docs" / "images" / "strokes.jpg"


def whole_and_part(painted: np.ndarray) -> np.ndarray:
    """The picture as a column is wide, and below it so many of its own pixels."""
    height, width = painted.shape[:2]
    whole = images.resize(painted, round(COLUMN * height / width), COLUMN)
    sides = whole.shape[:2]
    top, left = (
        min(max(0, round(place * length - side / 2)), length - side)
        for place, length, side in zip(PLACE, (height, width), sides, strict=True)
    )
    part = painted[top : top + sides[0], left : left + sides[1]]
    return np.vstack([whole, np.full((GAP, COLUMN, 3), 255, np.uint8), part])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    photograph, painter = data.coffee(), gan_style.load("included/oil")
    columns: list[np.ndarray] = []
    for longer, scale in SHOWN:
        shorter = round(longer * photograph.shape[0] / photograph.shape[1])
        given = images.resize(photograph, shorter, longer)
        Image.fromarray(given).save(folder / f"coffee{longer}.png")
        begun = time.monotonic()
        painted = painter(given, size=longer, stroke_scale=scale)
        pace = (time.monotonic() - begun) / (longer * shorter / 1e6)
        print(f"{longer} pixels, strokes {scale:g} times as wide: {pace:.1f} s a megapixel", flush=True)
        Image.fromarray(painted).save(folder / f"painted{longer}_{scale:g}.png")
        columns += [whole_and_part(painted), np.full((len(whole_and_part(painted)), GAP, 3), 255, np.uint8)]
    Image.fromarray(np.hstack(columns[:-1])).save(FIGURE, quality=85)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
