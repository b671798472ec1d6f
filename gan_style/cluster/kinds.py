"""Where work runs, as a file in clusters/ says: on this machine, or on a cluster that has Slurm."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gan_style.config.load import read_with_parents, resolve
from gan_style.config.located import describe
from gan_style.config.model import Config
from gan_style.system.errors import UserError
from gan_style.system.hardware import cores

CLUSTERS = Path("clusters")
# Of sbatch's options those that the other keys, or exact resume, decide.
OURS = {
    *("array", "cpus-per-task", "error", "gpus-per-node", "job-name", "mem", "nodes", "ntasks"),
    *("ntasks-per-node", "open-mode", "output", "partition", "requeue", "no-requeue", "signal", "time"),
}


class Local(Config):
    """This machine."""

    kind: Literal["local"]
    jobs: Annotated[int, Field(ge=1, description="side by side; they share the cores")] = 1
    cpus: Annotated[int | None, Field(ge=1, description="threads of each; null: a share")] = None

    def threads(self) -> int | None:
        """Of each job; nothing where it may have them all."""
        return self.cpus or (max(1, cores() // self.jobs) if self.jobs > 1 else None)


class Slurm(Config):
    """A cluster, reached from a machine that has sbatch."""

    kind: Literal["slurm"]
    minutes: Annotated[
        int, Field(ge=5, description="of one job; what takes longer saves itself and is queued again")
    ]
    cpus: Annotated[int, Field(ge=1, description="of one job, and threads of its training")]
    memory: Annotated[float, Field(gt=0, description="of one job, in GiB")]
    gpus: Annotated[int, Field(ge=0, description="of one job")] = 0
    partition: Annotated[str | None, Field(description="none: the cluster's default")] = None
    jobs: Annotated[int, Field(ge=1, description="side by side, at most")] = 64
    setup: Annotated[
        tuple[str, ...], Field(description="shell lines before each job, such as `module load`")
    ] = ()
    options: Annotated[
        dict[str, str | int | bool],
        Field(default_factory=dict, description="others of sbatch, by their long names"),
    ]

    @field_validator("options")
    @classmethod
    def others(cls, options: dict[str, str | int | bool]) -> dict[str, str | int | bool]:
        if taken := sorted(OURS & {name.replace("_", "-") for name in options}):
            raise ValueError(f"{taken[0]} is not chosen here: another key, or the way jobs go on, decides it")
        return options

    def threads(self) -> int:
        return self.cpus


Cluster = Local | Slurm
KINDS: dict[str, type[Cluster]] = {"local": Local, "slurm": Slurm}


def chosen_cluster(name: str | None, jobs: int | None, threads: int | None = None) -> Cluster:
    """Of --on NAME; --jobs and --threads count for what the file says, or for this machine."""
    cluster = cluster_named(name) if name else Local(kind="local")
    told = {"jobs": jobs, "cpus": threads}
    return cluster.model_copy(update={key: value for key, value in told.items() if value})


def cluster_named(name: str) -> Cluster:
    """A file in clusters/ by its name, or the path of one."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = CLUSTERS / f"{name}.yaml"
    if not os.path.isfile(path):  # no OSError for names that no disk takes
        known = sorted(file.stem for file in CLUSTERS.glob("*.yaml"))
        there = f"; there is {', '.join(known)}" if known else ""
        raise UserError(f"--on {name}: there is no file {path}{there}")
    return read_cluster(path)


def read_cluster(path: Path) -> Cluster:
    located = read_with_parents(path)
    kind = located.value.get("kind")
    if kind is None or not isinstance(kind.value, str) or kind.value not in KINDS:
        where, found = (kind.origin, describe(kind.value)) if kind else (located.origin, "nothing")
        raise UserError(f"{where}: kind: expected {' or '.join(KINDS)}, found {found}")
    return resolve(located, KINDS[kind.value]).config
