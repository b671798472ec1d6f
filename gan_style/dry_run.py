"""`gan-style check`: everything about a run that can be known without training it."""

from itertools import groupby
from typing import Any

from gan_style.data.config import Fixed, Folders, Gallery, Paintbox
from gan_style.engine import choose_machine
from gan_style.experiment import Recipe
from gan_style.objectives import Objective
from gan_style.progress import say
from gan_style.session import build_objective, takes_pictures


def describe(recipe: Recipe) -> None:
    config = recipe.config
    say(f"{recipe.name}, variant {recipe.folder_name()}, from {recipe.path}\n")
    print_values(recipe)
    machine = choose_machine(config.train.precision, config.train.threads)
    objective = build_objective(config, 0)
    say("\nnetworks")
    for name, network in objective.networks().items():
        told = f"  {name:<20} {network.count_params():>12,} parameters"
        if takes_pictures(network):
            side, channels = config.data.crop, network.input.shape[-1]
            shape = network.compute_output_shape((config.data.batch, side, side, channels))
            told += f"   {side}x{side}x{channels} -> {'x'.join(map(str, shape[1:]))}"
        say(told)
    print_plan(recipe, objective, f"{machine.precision} ({machine.why}), {machine.threads} threads")


def print_values(recipe: Recipe) -> None:
    """Every value of the resolved config beside the line that set it."""
    origins = recipe.resolved.origins()
    rows = [
        (".".join(path), _short(value), str(origins.get(path, "default"))) for path, value in leaves(recipe.config.model_dump(mode="json"))
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, value, origin in rows:
        say(f"  {key:<{widths[0]}}  {value:<{widths[1]}}  {origin}")


def print_plan(recipe: Recipe, objective: Objective, machine: str) -> None:
    train, data, output = recipe.config.train, recipe.config.data, recipe.config.output
    say("\nplan")
    say(f"  {train.steps:,} steps of {data.batch} x {data.crop}x{data.crop} pixels, {train.steps * data.batch:,} pictures in all")
    say(f"  {machine}")
    say(f"  checkpoint every {output.checkpoint_every:,} steps, sheet and validation every {output.sheet_every:,}")
    if isinstance(data, Paintbox):
        say(f"  the embedded pictures, painter '{data.painter}', {data.pairing}")
    elif isinstance(data, Gallery):
        say(f"  photographs from {data.source}; styles: {', '.join(f'{name} from {place}' for name, place in data.styles.items())}")
    elif isinstance(data, Fixed):
        styles = ", ".join(f"{name} from {place}" for name, place in data.styles.items())
        say(f"  one picture, {data.content}{f'; styles: {styles}' if styles else ''}")
    elif isinstance(data, Folders):
        folds = f", fold {data.fold} of {data.folds} tests" if data.folds else ""
        say(f"  pictures from {data.source} to {data.target}, {data.pairing}{folds}")
    else:
        say(f"  pictures of {data.folder}, {data.direction}, {data.pairing}")
    phases = [(name, len(list(steps))) for name, steps in groupby(objective.step_at(step).__name__ for step in range(train.steps))]
    if len(phases) > 1:
        say(f"  {', then '.join(f'{count:,} x {name}' for name, count in phases)}")


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key, child in value.items() for leaf in leaves(child, (*path, key))]
    return [(path, value)]


def _short(value: Any) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
