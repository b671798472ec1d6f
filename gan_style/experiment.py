"""The recipe of a run: the whole config, where recipes are found, and what in them is learned from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gan_style.config import Config, Resolved, digest, read_with_parents, resolve
from gan_style.data.config import DataConfig, Fixed
from gan_style.errors import UserError
from gan_style.judges import APPLICATIONS, JudgeChoice
from gan_style.located import Located
from gan_style.objectives import OBJECTIVES, ObjectiveConfig
from gan_style.runs import LEARNED
from gan_style.sweeps import read_sweep

EXPERIMENTS = Path("experiments")


class Train(Config):
    steps: Annotated[int, Field(ge=1)]
    precision: Annotated[
        Literal["auto", "float32", "mixed_bfloat16"], Field(description="auto: bfloat16 where the hardware multiplies it natively")
    ] = "auto"
    threads: Annotated[int, Field(ge=1, le=256)] | Literal["auto"] = "auto"
    init_from: Annotated[str | None, Field(description="run folder whose networks to start from")] = None


class Output(Config):
    """What a run writes while it goes; nothing here changes what is learned."""

    log_every: Annotated[int, Field(ge=1, description="steps between lines in metrics.jsonl")] = 20
    sheet_every: Annotated[int, Field(ge=1, description="steps between sample sheets and validation figures")] = 500
    checkpoint_every: Annotated[int, Field(ge=1)] = 250
    keep: Annotated[int, Field(ge=1, description="newest checkpoints kept, beside the best one")] = 3


class Sample(Config):
    size: Annotated[int, Field(ge=16, description="longer side in pixels at which a picture is painted; with fixed data, data.size")] = 512
    margin: Annotated[int, Field(ge=0, description="mirrored pixels around a picture while it is painted")] = 0


class Evaluation(Config):
    """How `gan-style evaluate` judges; nothing here changes what is learned."""

    judge: Annotated[JudgeChoice | None, Field(description="features that judge, other than those trained with; default: wavelets")] = None
    originals: Annotated[
        str | None, Field(description="pattern for file names; its first group names the picture that a file was cut from, as (.+)__")
    ] = None


class Wandb(Config):
    mode: Literal["offline", "online", "disabled"] = "offline"
    project: str = "gan-style"
    entity: str | None = None


class Experiment(Config):
    why: str | None = None
    data: DataConfig
    objective: ObjectiveConfig
    train: Train
    output: Output = Output()
    sample: Sample = Sample()
    evaluation: Evaluation = Evaluation()
    wandb: Wandb = Wandb()

    @model_validator(mode="after")
    def pictures_suit_the_method(self) -> Self:
        needed = OBJECTIVES[self.objective.kind].pairing
        if needed not in (None, self.data.pairing):
            raise ValueError(f"data.pairing: '{self.objective.kind}' learns from {needed} pictures, these are {self.data.pairing}")
        method, kind = OBJECTIVES[self.objective.kind], self.data.kind
        if method.one_picture != (kind == "fixed"):
            methods = " and ".join(f"'{name}'" for name, one in OBJECTIVES.items() if one.one_picture)
            raise ValueError(f"data.kind: {methods} work on one picture, of data kind 'fixed', and only they do")
        if method.gives_back and isinstance(self.data, Fixed) and self.data.styles:
            raise ValueError(f"data.styles: '{self.objective.kind}' gives the picture back and has no style to reach")
        if method.needs_styles is not None and method.needs_styles != (kind == "gallery"):
            learns = "several styles, from a 'gallery'" if method.needs_styles else "one style, not from a 'gallery'"
            raise ValueError(f"data.kind: '{self.objective.kind}' learns {learns}")
        return self

    @model_validator(mode="after")
    def one_picture_is_sampled_as_it_was_worked_on(self) -> Self:
        """At another size, or with a margin, it would be another picture, and worked on from the start."""
        if not isinstance(self.data, Fixed):
            return self
        if self.sample.margin:
            raise ValueError("sample.margin: a margin is for networks; on fixed data the picture itself is worked on")
        if "size" in self.sample.model_fields_set:
            return self
        return self.model_copy(update={"sample": Sample(size=self.data.size)})

    @model_validator(mode="after")
    def judge_has_not_trained(self) -> Self:
        judge = self.evaluation.judge
        for name, teacher in self.objective:
            network = network_of(teacher)
            if judge and network and network == network_of(judge) and teacher.weights == judge.weights:
                raise ValueError(
                    f"evaluation.judge: {network} is what objective.{name} trains with; as a judge it would only repeat "
                    "what its own loss achieved. Choose another, such as wavelets"
                )
        return self


def network_of(bank: Any) -> str | None:
    """The class of keras.applications that a judge or a teacher is, in whatever form; nothing for other parts of a recipe."""
    return getattr(bank, "network", None) or APPLICATIONS.get(getattr(bank, "kind", ""))


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
    if path.is_dir() and (path / "config.yaml").is_file():
        path = path / "config.yaml"
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise UserError(f"{path}: there is no such file")
        folder = path.resolve().parent
        if folder.name == "ablations":
            return folder.parent.name, path.stem, path
        if folder.name == "sweeps":
            trial = next(iter(read_sweep(path).trials))
            raise UserError(f"{path} is a sweep of several trials; name the experiment and one of them: --ablation {trial}")
        name, variant = (folder.name, "default") if path.stem == "config" else (path.stem, "default")
    else:
        if path.name != experiment:
            raise UserError(f"{experiment}: there is no such folder with a config.yaml")
        folder, path = EXPERIMENTS / experiment, EXPERIMENTS / experiment / "config.yaml"
        name, variant = experiment, "default"
        if not path.is_file():
            known = sorted(config.parent.name for config in EXPERIMENTS.glob("*/config.yaml"))
            raise UserError(f"there is no experiment '{experiment}'; experiments/ holds: {', '.join(known) or 'none'}")
    if ablation is None:
        return name, variant, path
    if Path(ablation).name != ablation:
        raise UserError(f"--ablation {ablation}: expected the name of a file in {folder / 'ablations'}, without .yaml")
    stem, trial, _ = ablation.partition("=")
    ablated = folder / ("sweeps" if trial else "ablations") / f"{stem}.yaml"
    if not ablated.is_file():
        known = sorted(file.stem for file in (folder / "ablations").glob("*.yaml"))
        known += sorted(f"{file.stem}=..." for file in (folder / "sweeps").glob("*.yaml"))
        raise UserError(f"experiment '{name}' has no ablation '{ablation}'; it has: {', '.join(known) or 'none'}")
    return name, ablation, ablated


def read_variant(path: Path, variant: str) -> Located:
    """What the file says; where it is a sweep, of the trial that has the variant's name."""
    is_trial = "=" in variant and path.parent.name == "sweeps"
    return read_sweep(path).trial(variant) if is_trial else read_with_parents(path)


def read_recipe(experiment: str, ablation: str | None = None, overrides: tuple[str, ...] = ()) -> Recipe:
    name, variant, path = find(experiment, ablation)
    written = read_variant(path, variant)
    resolved = resolve(written, Experiment, overrides)
    return Recipe(name, variant, path, overrides, resolved, changed=bool(overrides) and differs(resolved.config, written))


def differs(config: Experiment, written: Located) -> bool:
    """Whether overrides made this config learn something else than its file says, or first made the file complete."""
    try:
        return learned(config) != learned(resolve(written, Experiment).config)
    except UserError:
        return True


def learned(config: Experiment) -> dict[str, Any]:
    return config.model_dump(mode="json", include=set(LEARNED))


def learned_hash(config: Experiment) -> str:
    return digest(learned(config))
