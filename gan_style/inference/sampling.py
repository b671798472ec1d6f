"""`gan-style sample`: a trained run and pictures in, styled pictures out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gan_style.data.manifest import PictureStore
from gan_style.experiment.runs import Run
from gan_style.inference.files import destinations, find_pictures
from gan_style.inference.painting import at_working_size, paint
from gan_style.inference.sheets import side_by_side
from gan_style.methods import Request
from gan_style.system import images
from gan_style.system.errors import UserError
from gan_style.system.progress import say, track, warn
from gan_style.training.checkpoints import Which
from gan_style.training.session import load_method


def sample(
    run: Run,
    inputs: list[Path],
    output: Path | None,
    size: int | None,
    requests: Sequence[Request],
    which: Which = "last",
) -> int:
    """Translate pictures, by one request after the other.

    Returns the exit code: 2 where some could not be read, the others being painted all the same.
    """
    method, config, _ = load_method(run, which)
    files = list(dict.fromkeys(find_pictures(inputs))) if inputs else config.data.photographs(PictureStore())
    output = output or run.folder / "painted"
    shown: list[tuple[np.ndarray, np.ndarray]] = []
    failed = 0
    size = size or config.sample.size
    styles = (at_working_size(request.style_images, size) for request in requests)
    requests = [replace(one, style_images=some) for one, some in zip(requests, styles, strict=True)]
    for request in requests:
        method.check_request(request)
    for file, target in track(destinations(files, output), len(files), "painting"):
        try:
            picture = images.read(file)
            painted = picture
            for request in requests:
                painted = paint(method, painted, size, request, config.sample.reflect_pad)
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
