"""A trained run in, figures out: paint held-out pictures, measure them, compare with both references."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_style.config.model import digest
from gan_style.data.held_out import HeldOut
from gan_style.data.manifest import PictureStore
from gan_style.data.splits import Split
from gan_style.evaluation.film import warping
from gan_style.evaluation.measure import Judges, measure
from gan_style.evaluation.measured import Measured
from gan_style.evaluation.painted import flickering, hidden_code, keep, painted
from gan_style.evaluation.result import DRAWN, PROTOCOL, Result, place
from gan_style.evaluation.rows import Rows
from gan_style.evaluation.styles import combined
from gan_style.experiment.recipe import Experiment, Sample, learned_hash
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Checkpoint, Which
from gan_style.features.backbones import Backbone, Wavelets, refuse_training_features
from gan_style.methods.base.method import Method
from gan_style.metrics.distribution import ENOUGH_FOR_FID
from gan_style.metrics.labels import Classifier
from gan_style.metrics.lpips import LPIPS
from gan_style.system import disk
from gan_style.system.errors import UserError
from gan_style.system.hardware import processor
from gan_style.system.progress import say
from gan_style.training.load import load_method


@dataclass(frozen=True)
class Extras:
    """What is measured only when it is asked for."""

    lpips: Callable[[], LPIPS] | None = None
    classifier: Callable[[], Classifier] | None = None
    force_fid: bool = False
    frames: Path | None = None  # a folder, in the order of the names
    film: Path | None = None

    def judges(self) -> Judges:
        lpips = self.lpips() if self.lpips else None
        classifier = self.classifier() if self.classifier else None
        return Judges(lpips, classifier, self.force_fid)


@dataclass(frozen=True)
class Judging:
    """A run's method, what it is measured with, and where its pictures go."""

    method: Method
    how: Sample
    backbone: Backbone
    judges: Judges

    def figures(self, every: Sequence[HeldOut], folder: Path) -> dict[str, Measured]:
        """Of one or several styles, taken together."""
        measured = []
        for held_out in every:
            rows = self.painted_rows(held_out, folder, several=len(every) > 1)
            measured.append(measure(rows, self.judges))
            if inverse := self.method.inverse_request():
                code = hidden_code(self.method, rows, inverse, self.how.reflect_pad)
                measured[-1]["steganography"] = code
        return combined(every, measured)

    def painted_rows(self, held_out: HeldOut, folder: Path, several: bool) -> Rows:
        """What is compared in one style; the pictures are kept in the folder."""
        fakes = painted(self.method, held_out, self.how)
        keep(folder, held_out, fakes, f"{held_out.style}-" if several else "")
        style = f" in {held_out.style}" if several else ""
        say(f"measuring {len(fakes)} pictures{style} with {self.backbone.name}")
        return Rows.of(held_out, fakes, self.backbone)


def evaluate(
    run: Run, chosen: Callable[[], Backbone] | None, *, part: Split, which: Which, budget: str, extras: Extras
) -> Result:
    """One checkpoint of a run, through its recipe's backbone if none is chosen; the paintings are kept."""
    method, config, checkpoint = load_method(run, which)
    # Only now, when the run's number of threads is settled: networks compute while they are loaded.
    backbone = (chosen or config.evaluation.backbone or Wavelets)()
    judging = Judging(method, config.sample, backbone, extras.judges())
    refuse_trained_backbone(backbone, method)
    store = PictureStore()
    every, drawn = config.data.held_out(part, store), config.data.drawn(part, store)
    if method.reconstructs():
        every, drawn = ([held_out.returned() for held_out in some] for some in (every, drawn))
    refuse_useless_lpips(every, extras)
    folder = run.products / "evaluation" / place(which, part)
    if folder.is_symlink():
        disk.remove(folder)
    for earlier in ("source", "painted", "target", DRAWN):
        disk.remove(folder / earlier)
    whole = judging.figures(every, folder)
    if extras.frames:
        whole["flicker"] = flickering(method, extras.frames, config.sample)
    if extras.film:
        whole |= warping(method, config, extras.film)
    scenes = judging.figures(drawn, folder / DRAWN) if drawn else {}
    kind = config.evaluation.primary
    return Result(
        **described(run, config, checkpoint),
        protocol=PROTOCOL,
        budget=budget,
        checkpoint=which,
        split=part,
        backbone=backbone.described(),
        data=counted(every) | ({"drawn": counted(drawn)} if drawn else {}),
        primary=next((name for name in whole if name.partition("[")[0] == kind), ""),
        figures={name: one.figure() for name, one in whole.items()},
        drawn={name: one.figure() for name, one in scenes.items()},
    )


def refuse_useless_lpips(every: Sequence[HeldOut], extras: Extras) -> None:
    """Before anything is painted in vain."""
    paired = all(held_out.paired for held_out in every)
    fewest = min(min(len(held_out.source), len(held_out.target)) for held_out in every)
    if extras.lpips and not paired and not extras.force_fid and fewest < ENOUGH_FOR_FID:
        reason = "the targets of this run are no true counterparts of the photographs"
        artfid = f"for ArtFID there must be {ENOUGH_FOR_FID:,} pictures, or --force-fid"
        raise UserError(f"--lpips is likeness to a photograph's true counterpart, and {reason}; {artfid}")


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
    summary = run.summary() | checkpoint.identity
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
