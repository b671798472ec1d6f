"""An evaluation's numbers and pictures in the W&B run of the training they belong to."""

from gan_style.config.load import load
from gan_style.evaluation.result import Result, place
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.inference.sheets import side_by_side
from gan_style.system import images
from gan_style.tracking.wandb_run import WandbRun, identity

SHOWN = 12  # pictures on the sheet
COLUMNS = (
    "metric",
    "better",
    "identity baseline",
    "method",
    "low",
    "high",
    "real vs real",
    "score",
    "score low",
    "score high",
    "note",
)


def log(run: Run, result: Result) -> None:
    """Scores as numbers that runs can be compared by, all figures as a table, photographs and paintings as a sheet."""
    config = load(run.config, Experiment).config
    where = f"evaluation/{place(result.checkpoint, result.split)}"
    folder = run.folder / where
    files = sorted((folder / "source").glob("*.png"))[:SHOWN]
    pairs = [(images.read(file).pixels, images.read(folder / "painted" / file.name).pixels) for file in files]
    with WandbRun(run.folder, config.wandb, **identity(run.folder, config.model_dump(mode="json"), run.summary())) as wandb:
        if not wandb.wandb:
            return
        wandb.log(
            result.step, {f"{where}/{name}": figure.method.value for name, figure in result.figures.items()}
        )
        scores = {
            f"{where}/{name} score": figure.score.value
            for name, figure in result.figures.items()
            if figure.score
        }
        wandb.log(result.step, scores)
        wandb.log_table(result.step, f"{where}/figures", COLUMNS, rows(result))
        wandb.log_sheet(result.step, side_by_side(pairs), f"{where}/pictures")


def rows(result: Result) -> list[list[object]]:
    table: list[list[object]] = []
    for name, figure in result.figures.items():
        anchors = [one.value if one else None for one in (figure.identity, figure.real)]
        score = (
            (figure.score.value, figure.score.low, figure.score.high) if figure.score else (None, None, None)
        )
        method = figure.method
        table.append(
            [
                name,
                figure.better,
                anchors[0],
                method.value,
                method.low,
                method.high,
                anchors[1],
                *score,
                figure.note,
            ]
        )
    return table
