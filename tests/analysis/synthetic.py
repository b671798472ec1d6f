"""Textures that anybody can tell apart: stripes, dots and noise, in folders."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

SIDE = 80  # pixels


def stripes(rng: np.random.Generator) -> np.ndarray:
    down, right = np.mgrid[:SIDE, :SIDE]
    return np.sin((down + 0.3 * right) * 2 * np.pi / rng.uniform(8, 8.3) + rng.uniform(0, 6))


def dots(rng: np.random.Generator) -> np.ndarray:
    down, right = np.mgrid[:SIDE, :SIDE] * 2 * np.pi / rng.uniform(14, 14.3) + rng.uniform(0, 6)
    return np.where(np.cos(down) + np.cos(right) > 1.2, 1.0, -0.6)


def noise(rng: np.random.Generator) -> np.ndarray:
    return ndimage.gaussian_filter(rng.normal(0, 3, (SIDE, SIDE)), 1)


TEXTURES = {"stripes": stripes, "dots": dots, "noise": noise}


def write_folders(root: Path, count: int = 2) -> list[Path]:
    """Two folders of each texture: stripes_0, stripes_1, dots_0 and so on."""
    rng, folders = np.random.default_rng(7), []
    for name, texture in TEXTURES.items():
        for number in (0, 1):
            folder = root / f"{name}_{number}"
            folder.mkdir(parents=True)
            for index in range(count):
                grey = np.clip(127 + 90 * texture(rng), 0, 255).astype(np.uint8)
                Image.fromarray(grey).convert("RGB").save(folder / f"{index}.png")
            folders.append(folder)
    return folders
