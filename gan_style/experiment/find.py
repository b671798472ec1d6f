"""Where recipes are found: an experiment, one of its ablations, or a trial of a sweep."""

import os
from dataclasses import dataclass
from pathlib import Path

from gan_style.config.load import Resolved, read_with_parents, resolve
from gan_style.config.located import Located
from gan_style.config.sweeps import read_sweep
from gan_style.experiment.recipe import Experiment, learned, learned_hash
from gan_style.system.errors import UserError

EXPERIMENTS = Path("experiments")


@dataclass(frozen=True)
class Recipe:
    """A resolved experiment and the name of its place among the runs."""

    name: str
    variant: str
    path: Path
    overrides: tuple[str, ...]
    resolved: Resolved[Experiment]
    changed: bool  # by overrides, in what is learned

    @property
    def config(self) -> Experiment:
        return self.resolved.config

    def folder_name(self) -> str:
        """The variant, with a hash where overrides change what is learned."""
        return f"{self.variant}+{learned_hash(self.config)[:6]}" if self.changed else self.variant


def find(experiment: str, ablation: str | None = None) -> tuple[str, str, Path]:
    """Name, variant and file of an experiment: a folder under experiments/, or the path of a YAML file."""
    path = Path(experiment)
    if os.path.isfile(path / "config.yaml"):  # no OSError for names that no disk takes
        path = path / "config.yaml"
    if path.suffix in (".yaml", ".yml"):
        if not os.path.isfile(path):
            raise UserError(f"{path}: there is no such file")
        folder = path.resolve().parent
        if folder.name == "ablations":
            return folder.parent.name, ablation_name(path), path
        if folder.name == "sweeps":
            trial = next(iter(read_sweep(path).trials))
            raise UserError(
                f"{path} is a sweep of several trials; name the experiment and one of them: "
                f"--ablation {trial}"
            )
        name, variant = (folder.name, "default") if path.stem == "config" else (path.stem, "default")
    else:
        if path.name != experiment:
            raise UserError(f"{experiment}: there is no such folder with a config.yaml")
        folder, path = EXPERIMENTS / experiment, EXPERIMENTS / experiment / "config.yaml"
        name, variant = experiment, "default"
        if not os.path.isfile(path):
            known = sorted(config.parent.name for config in EXPERIMENTS.glob("*/config.yaml"))
            raise UserError(
                f"there is no experiment {experiment!r}; experiments/ holds: {', '.join(known) or 'none'}"
            )
    return (name, variant, path) if ablation is None else (name, ablation, _ablated(name, folder, ablation))


def _ablated(name: str, folder: Path, ablation: str) -> Path:
    """The file of an ablation of the experiment in this folder, or that of a trial's sweep."""
    if Path(ablation).name != ablation:
        raise UserError(
            f"--ablation {ablation!r}: expected the name of a file in {folder / 'ablations'}, without .yaml"
        )
    written = folder / "ablations" / f"{ablation}.yaml"
    if os.path.isfile(written):
        ablation_name(written)
        return written
    sweep = folder / "sweeps" / f"{ablation.rpartition('=')[0]}.yaml"
    if os.path.isfile(sweep):
        return sweep
    known = sorted(file.stem for file in (folder / "ablations").glob("*.yaml"))
    known += sorted(f"{file.stem}=..." for file in (folder / "sweeps").glob("*.yaml"))
    raise UserError(f"experiment '{name}' has no ablation {ablation!r}; it has: {', '.join(known) or 'none'}")


def ablation_name(path: Path) -> str:
    """Without suffix; by `=` the trials of sweeps are known."""
    if "=" in path.stem:
        raise UserError(f"{path}: with '=' in its name it could be a trial of a sweep; give it another name")
    return path.stem


def read_variant(path: Path, variant: str) -> Located:
    """What the file says; where it is a sweep, of the trial that has the variant's name."""
    is_trial = "=" in variant and path.parent.name == "sweeps"
    return read_sweep(path).trial(variant) if is_trial else read_with_parents(path)


def read_recipe(experiment: str, ablation: str | None = None, overrides: tuple[str, ...] = ()) -> Recipe:
    name, variant, path = find(experiment, ablation)
    written = read_variant(path, variant)
    resolved = resolve(written, Experiment, overrides)
    return Recipe(
        name,
        variant,
        path,
        overrides,
        resolved,
        changed=bool(overrides) and differs(resolved.config, written),
    )


def differs(config: Experiment, written: Located) -> bool:
    """Whether overrides made this config learn something else than its file, or first made that complete."""
    try:
        return learned(config) != learned(resolve(written, Experiment).config)
    except UserError:
        return True
