"""The variants of an experiment: its default, its ablations, and the trials of its sweeps."""

from collections.abc import Sequence
from pathlib import Path

from gan_style.config.sweeps import SweepFile, read_sweep
from gan_style.experiment.find import ablation_name, find
from gan_style.system.errors import UserError

DEFAULT = "default"


def ablation(variant: str) -> str | None:
    """What `--ablation` is given for a variant."""
    return None if variant == DEFAULT else variant


def folder_of(experiment: str) -> Path:
    """Where an experiment's recipe, ablations, sweeps and results are."""
    _, variant, path = find(experiment)
    if variant != DEFAULT:
        advice = f"choose those with --only {variant}"
        raise UserError(f"{experiment}: expected an experiment, not one of its ablations; {advice}")
    return path.parent


def sweeps_of(experiment: str) -> dict[str, SweepFile]:
    return {path.stem: read_sweep(path) for path in sorted((folder_of(experiment) / "sweeps").glob("*.yaml"))}


def variants(experiment: str, only: Sequence[str] = ()) -> list[str]:
    """The default, the ablations and the trials of all sweeps; or those named, a sweep for its trials."""
    folder = folder_of(experiment) / "ablations"
    ablations = sorted(ablation_name(path) for path in folder.glob("*.yaml"))
    if DEFAULT in ablations:
        advice = "give this file another name"
        raise UserError(f"{folder / DEFAULT}.yaml: '{DEFAULT}' is the recipe itself; {advice}")
    trials = {name: list(sweep.trials) for name, sweep in sweeps_of(experiment).items()}
    known = [DEFAULT, *ablations, *(trial for some in trials.values() for trial in some)]
    unknown = [name for name in only if name not in known and name not in trials]
    if unknown:
        there = ", ".join([DEFAULT, *ablations, *trials])
        raise UserError(f"--only: there is no variant '{unknown[0]}'; there are: {there}")
    wanted = {variant for name in only for variant in (name, *trials.get(name, ()))}
    return [variant for variant in known if variant in wanted or not only]
