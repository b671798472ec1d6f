"""Runs what the grid wants, one process at a time, and says how long the rest will take."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.grid import LINES, OWN, TORCH, Line, Measured, Wanted, remaining
from benchmarks.results import Results
from gan_style.experiment.commit import git_commit
from gan_style.system.progress import say, warn

ROOT = Path(__file__).parents[1]
DIGITS = 5  # of seconds, in the file
BUSY = 0.5  # cores in use before anything is measured
MODULES = {TORCH: "benchmarks.peer_torch", OWN: "benchmarks.peer_own"}


class Bench:
    def __init__(self, python: str, machine: Mapping[str, Any], results: Results, quick: bool) -> None:
        self.machine, self.results, self.quick = machine, results, quick
        self.pythons = {TORCH: python, OWN: sys.executable}
        self.caches = Path(python).absolute().parents[1] / "caches"
        self.failed: list[Wanted] = []  # not tried again by this call
        self.code = git_commit()
        self.compiler = shutil.which(os.environ.get("CXX", "g++"))
        if not self.compiler:
            warn("torch.compile needs a C++ compiler, and there is no g++: its modes are left out")
        if os.getloadavg()[0] > BUSY:
            warn("other programs are computing here: figures from a busy machine do not compare")

    def run(self, lines: Sequence[Line], rounds: int | None) -> int:
        """All that is still wanted; how many failed."""
        while wanted := self.open(lines, rounds):
            self.say_next(wanted)
            measured = self.measure(wanted[0])
            if measured is None:
                self.failed.append(wanted[0])
                continue
            self.results.measured.append(measured)
            self.results.write(self.machine, LINES)
        return len(self.failed)

    def open(self, lines: Sequence[Line], rounds: int | None) -> list[Wanted]:
        done, bfloat16 = self.results.measured, self.machine["bfloat16"]
        wanted = remaining(lines, done, bfloat16, bool(self.compiler), rounds)
        return [one for one in wanted if not any(map(one.is_like, self.failed))]

    def say_next(self, wanted: Sequence[Wanted]) -> None:
        """Costs are known of what ran before, and guessed from its line or from all lines."""
        done = self.results.measured

        def minutes(one: Wanted) -> float:
            of_line = [other for other in done if other["line"] == one.line.name()]
            same = [other for other in of_line if (other["side"], other["mode"]) == (one.side, one.mode)]
            return statistics.mean(other["took"] for other in same or of_line or done) / 60

        left = f", about {sum(map(minutes, wanted)):.0f} min left" if done else ""
        one = wanted[0]
        what = f"{one.line.name()}: {one.side} {one.mode}, round {one.round + 1}"
        say(f"{what} ({len(wanted)} to go{left})")

    def measure(self, wanted: Wanted) -> Measured | None:
        line = wanted.line
        asked = {
            **{key: getattr(line, key) for key in ("work", "size", "filters", "batch", "blocks")},
            "mode": wanted.mode,
            "threads": self.machine["threads"],
            "quick": self.quick,
            "started": time.time(),
        }
        command = [self.pythons[wanted.side], "-m", MODULES[wanted.side], json.dumps(asked)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=self.environment(wanted))
        if ran.returncode:
            last = (ran.stderr.strip() or f"exit code {ran.returncode}").splitlines()[-1]
            warn(f"{wanted.side} {wanted.mode} failed: {last}")
            return None
        told = json.loads(ran.stdout.strip().splitlines()[-1])
        key = {"line": line.name(), "side": wanted.side, "mode": wanted.mode, "round": wanted.round}
        return key | rounded(told) | {"took": round(time.time() - asked["started"], 1), "code": self.code}

    def environment(self, wanted: Wanted) -> dict[str, str]:
        """Caches of their own for each line and mode, empty in the first round, which is the cold one."""
        cache = self.caches / f"{wanted.line.name()}-{wanted.mode}"
        if wanted.round == 0:
            shutil.rmtree(cache, ignore_errors=True)
        caches = {"TORCHINDUCTOR_CACHE_DIR": str(cache), "GAN_STYLE_CACHE": str(cache)}
        plain = {"TF_ENABLE_ONEDNN_OPTS": "0"} if wanted.mode.endswith("-eigen") else {}
        return os.environ | caches | plain


def rounded(value: Any) -> Any:
    """Floats with as many digits as mean something."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
