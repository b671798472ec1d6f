"""What the process that paints does: tell of painters, and paint as `gan-style sample` does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from gan_style.experiment.card import asked_of
from gan_style.experiment.find import read_recipe
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.inference.requests import requests, style_images
from gan_style.inference.sampling import painter_of
from gan_style.methods import METHODS, Method, Request
from gan_style.system import images, included
from gan_style.system.errors import UserError
from gan_style.training.chosen import chosen_checkpoint
from gan_style.training.load import load_method
from gan_style.web.limits import PREVIEW

KEPT = 3  # painters in memory
Tell = Callable[[str], None]  # hears what is being done: loading, painting, saving


class LoadedPainters:
    """The methods of the last few runs that painted, each with the networks of its newest checkpoint."""

    def __init__(self, threads: int | None) -> None:
        self.threads = threads
        self.loaded: dict[Path, tuple[Method, Experiment]] = {}  # by checkpoint, the last one used at the end

    def of(self, run: Run) -> tuple[Method, Experiment]:
        checkpoint = chosen_checkpoint(run.folder).folder
        found = self.loaded.pop(checkpoint, None) or load_method(run, "last", self.threads)[:2]
        self.loaded[checkpoint] = found
        while len(self.loaded) > KEPT:
            del self.loaded[next(iter(self.loaded))]
        return found

    def paint(self, order: dict[str, Any], tell: Tell) -> dict[str, Any]:
        """The painting, in the photograph's format, and both as previews, into the order's folder."""
        tell("loading")
        run, folder = Run(Path(order["run"])), Path(order["folder"])
        method, config = self.of(run)
        shown = style_images([order["style_image"]] if order["style_image"] else [])
        plain = Request(strength=order["strength"], seed=order["seed"], style_images=shown)
        asked = requests(plain, asked_of(run.folder, order["style"]), ())
        paint = painter_of(method, config, order["size"], asked)
        photograph = images.read(Path(order["photograph"]), as_stored=True)
        tell("painting")
        painted = paint(photograph)
        tell("saving")
        folder.mkdir()
        preview(folder / "before.webp", photograph)
        preview(folder / "after.webp", painted)
        path = images.write(folder / "painting", painted)
        height, width = painted.pixels.shape[:2]
        return {"file": path.name, "width": width, "height": height}


def preview(path: Path, picture: images.Picture) -> None:
    """Upright, and small enough to be shown at once."""
    pixels = images.eight_bits(images.reduced(picture.pixels, PREVIEW))
    image = Image.fromarray(pixels)
    if picture.alpha is not None:
        cover = Image.fromarray(images.eight_bits(picture.alpha))
        image.putalpha(cover.resize(image.size, Image.Resampling.LANCZOS))
    image.save(path, "WEBP", quality=90)


def described(folder: Path) -> dict[str, Any]:
    """What may be asked of the run in this folder."""
    config = read_recipe(str(folder / "config.yaml")).config
    understands = set(METHODS[config.method.kind][1].understands)
    # Network weights are mixed with those that learned the identity, if there are any; others mix features.
    finetuned = getattr(config.method, "identity_finetune", None)
    if finetuned == 0 or (finetuned and included.is_included(folder)):
        understands.discard("strength")
    return {
        "method": config.method.kind,
        "size": config.sample.size,
        "styles": list(config.data.style_names()),
        "style_image": "style_images" in understands,
        "strength": "strength" in understands,
        "seed": "seed" in understands,
        "slow": config.data.one_picture,
    }


def describe(folders: list[str]) -> dict[str, Any]:
    """By folder; one that cannot be read has its reason."""
    found: dict[str, Any] = {}
    for folder in folders:
        try:
            found[folder] = described(Path(folder))
        except (UserError, OSError) as problem:
            found[folder] = {"error": str(problem)}
    return found
