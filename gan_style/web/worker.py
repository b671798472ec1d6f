"""The one thread that has pictures painted, and the queue before it."""

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gan_style.system.errors import UserError
from gan_style.system.progress import warn
from gan_style.web import limits
from gan_style.web.jobs import ENDED, Job
from gan_style.web.painters import of_packed
from gan_style.web.process import Ended, PaintingProcess
from gan_style.web.uploads import Uploads

USUAL = 20.0  # seconds of a painting, before there was one
DESCRIBE_SECONDS = 120.0
RESTED = 30.0  # seconds between looks for what has expired


class Worker:
    """One painting after the other, by a process that suits its run."""

    def __init__(self, uploads: Uploads, threads: int | None) -> None:
        self.uploads, self.threads = uploads, threads
        self.jobs: dict[str, Job] = {}  # waiting, being painted, and ended
        self.queue: deque[Job] = deque()
        self.questions: deque[tuple[list[str], Callable[[dict[str, Any]], None]]] = deque()
        self.current: Job | None = None
        self.changed = threading.Condition()
        self.closing = False
        self.process: PaintingProcess | None = None
        self.pace: dict[str, float] = {}  # seconds a pixel, by painter
        self.thread = threading.Thread(target=self._work, name="painting", daemon=True)

    def start(self) -> None:
        self.process = PaintingProcess(of_packed(self.threads), self.threads)
        self.thread.start()

    def close(self) -> None:
        with self.changed:
            self.closing = True
            self.queue.clear()
            if self.process:
                self.process.end()
            self.changed.notify()
        if self.thread.is_alive():
            self.thread.join(10)

    def submit(self, job: Job) -> None:
        with self.changed:
            if len(self.queue) >= limits.WAITING:
                raise limits.Busy("the queue is full; try again in a moment", self.wait())
            if pace := self.pace.get(job.painter):
                job.expected = round(pace * job.area, 2)
            self.jobs[job.id] = job
            self.queue.append(job)
            self.changed.notify()

    def describe(self, folders: list[str], hear: Callable[[dict[str, Any]], None]) -> None:
        """What may be asked of these runs, told later."""
        with self.changed:
            self.questions.append((folders, hear))
            self.changed.notify()

    def get(self, id: str) -> Job | None:
        found = self.jobs.get(id)
        if found:
            found.used = time.monotonic()
        return found

    def told(self, job: Job) -> dict[str, Any]:
        with self.changed:
            waiting = job in self.queue
            ahead = self.queue.index(job) + (self.current is not None) if waiting else 0
        return job.told(ahead)

    def cancel(self, job: Job) -> None:
        """Take it from the queue, stop painting it, or forget what was painted."""
        with self.changed:
            painting = job is self.current and job.state not in ENDED
            if job in self.queue:
                self.queue.remove(job)
            job.move("cancelled")
            if painting and self.process:
                self.process.end()
            self._forget(job, painting)

    def wait(self) -> int:
        """Seconds until there should be room in the queue."""
        expected = self.current.expected if self.current else None
        return max(1, round(expected or USUAL / 4))

    def _work(self) -> None:
        while True:
            with self.changed:
                while not (self.queue or self.questions or self.closing):
                    self.changed.wait(RESTED)
                    self._expire()
                if self.closing:
                    return
                question = self.questions.popleft() if self.questions else None
                job = None if question else self.queue.popleft()
                self.current = job
            if question:
                self._answer(*question)
            elif job:
                self._paint(job)
                with self.changed:
                    self.current = None
                    self._expire()

    def _answer(self, folders: list[str], hear: Callable[[dict[str, Any]], None]) -> None:
        order = {"do": "describe", "runs": folders}
        try:
            told = self._suitable(None).ask(order, DESCRIBE_SECONDS, lambda doing: None)
        except Exception as problem:  # whatever it is, who asked hears of it, and this thread goes on
            told = {folder: {"error": reason(problem)} for folder in folders}
        hear(told)

    def _paint(self, job: Job) -> None:
        def hear(doing: Any) -> None:
            job.move(doing)
            if doing == "painting":
                job.began = time.monotonic()

        try:
            job.began = time.monotonic()
            job.move("loading")
            process = self._suitable(job.machine)
            if job.state in ENDED:  # cancelled before this process was its own
                shutil.rmtree(job.folder, ignore_errors=True)
                return
            done = process.ask(job.order(), limits.PAINT_SECONDS, hear)
            job.file, job.size = job.folder / done["file"], (done["width"], done["height"])
            job.bytes = job.file.stat().st_size
            self.pace[job.painter] = (time.monotonic() - job.began) / max(job.area, 1)
            with self.changed:  # as against being cancelled
                job.move("done")
        except Exception as problem:  # whatever it is, who asked hears of it, and this thread goes on
            job.error = without_paths(reason(problem), job)
            job.move("failed")
        if job.state != "done":
            shutil.rmtree(job.folder, ignore_errors=True)
        if job.state == "cancelled" and not self.closing:
            with suppress(OSError, Ended):
                self._suitable(job.machine)  # begins while nobody waits

    def _suitable(self, machine: str | None) -> PaintingProcess:
        """The process, or a new one where it has ended, or has other settings than the run."""
        with self.changed:
            if self.closing:
                raise Ended
            process = self.process
            if process and process.is_running() and machine in (None, process.machine):
                return process
            if process:
                process.end()
            self.process = PaintingProcess(machine or of_packed(self.threads), self.threads)
            return self.process

    def _expire(self) -> None:
        """Paintings that nobody asked for in a while, the oldest of too many, and uploads."""
        ended = sorted((job for job in self.jobs.values() if job.state in ENDED), key=lambda job: job.used)
        total = sum(job.bytes for job in ended)
        for job in ended:
            old = time.monotonic() - job.used > limits.IDLE_SECONDS
            many = len(self.jobs) > limits.KEPT_PAINTINGS + limits.WAITING
            if old or many or total > limits.KEPT_PAINTED_BYTES:
                total -= job.bytes
                self._forget(job, False)
        self.uploads.expire(self.needed())

    def needed(self) -> set[str]:
        """Uploads of paintings that are not made yet."""
        going = [job for job in list(self.jobs.values()) if job.state not in ENDED]
        return {one.id for job in going for one in (job.photograph, job.style_image) if one}

    def _forget(self, job: Job, painting: bool) -> None:
        self.jobs.pop(job.id, None)
        if not painting:  # the thread removes it itself
            shutil.rmtree(job.folder, ignore_errors=True)


def reason(problem: Exception) -> str:
    """One sentence; what nobody has thought of is told to the terminal as well."""
    if isinstance(problem, UserError):
        return str(problem)
    if isinstance(problem, Ended):
        return "the process that paints has ended, perhaps for lack of memory; try a smaller size"
    warn(f"the page: {type(problem).__name__}: {problem}")
    if isinstance(problem, OSError):
        return f"the process that paints cannot be used: {problem.strerror or type(problem).__name__}"
    return f"it failed, and that is a fault of the program: {type(problem).__name__}"


def without_paths(text: str, job: Job) -> str:
    """With the names that people know instead of the places where their pictures are kept."""
    for upload in (job.photograph, job.style_image):
        if upload:
            text = text.replace(str(upload.path), upload.name)
    return text.replace(str(Path(job.folder)), job.download)
