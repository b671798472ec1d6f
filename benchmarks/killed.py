"""The commands that `benchmarks.kills` kills: what each is given, and what it has to leave."""

import hashlib
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from PIL import Image

RECIPE = """\
data: {kind: folders, source: photos, target: paintings, crop: 32, batch: 2}
method:
  kind: gan
  generator: {kind: resnet, noise_channels: 2, filters: 4, blocks: 1, kernel: 3}
  discriminator: {kind: patchgan, filters: 4, depth: 1}
  weights: {style: 0.1}
  style_features: {kind: random_pyramid, levels: 2, kernels: [3, 5], filters: 4}
  pool_size: 3
  identity_warmup: 4
  diffaugment: [colour, translation, cutout]
train: {steps: 60, threads: 1, precision: float32}
output: {log_every: 1, validate_every: 10, checkpoint_every: 5}
"""
PREPARE = """\
from pathlib import Path
from gan_style.data.paintbox.prepare import PaintboxSettings, prepare
if __name__ == "__main__":
    prepare(PaintboxSettings("oil", scenes=6, cuts=2, side=128), Path("cache"))
"""
# Of the clock, and where the run stands; the rest of a result may not differ.
PASSING = (
    "manifest_sha256",  # it covers the seconds
    "ms_per_step",
    "seconds",
    "images_per_second",
    "core_minutes",
    "minutes",
    "git_commit",
    "when",
    "run",
    "machine",
)
CLI = ("-m", "gan_style")
MORE = "more.txt"  # words that the set-up adds to the command
Result = dict[str, str]  # name -> what is in it, as a hash


@dataclass(frozen=True)
class Activity:
    name: str
    command: tuple[
        str, ...
    ]  # after `python`, in the trial's folder; ADDRESS stands for what is written there
    set_up: Callable[[Path], None]
    result: Callable[[Path], Result]
    progress: Callable[[Path], float]  # never less after a kill than it was before

    def words(self, folder: Path) -> list[str]:
        """The command, and what only the set-up could know of it."""
        more = folder / MORE
        return [*self.command, *(more.read_text().split() if more.exists() else ())]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def files(folder: Path, pattern: str = "*") -> Result:
    found = [path for path in folder.rglob(pattern) if path.is_file() and not path.name.startswith(".")]
    return {path.relative_to(folder.parent).as_posix(): sha256(path.read_bytes()) for path in found}


def lasting(value: Any) -> Any:
    """Without what tells the time."""
    if isinstance(value, dict):
        return {key: lasting(child) for key, child in value.items() if key not in PASSING}
    return [lasting(child) for child in value] if isinstance(value, list) else value


def json_files(folder: Path) -> Result:
    return {
        path.relative_to(folder.parent).as_posix(): sha256(
            json.dumps(lasting(json.loads(path.read_text()))).encode()
        )
        for path in folder.rglob("*.json")
    }


def draw(folder: Path, count: int, seed: int) -> None:
    folder.mkdir()
    rng = np.random.default_rng(seed)
    for index in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
        coarse.resize((72, 64), Image.Resampling.BICUBIC).save(folder / f"{index:02d}.png")


def experiment(folder: Path) -> None:
    (folder / "small" / "ablations").mkdir(parents=True)
    draw(folder / "photos", 24, 1)
    draw(folder / "paintings", 24, 2)
    (folder / "small" / "config.yaml").write_text(RECIPE)
    (folder / "small" / "ablations" / "no_pool.yaml").write_text(
        "extends: ../config.yaml\nwhy: One more run.\nmethod: {pool_size: 0}\n"
    )


def trained(folder: Path) -> None:
    experiment(folder)
    subprocess.run(
        [sys.executable, *CLI, "train", "small", "--runs", "runs"],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def run_result(folder: Path) -> Result:
    run = folder / "runs" / "small" / "default" / "seed0"
    result = files(run / "samples") | files(run / "checkpoints", "*.npz") | json_files(run / "checkpoints")
    if (run / "metrics.jsonl").is_file():
        lines = [lasting(json.loads(line)) for line in (run / "metrics.jsonl").read_text().splitlines()]
        result["metrics"] = sha256(json.dumps(lines).encode())
    if (run / "summary.json").is_file():
        result["weights"] = str(json.loads((run / "summary.json").read_text())["weights_sha256"])
    return result


def steps_saved(folder: Path) -> float:
    """The step of the newest checkpoint whose files are as its manifest says."""
    saved = [-1.0]
    for checkpoint in (folder / "runs").glob("small/*/seed0/checkpoints/step-*"):
        manifest = json.loads((checkpoint / "manifest.json").read_text())
        hashes = {
            name: hashlib.sha256((checkpoint / name).read_bytes()).hexdigest() for name in manifest["sha256"]
        }
        saved.append(float(checkpoint.name[5:]) if hashes == manifest["sha256"] else -1.0)
    return max(saved)


def served(folder: Path) -> None:
    """A set in a zip file, on a slow server in this process."""
    draw(folder / "drawn", 12, 3)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for part in ("trainA", "trainB", "testA", "testB"):
            for picture in sorted((folder / "drawn").iterdir()):
                packed.write(picture, f"horse2zebra/{part}/{picture.name}")
    SlowServer.content = archive.getvalue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowServer)
    Thread(target=server.serve_forever, daemon=True).start()
    url, digest = f"http://127.0.0.1:{server.server_port}/horse2zebra.zip", hashlib.sha256(SlowServer.content)
    (folder / MORE).write_text(f"--url {url} --sha256 {digest.hexdigest()}")


def downloaded(folder: Path) -> float:
    """Bytes; what is unpacked is more than any number of them."""
    if (folder / "data" / "horse2zebra").is_dir():
        return float("inf")
    return sum(path.stat().st_size for path in folder.glob("data/.horse2zebra.partial"))


class SlowServer(BaseHTTPRequestHandler):
    """One archive, in about two seconds; a download may go on in its middle."""

    content = b""

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        first = int(wanted[6:-1]) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{len(self.content) - 1}/{len(self.content)}")
        for name, value in (("ETag", '"1"'), ("Content-Type", "application/zip")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.content) - first))
        self.end_headers()
        try:
            for place in range(first, len(self.content), 1 + len(self.content) // 40):
                self.wfile.write(
                    self.content[place : min(place + 1 + len(self.content) // 40, len(self.content))]
                )
                time.sleep(0.05)
        except OSError:
            pass  # who asked was killed

    def log_message(self, *arguments: object) -> None:
        pass


def nothing(folder: Path) -> None:
    pass


ACTIVITIES = (
    Activity("train", (*CLI, "train", "small"), experiment, run_result, steps_saved),
    Activity(
        "sample",
        (*CLI, "sample", "small", "--input", "photos", "--output", "painted", "--size", "64"),
        trained,
        lambda folder: files(folder / "painted") | files(folder / "photos"),
        lambda folder: len(files(folder / "painted")),
    ),
    Activity(
        "prepare",
        ("-c", PREPARE),
        nothing,
        lambda folder: files(folder / "cache", "*.png"),
        lambda folder: len(list((folder / "cache").rglob("done"))),
    ),
    Activity(
        "fetch",
        (*CLI, "data", "fetch", "horse2zebra"),
        served,
        lambda folder: files(folder / "data"),
        downloaded,
    ),
    Activity(
        "evaluate",
        (*CLI, "evaluate", "small"),
        trained,
        lambda folder: json_files(folder / "runs" / "small" / "default" / "seed0" / "evaluation"),
        lambda folder: len(list((folder / "runs").rglob("evaluation/*.json"))),
    ),
    Activity(
        "ablate",
        (*CLI, "ablate", "small", "--steps", "30", "--results", "results"),
        experiment,
        lambda folder: json_files(folder / "results"),
        lambda folder: len(list((folder / "results").rglob("*.json"))),
    ),
)
