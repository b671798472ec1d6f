"""Tasks side by side, as many as were asked for and as the memory holds. One that fails stops no other."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gan_style.cluster.children import POLL_SECONDS, Child, End, stop
from gan_style.cluster.progress import Row, TableProgress, duration
from gan_style.system.hardware import available_memory
from gan_style.system.signals import Stopper

FIRST_ESTIMATE = 2 * 2**30  # bytes, before any has been measured


class Work(Protocol):
    """What is to be finished; its text is its name."""

    def log(self) -> Path: ...

    def is_held(self) -> bool:
        """Whether another process is at it."""

    def is_finished(self) -> bool: ...

    def result_file(self) -> Path:
        """Which is written when it is finished."""


@dataclass
class Task:
    """Work and the commands that are left of it, by the name of what they do."""

    work: Work
    stages: list[tuple[str, list[str]]]
    finishes: bool = True  # the work; a rung of a halving does not
    reached: Callable[[], bool] | None = None  # whether it has done what it is for, where that is less
    child: Child | None = None
    began: float = field(default_factory=time.monotonic)

    def is_done(self) -> bool:
        return (self.reached or self.work.is_finished)()

    def begin_stage(self) -> None:
        self.child = Child(self.stages[0][1], self.work.log())

    def row(self) -> Row:
        lines = self.child.lines() if self.child else []
        return str(self.work), self.stages[0][0], time.monotonic() - self.began, lines[-1] if lines else ""


class Queue:
    """Runs tasks, and knows why those failed that did, and which were given up on purpose."""

    def __init__(self, jobs: int, stopper: Stopper, progress: TableProgress) -> None:
        self.jobs, self.stopper, self.progress = jobs, stopper, progress
        self.running: list[Task] = []
        self.waiting: list[Task] = []
        self.failures: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.peak = 0  # bytes: the most that one command had
        self.told: set[str] = set()

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be done now."""
        return bool(self.stopper.signal)

    def run(self, tasks: Sequence[Task]) -> None:
        """All of them, or until a signal asks to stop: then what runs is asked to save itself."""
        self.waiting = list(tasks)
        try:
            while (self.waiting or self.running) and not self.is_over:
                self.fill()
                self.look()
                self.progress.show([task.row() for task in self.running] if self.progress.live else [])
                time.sleep(POLL_SECONDS)
        finally:
            if self.running:
                self.progress.tell(f"stopping {len(self.running)} running; the same command goes on")
            stop([task.child for task in self.running if task.child])
            self.running = []

    def fill(self) -> None:
        # One always runs: whether that fits nobody knows better than whoever asked for it.
        while len(self.running) < self.jobs and (task := self.next_free()):
            if self.running and not self.has_room():
                return
            self.waiting.remove(task)
            task.began = time.monotonic()
            task.begin_stage()
            self.running.append(task)
            self.progress.tell(f"{task.work}: {task.stages[0][0]}; log in {task.work.log()}")

    def next_free(self) -> Task | None:
        """The first that nobody is at; what was killed may have left children behind."""
        for task in self.waiting:
            if not task.work.is_held():
                return task
            self.tell_once(f"{task.work}: another process is at it; waiting for it to end")
        return None

    def has_room(self) -> bool:
        need, free = self.peak or FIRST_ESTIMATE, available_memory()
        if free is None:
            return True
        # Those that have just begun will still take what they need.
        free -= sum(max(0, need - task.child.memory()) for task in self.running if task.child)
        if free < need:
            wanted, left = f"{need / 2**30:.1f} GiB", f"{max(0, free) / 2**30:.1f} GiB"
            self.tell_once(f"waiting for memory: one takes about {wanted}, {left} are free")
        return free >= need

    def drop(self, works: Sequence[Work]) -> None:
        """These will not be finished, and that is well."""
        dropped = [work for work in works if str(work) not in self.failures]
        self.dropped |= {str(work) for work in dropped}
        self.progress.total -= len(dropped)
        self.progress.finished -= sum(work.is_finished() for work in dropped)

    def tell_once(self, text: str) -> None:
        subject = text.partition(":")[0]
        if subject not in self.told:
            self.told.add(subject)
            self.progress.tell(text)

    def look(self) -> None:
        """Go on with every task whose command has ended."""
        for task in list(self.running):
            end = task.child.poll() if task.child else None
            if end is None:
                continue
            if end.code == 0:  # one that failed early says nothing of what the others need
                self.peak = max(self.peak, end.peak)
            if end.code == 0 and len(task.stages) > 1:
                del task.stages[0]
                task.begin_stage()
                continue
            self.running.remove(task)
            self.close(task, end)

    def close(self, task: Task, end: End) -> None:
        took = duration(time.monotonic() - task.began)
        if end.code == 0 and task.is_done():
            self.progress.finished += task.finishes
            self.progress.tell(f"{task.work}: done in {took}; {self.progress.counts(len(self.running))}")
            return
        self.progress.failed += 1
        how = f"ended by signal {-end.code}" if end.code < 0 else f"exit code {end.code}"
        if end.code == 0:
            how = f"{task.work.result_file()} is missing, or not of this work"
        self.failures[str(task.work)] = (
            f"{task.stages[0][0]} failed after {took} ({how}); log in {task.work.log()}\n{end.last_words}"
        )
        self.progress.tell(f"{task.work}: {self.failures[str(task.work)]}")
