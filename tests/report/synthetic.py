"""Experiments with made-up results: known figures, run folders with tiny pictures and falling losses."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from gan_style.evaluation.result import PROTOCOL, Estimate, Figure, Result

CONFIG = """
data: {kind: paintbox, painter: oil, crop: 64, batch: 3}
method:
  kind: gan
  weights: {adversarial: 1, style: 0.5}
  ema_decay: 0.998
train: {steps: 3324}
"""
README = (
    "# oil: photographs into oil\n\n## Question\n\nCan a small GAN learn\nto paint?\n\n## Verdict\n\nYes.\n"
)
IDENTITY, REAL = 1.0, 0.1  # of the metric `style`, lower is better
PHOTOGRAPHS = tuple(f"photo{index:02d}" for index in range(12))


def around(value: float, half: float) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half)


def of_units(values: np.ndarray) -> Estimate:
    """One run's figure, from what it reached on each photograph."""
    units = {"photographs": dict(zip(PHOTOGRAPHS, values.tolist(), strict=True))}
    return around(float(values.mean()), 0.05).model_copy(update={"units": units})


@dataclass
class Laboratory:
    """An experiment folder `oil` below `root`, and its runs."""

    root: Path
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def __post_init__(self) -> None:
        (self.folder / "ablations").mkdir(parents=True)
        (self.folder / "config.yaml").write_text(CONFIG)
        (self.folder / "README.md").write_text(README)

    @property
    def folder(self) -> Path:
        return self.root / "experiments" / "oil"

    @property
    def results(self) -> Path:
        return self.folder / "results"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def output(self) -> Path:
        return self.runs / "oil" / "report"

    def ablation(self, name: str, changed: str, why: str = "Does it matter?") -> Path:
        path = self.folder / "ablations" / f"{name}.yaml"
        path.write_text(f"extends: ../config.yaml\nwhy: {json.dumps(why)}\n{changed}\n")
        return path

    def result(self, variant: str, seed: int, style: float, **changed: object) -> Result:
        """`style` is scored, `psnr` is not separable; units lie around the value."""
        shifts = self.rng.normal(0, 0.01, 12)
        reached = of_units(style + shifts - shifts.mean())
        score = of_units((IDENTITY - style - shifts + shifts.mean()) / (IDENTITY - REAL))
        both = {"identity": around(IDENTITY, 0.05), "real": around(REAL, 0.02)}
        figures = {
            "psnr": Figure(
                better="higher",
                method=around(19.5, 1),
                identity=around(19, 1),
                real=around(19.2, 1),
                note="not separable",
            ),
            "style": Figure(better="lower", method=reached, score=score, **both),
        }
        values = {
            "experiment": "oil", "variant": variant, "seed": seed, "budget": "full",
            "protocol": PROTOCOL, "primary": "style",
            "checkpoint": "last", "step": 3324, "steps": 3324, "split": "test",
            "backbone": {"name": "wavelets", "sha256": "ab" * 32},
            "data": {"photographs": 12, "target_sha256": "cd" * 32},
            "training": {
                "kind": "gan", "seconds": 525.0, "ms_per_step": 158.0, "precision": "mixed_bfloat16",
            },
            "hardware": "a laptop", "figures": figures,
        } | changed  # fmt: skip
        return Result(**values)

    def add(
        self, result: Result, stem: str | None = None, *, run: bool = False, pictures: int = 2, side: int = 32
    ) -> Path:
        stem = stem or result.variant
        path = self.results / f"{stem}-seed{result.seed}.json"
        result.write(path)
        if run:
            self.run(self.runs / "oil" / stem / f"seed{result.seed}", result, pictures, side)
        return path

    def run(self, folder: Path, result: Result, pictures: int, side: int) -> None:
        folder.mkdir(parents=True)
        with (folder / "metrics.jsonl").open("w") as file:
            for step in (1, *range(20, result.steps + 1, 20)):
                fall = 1 / (1 + step / 300) + float(self.rng.normal(0, 0.01))
                terms = {
                    "generator/total": fall + 1 + result.seed / 10,
                    "generator/style": fall,
                    "discriminator/total": 1 - fall / 2,
                }
                file.write(json.dumps({"step": step, **terms, "learning_rate": 1e-4}) + "\n")
                if step % 500 == 0:
                    file.write(json.dumps({"step": step, "validation/style_and_content": fall}) + "\n")
        for role in ("painted", "source", "target"):
            (folder / "evaluation" / "last-test" / role).mkdir(parents=True)
            for index in range(pictures):
                self.picture(side).save(folder / "evaluation" / "last-test" / role / f"photo{index:02d}.png")

    def picture(self, side: int) -> Image.Image:
        coarse = Image.fromarray(self.rng.integers(0, 256, (8, 8, 3), np.uint8)).resize(
            (side, side), Image.Resampling.BICUBIC
        )
        grain = self.rng.normal(0, 12, (side, side, 3))
        return Image.fromarray(np.clip(np.asarray(coarse) + grain, 0, 255).astype(np.uint8))
