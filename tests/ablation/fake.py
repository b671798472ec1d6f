"""Stands in for training, evaluating and timing: quick, steady, and slow enough to be caught in the act.

`python fake.py train FOLDER STEPS SEED PAUSE UNTIL BREAKS`, `time MS`, or
`evaluate FOLDER RESULT SHA VARIANT BUDGET BACKBONE PROTOCOL`.
A figure depends on the variant's name, the seed and the step alone, as in an exact training.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path


def quality(folder: Path, step: int) -> float:
    """Later steps are better; which folder is how good stays the same."""
    return (
        int(hashlib.sha256(f"{folder.parent.name}/{folder.name}".encode()).hexdigest()[:4], 16) / 65536
        + 1 / step
    )


def write(path: Path, value: object) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value))
    partial.replace(path)


def train(folder: Path, steps: int, seed: int, pause: float, until: int, breaks: bool) -> None:
    (folder / "checkpoints" / "step-00000001").mkdir(parents=True, exist_ok=True)
    (folder.parent / f"{folder.name}.pid").write_text(str(os.getpid()))
    summary, stopping = folder / "summary.json", []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(1))
    step = json.loads(summary.read_text())["step"] if summary.exists() else 0
    with (folder.parent / f"{folder.name}.times").open("a") as times:
        times.write(f"begins at {step} {time.time()} to {until or steps}\n")
    while step < (until or steps):
        time.sleep(pause)
        if breaks and step == 2:
            sys.exit("one line\nrun failed: step 2: generator/style is nan")
        step += 1
        write(
            summary,
            {
                "step": step,
                "steps": steps,
                "seed": seed,
                "seconds": step * pause,
                "figures": {"style": quality(folder, step)},
            },
        )
        if stopping:
            sys.exit(143)
    with (folder / "metrics.jsonl").open("a") as log:
        log.write(json.dumps({"step": step, "validation/style_and_content": quality(folder, step)}) + "\n")
    with (folder.parent / f"{folder.name}.times").open("a") as times:
        times.write(f"ends at {step} {time.time()}\n")


def evaluate(
    folder: Path, result: Path, sha: str, variant: str, budget: str, backbone: str, protocol: str
) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    value = quality(folder, summary["step"])
    figures = {
        "kid": {"better": "lower", "method": {"value": value, "low": value - 0.1, "high": value + 0.1}}
    }
    facts = {
        "experiment": "tiny",
        "variant": variant,
        "seed": summary["seed"],
        "budget": budget,
        "checkpoint": "last",
        "split": "test",
    }
    facts |= {
        "step": summary["step"],
        "steps": summary["steps"],
        "backbone": json.loads(backbone),
        "data": {},
        "hardware": "none",
    }
    result.parent.mkdir(parents=True, exist_ok=True)
    write(result, facts | {"protocol": int(protocol), "training": {"config_sha256": sha}, "figures": figures})


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "train":
        train(Path(rest[0]), int(rest[1]), int(rest[2]), float(rest[3]), int(rest[4]), rest[5] == "True")
    elif what == "evaluate":
        evaluate(Path(rest[0]), Path(rest[1]), *rest[2:])
    else:
        print("compiling\n" + json.dumps({"ms_per_step": float(rest[0]), "threads": 2}))
