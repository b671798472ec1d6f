"""The queue of tasks where Slurm runs them: what is not under way is submitted, as one array."""

import time
from collections.abc import Sequence
from pathlib import Path

from gan_style.cluster import slurm
from gan_style.cluster.job import Job
from gan_style.cluster.kinds import Slurm
from gan_style.cluster.ledger import entries, jobs_folder, record
from gan_style.cluster.progress import TableProgress
from gan_style.cluster.queue import Task, Work
from gan_style.system.errors import RunError
from gan_style.system.progress import say, warn
from gan_style.system.signals import Stopper

POLL_SECONDS = 2.0
LAST_WORDS = 6  # lines of the log of what failed


class SlurmQueue:
    """As `Queue`, whose place it takes. Without `wait` it only submits, and is over with that."""

    def __init__(
        self,
        cluster: Slurm,
        runs: Path,
        about: str,
        stopper: Stopper,
        progress: TableProgress,
        *,
        wait: bool,
    ) -> None:
        self.cluster, self.runs, self.about, self.wait = cluster, runs, about, wait
        self.stopper, self.progress = stopper, progress
        self.failures: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.submitted = self.under_way = 0
        self.pending = False  # what was asked for last is not over

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be done now."""
        return bool(self.stopper.signal or self.pending)

    def run(self, tasks: Sequence[Task]) -> None:
        """Submit those that neither wait nor run, perhaps until all of them are over."""
        known, numbers = slurm.states(), self.numbers()
        live = [task for task in tasks if numbers.get(place(task)) in known]
        new = [task for task in tasks if task not in live and self.is_free(task)]
        jobs = [Job(self.name(task), task.stages, task.work.log(), task.work.result_file()) for task in new]
        self.under_way += len(live)
        if jobs:
            submitted = slurm.submit(jobs, self.cluster, jobs_folder(self.runs) / "slurm", self.about)
            record(self.runs, jobs, submitted)
            self.submitted += len(jobs)
            self.progress.tell(f"submitted {len(jobs)} jobs as {submitted[0].partition('_')[0]}")
        self.pending = bool(live or new) and not self.wait
        if self.wait:
            self.watch([*live, *new])

    def is_free(self, task: Task) -> bool:
        if task.work.is_held():
            warn(f"{task.work}: another process is at it; left out")
        return not task.work.is_held()

    def watch(self, tasks: Sequence[Task]) -> None:
        """Until all are over. A signal ends the watch; the jobs go on."""
        numbers, running = self.numbers(), list(tasks)
        while running and not self.stopper.signal:
            time.sleep(POLL_SECONDS)
            if (known := self.states()) is None:
                continue
            for task in list(running):
                if numbers.get(place(task)) not in known:
                    running.remove(task)
                    self.close(task, len(running))

    def states(self) -> dict[str, str] | None:
        """Nothing where Slurm did not answer this once."""
        try:
            return slurm.states()
        except RunError as problem:
            warn(f"{problem}; asking again")
            return None

    def close(self, task: Task, running: int) -> None:
        if task.is_done():
            self.progress.finished += task.finishes
            self.progress.tell(f"{task.work}: done; {self.progress.counts(running)}")
            return
        self.progress.failed += 1
        entry = next(entry for entry in entries(self.runs) if entry.finished == place(task))
        words = "\n".join(entry.tail(LAST_WORDS))
        over = f"job {entry.number} is over without a result; log in {entry.log}"
        self.failures[str(task.work)] = f"{over}\n{words}"
        self.progress.tell(f"{task.work}: {self.failures[str(task.work)]}")

    def drop(self, works: Sequence[Work]) -> None:
        """These will not be finished, and that is well."""
        self.dropped |= {str(work) for work in works}
        self.progress.total -= len(works)

    def say_what_next(self) -> None:
        if self.under_way and not self.wait:
            say(f"{self.under_way} jobs wait or run already")
        if not self.wait and (self.under_way or self.submitted):
            say("`gan-style jobs` shows them; the same command submits what is left once they are over")

    def name(self, task: Task) -> str:
        return f"{self.about} {task.work}"

    def numbers(self) -> dict[str, str]:
        return {entry.finished: entry.number for entry in entries(self.runs)}


def place(task: Task) -> str:
    """What the ledger knows it by: the file that it is to write."""
    return str(task.work.result_file().resolve())
