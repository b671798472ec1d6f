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
SIDES = 266, 400  # pixels of what is shown of each: rows, columns
GAP = 8  # pixels
PLACE = 0.46, 0.60  # of the middle of what is shown at full size, from above and from the left
FIGURE = Path(__file__).parents[1] / "docs" / "images" / "strokes.jpg"


def whole_and_part(painted: np.ndarray) -> np.ndarray:
    """The whole picture, and below it so many of its own pixels."""
    top, left = (
        min(round(max(0, place * length - side / 2)), length - side)
        for place, length, side in zip(PLACE, painted.shape, SIDES, strict=False)
    )
    part = painted[top : top + SIDES[0], left : left + SIDES[1]]
    both = np.vstack([images.resize(painted, *SIDES), np.full((GAP, SIDES[1], 3), 255, np.uint8), part])
    return np.pad(both, ((0, 0), (0, GAP), (0, 0)), constant_values=255)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    photograph, painter = data.coffee(), gan_style.load("included/oil")
    columns = []
    for longer, scale in SHOWN:
        shorter = round(longer * photograph.shape[0] / photograph.shape[1])
        given = images.resize(photograph, shorter, longer)
        Image.fromarray(given).save(folder / f"coffee{longer}.png")
        begun = time.monotonic()
        painted = painter(given, size=longer, stroke_scale=scale)
        pace = (time.monotonic() - begun) / (longer * shorter / 1e6)
        print(f"{longer} pixels, strokes {scale:g} times as wide: {pace:.1f} s a megapixel", flush=True)
        Image.fromarray(painted).save(folder / f"painted{longer}_{scale:g}.png")
        columns.append(whole_and_part(painted))
    Image.fromarray(np.hstack(columns)[:, :-GAP]).save(FIGURE, quality=85)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
