"""A trained run in, figures out: paint held-out pictures, measure them, compare with both references."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_style.config.model import digest
from gan_style.data.held_out import HeldOut
from gan_style.data.manifest import PictureStore
from gan_style.data.splits import Split
from gan_style.evaluation.measure import measure
from gan_style.evaluation.metrics.lpips import LPIPS
from gan_style.evaluation.painted import flickering, hidden_code, keep, painted
from gan_style.evaluation.result import PROTOCOL, Result, place
from gan_style.evaluation.rows import Rows
from gan_style.evaluation.styles import combined
from gan_style.experiment.recipe import Experiment, Sample, learned_hash
from gan_style.experiment.runs import Run
from gan_style.features.backbones import Backbone, Wavelets, refuse_training_features
from gan_style.methods.base.method import Method
from gan_style.system.errors import UserError
from gan_style.system.hardware import processor
from gan_style.system.progress import say
from gan_style.training.checkpoints import Checkpoint, Which
from gan_style.training.session import load_method


@dataclass(frozen=True)
class Extras:
    """What is measured only when it is asked for."""

    lpips: Callable[[], LPIPS] | None = None
    force_fid: bool = False
    frames: Path | None = None  # a folder, in the order of the names


def evaluate(
    run: Run, chosen: Callable[[], Backbone] | None, *, part: Split, which: Which, budget: str, extras: Extras
) -> Result:
    """One checkpoint of a run, through its recipe's backbone if none is chosen; the paintings are kept."""
    method, config, checkpoint = load_method(run, which)
    # Only now, when the run's number of threads is settled: networks compute while they are loaded.
    backbone = (chosen or config.evaluation.backbone or Wavelets)()
    lpips = extras.lpips() if extras.lpips else None
    refuse_trained_backbone(backbone, method)
    every = config.data.held_out(part, PictureStore(), config.evaluation.originals)
    every = [held_out.returned() for held_out in every] if method.reconstructs() else every
    if lpips and not all(held_out.paired for held_out in every):
        raise UserError(
            "--lpips is likeness to a photograph's true counterpart, and the targets of this run are none"
        )
    folder = run.folder / "evaluation" / place(which, part)
    shutil.rmtree(folder, ignore_errors=True)
    several, measured = len(every) > 1, []
    for held_out in every:
        rows = painted_rows(method, held_out, config.sample, backbone, folder, several)
        measured.append(measure(rows, lpips, extras.force_fid))
        if inverse := method.inverse_request():
            code = hidden_code(method, rows, inverse, config.sample.reflect_pad)
            measured[-1]["steganography"] = code
    whole = combined(every, measured)
    if extras.frames:
        whole["flicker"] = flickering(method, extras.frames, config.sample)
    return Result(
        **described(run, config, checkpoint),
        protocol=PROTOCOL,
        budget=budget,
        checkpoint=which,
        split=part,
        backbone=backbone.described(),
        data=counted(every),
        figures={name: one.figure() for name, one in whole.items()},
    )


def painted_rows(
    method: Method, held_out: HeldOut, how: Sample, backbone: Backbone, folder: Path, several: bool
) -> Rows:
    """What is compared in one style; the pictures are kept in the folder."""
    fakes = painted(method, held_out, how)
    keep(folder, held_out, fakes, f"{held_out.style}-" if several else "")
    style = f" in {held_out.style}" if several else ""
    say(f"measuring {len(fakes)} pictures{style} with {backbone.name}")
    return Rows.of(held_out, fakes, backbone)


def refuse_trained_backbone(backbone: Backbone, method: Method) -> None:
    """What trained the run must not measure it; filters that nobody trained need no comparison."""
    if backbone.designed:
        return
    try:
        trained_with = method.trained_with()
    except UserError as problem:
        unknown = f"nobody can tell whether the backbone {backbone.name} is what this run was trained with"
        raise UserError(f"{problem}; so {unknown}; '--backbone wavelets' never is") from None
    refuse_training_features(backbone, trained_with)


def described(run: Run, config: Experiment, checkpoint: Checkpoint) -> dict[str, Any]:
    """Whose figures these are."""
    summary = run.summary()
    kept = ("precision", "threads", "versions", "git_commit")
    seconds = checkpoint.seconds
    return {
        "experiment": summary.get("experiment", run.folder.parent.parent.name),
        "variant": summary.get("variant", run.folder.parent.name),
        "seed": summary.get("seed", 0),
        "step": checkpoint.step,
        "steps": config.train.steps,
        "hardware": processor(),
        "overrides": tuple(summary.get("overrides", ())),
        "training": {
            "kind": config.method.kind,
            "seconds": round(seconds, 1),
            "ms_per_step": round(1000 * seconds / max(1, checkpoint.step), 1),
            **{name: summary.get(name) for name in kept},
            "networks_sha256": checkpoint.networks_sha256(),
            "config_sha256": learned_hash(config),
        },
    }


def counted(every: Sequence[HeldOut]) -> dict[str, Any]:
    """Of how many pictures, and of which ones."""
    return {
        "photographs": len(set(every[0].source.originals)),
        "pictures": sum(len(held_out.source) for held_out in every),
        "targets": sum(len(held_out.target) for held_out in every),
        "paintings": sum(len(set(held_out.target.originals)) for held_out in every),
        "paired": all(held_out.paired for held_out in every),
        "source_sha256": digest([held_out.source.sha256() for held_out in every]),
        "target_sha256": digest([held_out.target.sha256() for held_out in every]),
        "real_sha256": digest([(held_out.second or held_out.others).sha256() for held_out in every]),
    }
