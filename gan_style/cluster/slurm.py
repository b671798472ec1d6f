"""Jobs on Slurm, by way of submitit. Needs the `cluster` extra, and a machine that has sbatch."""

import getpass
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_style.cluster.job import Job
from gan_style.cluster.kinds import Slurm
from gan_style.system.errors import RunError, UserError

LARGEST_ARRAY = 1000  # Slurm's own limit is 1001, where nobody has set another
REQUEUES = 1000  # so often a job may use up its time
NOTICE = 120  # seconds before the end of its time, in which a training ends its step and is saved
SECONDS = 60  # until Slurm has answered


def executor(cluster: Slurm, folder: Path, name: str) -> Any:
    """submitit's, which writes the script and pickles what is to be done into `folder`."""
    try:
        import submitit
    except ModuleNotFoundError:
        raise UserError("Slurm needs the extra `cluster`: pip install 'gan-style[cluster]'") from None
    made = submitit.SlurmExecutor(folder, max_num_timeout=REQUEUES)
    made.update_parameters(
        job_name=name,
        time=cluster.minutes,
        cpus_per_task=cluster.cpus,
        mem=f"{round(cluster.memory * 1024)}M",
        array_parallelism=cluster.jobs,
        signal_delay_s=NOTICE,
        # Since 22.05 srun does not inherit it from sbatch.
        srun_args=[f"--cpus-per-task={cluster.cpus}"],
        setup=list(cluster.setup) or None,
        additional_parameters={"requeue": True, **cluster.options},
        **({"gpus_per_node": cluster.gpus} if cluster.gpus else {}),
        **({"partition": cluster.partition} if cluster.partition else {}),
    )
    return made


def submit(jobs: Sequence[Job], cluster: Slurm, folder: Path, name: str) -> list[str]:
    """As arrays; returns the number of each job."""
    if not shutil.which("sbatch"):
        raise UserError("there is no sbatch here; give this command where jobs are submitted from")
    folder.mkdir(parents=True, exist_ok=True)
    parts = [jobs[first : first + LARGEST_ARRAY] for first in range(0, len(jobs), LARGEST_ARRAY)]
    return [number for part in parts for number in _submit(part, executor(cluster, folder, name))]


def _submit(jobs: Sequence[Job], made: Any) -> list[str]:
    try:
        with warnings.catch_warnings(), made.batch():
            warnings.simplefilter("ignore")
            handles = [made.submit(job) for job in jobs]
    except Exception as problem:  # submitit tells of sbatch's refusal in errors of its own
        told = getattr(problem, "stderr", None) or str(problem)
        text = told.decode(errors="replace") if isinstance(told, bytes) else told
        raise RunError(f"sbatch refused the jobs: {text.strip()}") from None
    return [handle.job_id for handle in handles]


def script(count: int, cluster: Slurm, name: str) -> str:
    """What sbatch would be given for so many jobs."""
    if not shutil.which("srun"):
        raise UserError("there is no srun here; give this command where jobs are submitted from")
    with tempfile.TemporaryDirectory() as scratch:
        made = executor(cluster, Path(scratch), name)
        if count > 1:
            made.parameters["map_count"] = count
        text = made._make_submission_file_text(made._submitit_command_str, "dry-run")
        return str(text).replace(scratch, "RUNS/.jobs/slurm")


def states() -> dict[str, str]:
    """Of this user's jobs that are not over, by number; accounting is not needed."""
    asked = ["squeue", "--noheader", "--array", "--format=%i|%T|%r", f"--user={getpass.getuser()}"]
    found = {}
    for line in _answer(asked).splitlines():
        number, state, reason = line.split("|", 2)
        why = f" ({reason})" if reason not in ("None", "") and state == "PENDING" else ""
        found[number.strip()] = state.lower() + why
    return found


def cancel(numbers: Sequence[str]) -> None:
    if numbers:
        _answer(["scancel", *numbers])


def _answer(command: list[str]) -> str:
    if not shutil.which(command[0]):
        raise UserError(f"there is no {command[0]} here; give this command where jobs are submitted from")
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise RunError(f"{command[0]}: no answer in {SECONDS} seconds") from None
    if asked.returncode:
        raise RunError(f"{command[0]}: {asked.stderr.strip()}")
    return asked.stdout
