"""An evaluation's numbers and pictures in the W&B run of the training they belong to."""

from gan_style.config.load import load
from gan_style.evaluation.result import Result, place
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.inference.sheets import side_by_side
from gan_style.system import images
from gan_style.tracking.wandb_run import WandbRun, identity

SHOWN = 12  # pictures on the sheet
NUMBERS = ("identity baseline", "method", "low", "high", "real vs real", "score", "score low", "score high")
COLUMNS = ("metric", "better", *NUMBERS, "note")


def log(run: Run, result: Result) -> None:
    """Scores as numbers to compare runs by, all figures as a table, photographs and paintings as a sheet."""
    config = load(run.config, Experiment).config
    where = f"evaluation/{place(result.checkpoint, result.split)}"
    folder = run.folder / where
    files = sorted((folder / "source").glob("*.png"))[:SHOWN]
    pairs = [(images.read(file).pixels, images.read(folder / "painted" / file.name).pixels) for file in files]
    about = identity(run.folder, config.model_dump(mode="json"), run.summary())
    with WandbRun(run.folder, config.wandb, **about) as wandb:
        if not wandb.wandb:
            return
        figures = result.figures.items()
        wandb.log(result.step, {f"{where}/{name}": figure.method.value for name, figure in figures})
        scores = {name: figure.score.value for name, figure in figures if figure.score}
        wandb.log(result.step, {f"{where}/{name} score": value for name, value in scores.items()})
        wandb.log_table(result.step, f"{where}/figures", COLUMNS, rows(result))
        wandb.log_sheet(result.step, side_by_side(pairs), f"{where}/pictures")


def rows(result: Result) -> list[list[object]]:
    table: list[list[object]] = []
    for name, figure in result.figures.items():
        identity_baseline, real = (one.value if one else None for one in (figure.identity, figure.real))
        method, score = figure.method, figure.score
        estimates = [identity_baseline, method.value, method.low, method.high, real]
        estimates += [score.value, score.low, score.high] if score else [None, None, None]
        table.append([name, figure.better, *estimates, figure.note or figure.no_interval])
    return table
