"""`gan-style sample model.onnx`: pictures painted with an exported file, as with the run itself."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from gan_style.exchange.described import PICTURE, SEED, STRENGTH, STYLE_IMAGE, STYLES, Description
from gan_style.exchange.runtime import ExportedPainter, first
from gan_style.inference.beside import Store, beside, fills_memory
from gan_style.inference.files import find_pictures
from gan_style.inference.grammar import read_blend, read_weighted
from gan_style.inference.outputs import Outputs, painting_into
from gan_style.inference.results import Job, Plan, Results
from gan_style.inference.working_size import LONGEST_STYLE, MEMORY, give_back_detail
from gan_style.system import images
from gan_style.system.disk import file_sha256
from gan_style.system.errors import UserError
from gan_style.system.progress import say, track

Feeds = Sequence[Mapping[str, np.ndarray]]  # one for each pass over a picture


@dataclass(frozen=True)
class Wish:
    """What may be asked of a file, as it was typed."""

    style: str | None = None
    style_pictures: tuple[str, ...] = ()
    strength: float | None = None
    seed: int | None = None
    direction: str | None = None
    size: int | None = None
    grey: bool = False


def sample_file(
    file: Path, inputs: Sequence[Path], output: Path, wish: Wish, overwrite: bool, threads: int | None
) -> int:
    """The exit code: 2 where some could not be read or written, the others being painted all the same."""
    painter = ExportedPainter(file, threads)
    outputs = Outputs(output, find_pictures(inputs, own_paintings=False), overwrite)
    plan = outputs.planned()
    size = wish.size or painter.description.size
    feeds = fed(painter.description, wish, size)

    with painting_into(output):
        outputs.settings = settings(file, wish, size, feeds)
        results = Results(outputs, plan)
        if left := results.left():
            say(f"painting with {file}: {painter.description.painter}")
            paint_all(painter, results, left, feeds, wish, size)
        return results.finish()


def paint_all(
    painter: ExportedPainter, results: Results, left: Plan, feeds: Feeds, wish: Wish, size: int
) -> None:
    strength = wish.strength if wish.strength is not None else painter.description.strength

    def read(job: Job) -> tuple[images.Picture, str]:
        return images.read(job[0], as_stored=True), results.outputs.made_of(job[0])

    def tried(job: Job, given: object) -> Store:
        try:
            picture, made_of = given()  # type: ignore[operator]
            painting = images.shallow(picture)
            for feed in feeds:
                painting = painted(painter, painting, feed, size, strength)
            painting = images.as_asked(painting, wish.grey)
            return partial(results.store, *job, picture, painting, made_of)
        except (UserError, MemoryError) as problem:
            results.fail(job[0], problem)
        except Exception as problem:  # onnxruntime has a class of errors for each of its codes
            if not type(problem).__module__.startswith("onnxruntime"):
                raise
            advice = "a smaller --size needs less memory"
            results.fail(job[0], UserError(f"{job[0]}: onnxruntime: {first(problem)}; {advice}"))
        return lambda: None

    heavy = partial(fills_memory, size=size, memory=MEMORY)
    for _ in track(beside(left, read, tried, lambda job: heavy(job[0])), len(left), "painting"):
        pass


def painted(
    painter: ExportedPainter,
    picture: images.Picture,
    feed: Mapping[str, np.ndarray],
    size: int,
    strength: float | None,
) -> images.Picture:
    """At the working size, and given back at its own."""
    height, width = picture.pixels.shape[:2]
    scale = min(1.0, size / max(height, width))
    pixels = images.resize(picture.pixels, *(max(1, round(side * scale)) for side in (height, width)))
    result = images.resize(painter({PICTURE: pixels[None], **feed}), height, width)
    if strength is not None and scale < 1.0:
        result = np.array(result)
        give_back_detail(result, picture.pixels, images.resize(pixels, height, width), strength)
    return replace(picture, pixels=result)


def fed(description: Description, wish: Wish, size: int) -> Feeds:
    """The inputs beside the picture, for each pass; what the file does not take is refused."""
    refuse_unknown(description, wish)
    feed: dict[str, np.ndarray] = {}
    if description.takes(SEED):
        feed[SEED] = np.array([wish.seed or 0], np.int32)
    if description.takes(STYLE_IMAGE):
        feed[STYLE_IMAGE] = style_image(wish, size)
        feed[STRENGTH] = np.array([1.0 if wish.strength is None else wish.strength], np.float32)
    if not description.takes(STYLES):
        return [feed]
    passes = wish.style.split(",") if wish.style else [None]
    return [{**feed, STYLES: weights(description, part)} for part in passes]


def refuse_unknown(description: Description, wish: Wish) -> None:
    asked = {
        "--style": wish.style and not description.takes(STYLES),
        "--style-image": wish.style_pictures and not description.takes(STYLE_IMAGE),
        "--noise-seed": wish.seed is not None and not description.takes(SEED),
    }
    known = ", ".join(one.name for one in description.inputs)
    for option, unknown in asked.items():
        if unknown:
            raise UserError(f"{option}: this file has no input for it; its inputs are: {known}")
    fixed = {"strength": description.strength, "direction": description.direction}
    for name, value in fixed.items():
        wanted = getattr(wish, name)
        if wanted not in (None, value) and not description.takes(name):
            told = (
                f"it was exported with --{name} {value}" if value is not None else "it was exported without"
            )
            raise UserError(f"--{name} {wanted}: of this file that was decided at export; {told}")


def style_image(wish: Wish, size: int) -> np.ndarray:
    """The style picture (1, h, w, 3), no longer than the photographs, nor very long."""
    if len(wish.style_pictures) != 1:
        reason = "this file paints in the style of one picture"
        raise UserError(f"{reason}: name it with --style-image FILE; mixing several needs the run itself")
    path, _ = read_weighted(wish.style_pictures[0])
    return images.reduced(images.read(path).pixels, min(size, LONGEST_STYLE))[None]


def weights(description: Description, text: str | None) -> np.ndarray:
    """Of the styles in their order; all 0 ask for what is painted where no style is named."""
    blend = read_blend(text) if text else {}
    if blend is None:
        if not description.learned_map:
            raise UserError(f"--style {text}: this file has no learned map of styles")
        blend = {}
    for name in blend:
        if name not in description.styles:
            known = ", ".join(description.styles)
            raise UserError(f"--style {text}: there is no style '{name}' in this file; it has: {known}")
    found = np.array([blend.get(name, 0.0) for name in description.styles], np.float32)
    if blend and not (found.min() >= 0 and found.sum() > 0):
        raise UserError(f"--style {text}: weights must not be negative, and one must be above 0")
    return found


def settings(file: Path, wish: Wish, size: int, feeds: Feeds) -> str:
    """All that decides how a picture is painted, as one hash."""
    content = [
        {name: value.tolist() for name, value in feed.items() if name != STYLE_IMAGE} for feed in feeds
    ]
    pictures = [
        hashlib.sha256(feed[STYLE_IMAGE].tobytes()).hexdigest() for feed in feeds if STYLE_IMAGE in feed
    ]
    told = [file_sha256(file), size, wish.grey, wish.strength, content, pictures]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
