"""A small experiment whose cells are faked; run as a program it is a table that can be killed."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from gan_style.ablation.ablate import ablate
from gan_style.ablation.cells import Cell
from gan_style.ablation.commands import Commands
from gan_style.ablation.plan import Plan
from gan_style.evaluation.result import PROTOCOL
from gan_style.experiment.recipe import learned_hash
from tests.small import SMALL_RECIPE

FAKE = [sys.executable, str(Path(__file__).with_name("fake.py"))]
ABLATIONS = {
    "no_pool": "method: {pool_size: 0}",
    "plain": "method: {diffaugment: []}",
    "wide": "method: {generator: {filters: 6}}",
}


@dataclass(frozen=True)
class FakeCommands(Commands):
    pause: float = 0.01
    breaks: tuple[str, ...] = ()

    def train(self, cell: Cell, until: int | None = None) -> list[str]:
        numbers = [str(cell.steps), str(cell.seed), str(self.pause), str(until or 0)]
        return [*FAKE, "train", str(cell.run.folder), *numbers, str(str(cell) in self.breaks)]

    def evaluate(self, cell: Cell) -> list[str]:
        sha = learned_hash(cell.recipe.config)
        return [
            *FAKE,
            "evaluate",
            str(cell.run.folder),
            str(cell.result),
            sha,
            cell.variant,
            cell.budget,
            json.dumps(cell.backbone),
            str(PROTOCOL),
        ]

    def time(self, variant: str, threads: int | None = None) -> list[str]:
        return [*FAKE, "time", {"wide": "20", "plain": "0"}.get(variant, "10")]


def make_experiment(folder: Path, source: Path | str = "photos", target: Path | str = "paintings") -> Path:
    (folder / "ablations").mkdir(parents=True)
    (folder / "config.yaml").write_text(SMALL_RECIPE.format(source=source, target=target))
    for name, changes in ABLATIONS.items():
        (folder / "ablations" / f"{name}.yaml").write_text(
            f"extends: ../config.yaml\nwhy: To try it.\n{changes}\n"
        )
    return folder


class RealTraining(FakeCommands):
    """Only the evaluation is fake."""

    train = Commands.train
    time = Commands.time


def run(plan: Plan, **settings) -> int:
    return ablate(plan, make_commands=lambda *given: FakeCommands(*given, **settings))


if __name__ == "__main__":
    experiment, runs, results, seeds, pause = sys.argv[1:]
    if pause == "real":
        plan = Plan(
            experiment, Path(runs), Path(results), seeds=int(seeds), only=("default", "no_pool"), minutes=0.01
        )
        sys.exit(ablate(plan, make_commands=RealTraining))
    sys.exit(run(Plan(experiment, Path(runs), Path(results), seeds=int(seeds)), pause=float(pause)))
