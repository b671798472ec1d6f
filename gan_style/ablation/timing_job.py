"""Equal time on a cluster: every variant is timed in one job, so on one machine, of those that will train."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_style.ablation.budget import budget_file
from gan_style.ablation.commands import Commands
from gan_style.ablation.plan import Plan
from gan_style.cluster.kinds import Slurm
from gan_style.cluster.ledger import entries
from gan_style.cluster.progress import TableProgress
from gan_style.cluster.queue import Task
from gan_style.cluster.slurm import states
from gan_style.cluster.slurm_queue import SlurmQueue
from gan_style.experiment.find import find
from gan_style.system.progress import say, warn
from gan_style.system.signals import Stopper


@dataclass(frozen=True)
class Timing:
    """Work that is finished when the budget's file knows the steps of all variants."""

    plan: Plan
    variants: tuple[str, ...]

    def __str__(self) -> str:
        return f"timing for {self.plan.minutes:g} minutes"

    def log(self) -> Path:
        return self.plan.runs / find(self.plan.experiment)[0] / "timing.log"

    def is_held(self) -> bool:
        return False

    def is_finished(self) -> bool:
        return not self.plan.untimed(self.variants)

    def result_file(self) -> Path:
        return budget_file(self.plan.results, self.plan.minutes or 0)


def time_on_cluster(
    plan: Plan, variants: Sequence[str], commands: Commands, stopper: Stopper, *, wait: bool
) -> SlurmQueue:
    """Submit the job that times them, unless it was over before without all of them."""
    assert isinstance(plan.cluster, Slurm)
    assert plan.minutes is not None
    new = plan.untimed(variants)
    work = Timing(plan, tuple(variants))
    command = commands.freeze(variants, plan.minutes, plan.results, plan.cluster.cpus)
    with TableProgress(1, 0, lambda: None) as progress:
        queue = SlurmQueue(plan.cluster, plan.runs, find(plan.experiment)[0], stopper, progress, wait=wait)
        if was_tried(plan):
            warn(f"{', '.join(new)}: could not be timed, and is left out; log in {work.log()}")
        else:
            say(f"{len(new)} of {len(variants)} variants are not timed yet: a job of its own, first")
            queue.run([Task(work, [("timing", command)])])
    return queue


def was_tried(plan: Plan) -> bool:
    """Whether the last job that timed them has come to its end."""
    result = str(Timing(plan, ()).result_file().resolve())
    tried = [entry for entry in entries(plan.runs) if entry.finished == result]
    return bool(tried) and tried[-1].number not in states() and tried[-1].is_finished()
