"""A finished run, packed as what paints alone: half precision, a card, and a sheet.

FOLDER/card.json  config.yaml  sheet.jpg  checkpoints/step-N/{networks.npz, manifest.json}
Of `feature_distillation` the network is a feature bank's: card.json and features.npz are all there is.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from gan_style.data.manifest import PictureStore
from gan_style.evaluation.result import place
from gan_style.experiment.card import ANY, Card, write_card
from gan_style.experiment.recipe import Experiment, learned_hash
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import FILES, Checkpoint
from gan_style.features.distilled import TEACHER
from gan_style.inference.painting import paint
from gan_style.inference.sheets import fitted, side_by_side
from gan_style.inference.threads import RenewedThread
from gan_style.methods import Method
from gan_style.methods.feature_distillation import FeatureDistillation
from gan_style.system import disk, images
from gan_style.system.errors import UserError
from gan_style.system.hardware import processor
from gan_style.system.included import FEATURES
from gan_style.system.progress import say
from gan_style.training import checkpoints
from gan_style.training.load import load_method

SHOWN = 4  # photographs on the sheet
EVALUATED = f"evaluation/{place('last', 'test')}.json"


def pack(run: Run, folder: Path, about: str, pictures: Sequence[str]) -> Card:
    """Into a folder, in the place of what was packed there before."""
    method, config, checkpoint = load_method(run)
    if config.data.one_picture:
        raise UserError(f"{run.folder}: this run searched for one picture; nothing in it paints others")
    if checkpoint.step != config.train.steps:
        raise UserError(f"{run.folder}: stopped at step {checkpoint.step:,} of {config.train.steps:,}")
    kind: Literal["features", "painter"] = "painter"
    with disk.replacing_folder(folder, 0) as unfinished:
        if isinstance(method, FeatureDistillation):
            checkpoints.restore(method, checkpoint)  # its units are no network's
            kind, file = "features", unfinished / FEATURES
            np.savez(file, allow_pickle=False, **checkpoints.halves(method.bank_arrays()))
        else:
            disk.write(unfinished / run.config.name, anywhere(run, run.config.read_text()))
            file = write_checkpoint(unfinished, run, method, config, checkpoint)
            write_sheet(unfinished / "sheet.jpg", method, config)
        with np.load(file) as arrays:
            parameters = sum(arrays[name].size for name in arrays if name != TEACHER)
        card = Card(
            about=about,
            kind=kind,
            **told(run, method, config, checkpoint),
            pictures=list(pictures),
            parameters=parameters,
            bytes=file.stat().st_size,
            sha256={file.relative_to(unfinished).as_posix(): disk.file_sha256(file)},
            scores=scores(run.folder / EVALUATED),
        )
        write_card(unfinished, card)
    say(f"packed {card.parameters:,} parameters, {disk.size(card.bytes)}, into {folder}")
    return card


def write_checkpoint(folder: Path, run: Run, method: Method, config: Experiment, of: Checkpoint) -> Path:
    final = folder / "checkpoints" / of.folder.name
    final.mkdir(parents=True)
    identity = of.identity | {"overrides": [anywhere(run, one) for one in of.identity.get("overrides", ())]}
    facts = {"step": of.step, "seconds": of.seconds, "figures": of.figures, "identity": identity}
    about_method = {"method": config.method.model_dump(mode="json")}
    checkpoints.write(final, {FILES[0]: checkpoints.painting_arrays(method)}, facts | about_method)
    return final / FILES[0]


def write_sheet(path: Path, method: Method, config: Experiment) -> None:
    """The first photographs of the recipe, each beside its painting; of several styles, in each of them."""
    worker, shown = RenewedThread(), []
    files = config.data.photographs(PictureStore())
    style_image = images.to_signed(images.read(files[-1]).pixels)
    for file in files[:: max(1, len(files) // SHOWN)][:SHOWN]:
        picture = images.read(file)
        for style in method.styles or ("",):
            request = method.default_request(0, style, style_image)
            act = partial(paint, method, picture, config.sample.size, request, config.sample.reflect_pad)
            shown.append((fitted(picture.pixels), fitted(worker(act).pixels)))
    Image.fromarray(side_by_side(shown)).save(path, quality=88)


def told(run: Run, method: Method, config: Experiment, checkpoint: Checkpoint) -> dict[str, Any]:
    """How it was made."""
    facts = run.summary() | checkpoint.identity
    styles = [ANY] if "style_images" in method.understands else list(method.styles)
    own = getattr(config.data, "painter", facts.get("experiment", ""))
    return {
        "styles": [] if method.reconstructs() else styles or [own],
        "experiment": facts.get("experiment", ""),
        "variant": facts.get("variant", ""),
        "overrides": [anywhere(run, one) for one in facts.get("overrides", ())],
        "config_sha256": learned_hash(config),
        "seed": facts.get("seed", 0),
        "steps": checkpoint.step,
        "minutes": round(checkpoint.seconds / 60, 1),
        "hardware": processor(),
        "precision": facts.get("precision", ""),
        "threads": facts.get("threads", 1),
        "versions": facts.get("versions", {}),
        "git_commit": facts.get("git_commit"),
        "features": {type(bank).__name__: bank.fingerprint() for bank in method.trained_with()},
    }


def anywhere(run: Run, text: str) -> str:
    """Without the folder of runs, such as that of `init_from`: it is nobody's business elsewhere."""
    return text.replace(f"{run.folder.resolve().parents[2]}/", "")


def scores(evaluated: Path) -> dict[str, dict[str, Any]]:
    """Of photographs and of drawn scenes, by figure: the score, and the ends of its interval.

    Nothing where the run was not evaluated.
    """
    if not evaluated.is_file():
        return {}
    result = disk.read_json(evaluated)
    groups = {"photographs": result["figures"], "drawn scenes": result.get("drawn", {})}
    return {group: scored(figures) for group, figures in groups.items() if figures}


def scored(figures: dict[str, Any]) -> dict[str, list[float | None]]:
    ends = ("value", "low", "high")
    return {
        name: [score[end] and round(score[end], 3) for end in ends]
        for name, figure in figures.items()
        if (score := figure.get("score"))
    }
