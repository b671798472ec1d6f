"""Tasks side by side, as many as were asked for and as the memory holds. One that fails stops no other."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from gan_style.ablation.cells import Cell
from gan_style.ablation.children import Child, End, stop
from gan_style.ablation.progress import Row, TableProgress, duration
from gan_style.system.hardware import available_memory
from gan_style.system.signals import Stopper

POLL_SECONDS = 0.1
FIRST_ESTIMATE = 2 * 2**30  # bytes, before any training of this table has been measured


@dataclass
class Task:
    """A cell and the commands that are left of it, by the name of what they do."""

    cell: Cell
    stages: list[tuple[str, list[str]]]
    finishes: bool = True  # the cell; a rung of a halving does not
    child: Child | None = None
    began: float = field(default_factory=time.monotonic)

    def begin_stage(self) -> None:
        self.child = Child(self.stages[0][1], self.cell.log())

    def row(self) -> Row:
        lines = self.child.lines() if self.child else []
        return str(self.cell), self.stages[0][0], time.monotonic() - self.began, lines[-1] if lines else ""


class Queue:
    """Runs tasks, and knows why each cell failed that did, and which were given up on purpose."""

    def __init__(self, jobs: int, stopper: Stopper, progress: TableProgress) -> None:
        self.jobs, self.stopper, self.progress = jobs, stopper, progress
        self.running: list[Task] = []
        self.waiting: list[Task] = []
        self.failures: dict[str, str] = {}
        self.dropped: set[str] = set()
        self.peak = 0  # bytes: the most that one command had
        self.told: set[str] = set()

    def run(self, tasks: Sequence[Task]) -> None:
        """All of them, or until a signal asks to stop: then what runs is asked to save itself."""
        self.waiting = list(tasks)
        try:
            while (self.waiting or self.running) and not self.stopper.signal:
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
            self.progress.tell(f"{task.cell}: {task.stages[0][0]}; log in {task.cell.log()}")

    def next_free(self) -> Task | None:
        """The first whose run folder nobody works in; a killed table may have left trainings behind."""
        for task in self.waiting:
            if not task.cell.run.is_held():
                return task
            busy = f"another process is working in {task.cell.run.folder}"
            self.tell_once(f"{task.cell}: {busy}; waiting for it to end")
        return None

    def has_room(self) -> bool:
        need, free = self.peak or FIRST_ESTIMATE, available_memory()
        if free is None:
            return True
        # Those that have just begun will still take what they need.
        free -= sum(max(0, need - task.child.memory()) for task in self.running if task.child)
        if free < need:
            wanted, left = f"{need / 2**30:.1f} GiB", f"{max(0, free) / 2**30:.1f} GiB"
            self.tell_once(f"waiting for memory: a training takes about {wanted}, {left} are free")
        return free >= need

    def drop(self, cells: Sequence[Cell]) -> None:
        """These will not be finished, and that is well."""
        dropped = [cell for cell in cells if str(cell) not in self.failures]
        self.dropped |= {str(cell) for cell in dropped}
        self.progress.total -= len(dropped)
        self.progress.finished -= sum(cell.is_finished() for cell in dropped)

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
        if end.code == 0 and (task.cell.is_finished() or not task.finishes):
            self.progress.finished += task.finishes
            self.progress.tell(f"{task.cell}: done in {took}; {self.progress.counts(len(self.running))}")
            return
        self.progress.failed += 1
        how = f"ended by signal {-end.code}" if end.code < 0 else f"exit code {end.code}"
        if end.code == 0:
            how = f"{task.cell.result} is missing, or of another training"
        self.failures[str(task.cell)] = (
            f"{task.stages[0][0]} failed after {took} ({how}); log in {task.cell.log()}\n{end.last_words}"
        )
        self.progress.tell(f"{task.cell}: {self.failures[str(task.cell)]}")
