"""Which processes train together: of TF_CONFIG, or of what Slurm has given to this `srun`."""

import json
import os
import re
import subprocess
from dataclasses import dataclass

from gan_style.system.errors import UserError

EXAMPLE = '{"cluster": {"worker": ["a:12345", "b:12345"]}, "task": {"type": "worker", "index": 0}}'
PORTS = (20_000, 20_000)  # from the first on, so many; a job's number chooses among them
REPEATED = re.compile(r"(\d+)(?:\(x(\d+)\))?")  # Slurm's 2(x3),1: two tasks on three nodes, one on the last


@dataclass(frozen=True)
class Workers:
    addresses: tuple[str, ...]  # host:port of each
    place: int  # of this one; 0 is the chief, which alone writes

    def tf_config(self) -> str:
        cluster = {"worker": list(self.addresses)}
        return json.dumps({"cluster": cluster, "task": {"type": "worker", "index": self.place}})


def workers() -> Workers:
    if config := os.environ.get("TF_CONFIG"):
        return of_tf_config(config)
    if "SLURM_PROCID" in os.environ:
        return of_slurm()
    raise UserError(
        "train.strategy: multiworker: neither TF_CONFIG nor an allocation of Slurm (srun) names the workers"
    )


def of_tf_config(config: str) -> Workers:
    try:
        told = json.loads(config)
        addresses, task = told["cluster"]["worker"], told["task"]
        if not (isinstance(addresses, list) and all(isinstance(one, str) for one in addresses)):
            raise ValueError("the workers are no list of host:port")
        if task["type"] != "worker" or not 0 <= int(task["index"]) < len(addresses):
            raise ValueError("the task is none of the workers")
    except (ValueError, KeyError, TypeError) as problem:
        raise UserError(f"TF_CONFIG: {type(problem).__name__}: {problem}; expected {EXAMPLE}") from None
    return Workers(tuple(addresses), int(task["index"]))


def of_slurm() -> Workers:
    """As many processes as `srun` has started, on its nodes in their order."""
    told = os.environ
    try:
        nodes, tasks = told["SLURM_STEP_NODELIST"], told["SLURM_STEP_TASKS_PER_NODE"]
        job, place = int(told["SLURM_JOB_ID"]), int(told["SLURM_PROCID"])
    except (KeyError, ValueError) as problem:
        raise UserError(f"Slurm's allocation lacks {problem}; start the workers by srun") from None
    asked = ["scontrol", "show", "hostnames", nodes]
    try:
        hosts = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError) as problem:
        raise UserError(f"scontrol could not name the nodes {nodes}: {problem}") from None
    if len(hosts) != len(tasks_of(tasks)):
        raise UserError(f"Slurm's allocation has {len(hosts)} nodes, and tasks for {tasks}")
    first = PORTS[0] + job * 64 % PORTS[1]
    pairs = zip(hosts, tasks_of(tasks), strict=True)
    addresses = tuple(f"{host}:{first + number}" for host, count in pairs for number in range(count))
    return Workers(addresses, place)


def tasks_of(text: str) -> list[int]:
    """Tasks of each node."""
    found = [REPEATED.fullmatch(part) for part in text.split(",")]
    return [int(one[1]) for one in found if one for _ in range(int(one[2] or 1))]
