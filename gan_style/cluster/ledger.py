"""Which jobs were submitted, in RUNS/.jobs/ledger.jsonl: one line each, the newest last."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gan_style.cluster.job import Job
from gan_style.system.disk import parsed

LEDGER = "ledger.jsonl"


@dataclass(frozen=True)
class Entry:
    number: str  # Slurm's
    name: str
    log: str
    finished: str
    submitted: float  # seconds since 1970

    def is_finished(self) -> bool:
        """Whether it has written its last file since it was submitted."""
        try:
            return os.stat(self.finished).st_mtime >= self.submitted - 1
        except OSError:
            return False

    def last_line(self) -> str:
        """Of its log."""
        lines = self.tail(1)
        return lines[0] if lines else ""

    def tail(self, count: int, most: int = 100_000) -> list[str]:
        """The last lines of its log, looking at no more than so many bytes."""
        try:
            with open(self.log, "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - most))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            return []
        return [line for line in lines if line.strip()][-count:]


def jobs_folder(runs: Path) -> Path:
    return runs.resolve() / ".jobs"


def record(runs: Path, jobs: Sequence[Job], numbers: Sequence[str]) -> None:
    jobs_folder(runs).mkdir(parents=True, exist_ok=True)
    with (jobs_folder(runs) / LEDGER).open("a") as file:
        for job, number in zip(jobs, numbers, strict=True):
            places = str(job.log.resolve()), str(job.finished.resolve())
            file.write(json.dumps(asdict(Entry(number, job.name, *places, time.time()))) + "\n")


def entries(runs: Path) -> list[Entry]:
    """The newest of each work; a damaged line is passed over."""
    path = jobs_folder(runs) / LEDGER
    found: dict[str, Entry] = {}
    for line in path.read_bytes().splitlines() if path.is_file() else []:
        try:
            entry = Entry(**parsed(line))
        except (ValueError, TypeError):
            continue
        found.pop(entry.finished, None)  # names repeat: of two tables, or two folders of one name
        found[entry.finished] = entry
    return list(found.values())
