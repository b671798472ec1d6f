"""`gan-style check`: everything about a run that can be known without training it."""

from typing import Any

from gan_style.config.explain import listed
from gan_style.config.places import absent
from gan_style.config.text import shown
from gan_style.experiment.find import Recipe
from gan_style.methods.base.method import Method
from gan_style.optim.costs import DEVICES
from gan_style.system.errors import UserError
from gan_style.system.machine import choose_machine
from gan_style.system.progress import say
from gan_style.training.build import build_method, takes_pictures
from gan_style.training.estimate import describe_on
from gan_style.training.size import refuse_what_does_not_fit

WIDEST = 60  # characters of a column; longer entries stand out of it
MOST_SHOWN = 1000  # characters of a value


def describe(recipe: Recipe, device: str | None = None) -> None:
    """`device`: by its name, on which a step is counted."""
    if device and device not in DEVICES:
        raise UserError(f"--device {device}: known are {', '.join(DEVICES)}")
    say(f"{recipe.name}, variant {recipe.folder_name()}, from {recipe.path}\n")
    print_values(recipe)
    missing = list(absent(recipe.config))
    # Networks can be built before their pictures are there, unless a picture is what is trained.
    if not (missing and recipe.config.data.one_picture):
        describe_training(recipe, learning=not missing)
        if device:
            describe_on(recipe, device)
    if missing:
        origins = recipe.resolved.origins()
        told = [f"{origins.get(path, 'default')}: {'.'.join(path)}: {fault}" for path, fault in missing]
        raise UserError(listed(told, str))


def describe_training(recipe: Recipe, *, learning: bool) -> None:
    """`learning`: whether what it needs for that alone, such as a teacher, is there."""
    config = recipe.config
    refuse_what_does_not_fit(config)
    machine = choose_machine(config.train.precision, config.train.threads)
    method = build_method(config, 0, learning=learning)
    say("\nnetworks")
    for name, network in method.networks.items():
        told = f"  {name:<20} {network.count_params():>12,} parameters"
        if takes_pictures(network):
            side, channels = config.data.side(), network.input.shape[-1]
            found = network.compute_output_shape((config.data.batch_size(), side, side, channels))
            shapes = found.values() if isinstance(found, dict) else [found]
            made = ", ".join("x".join(map(str, shape[1:])) for shape in shapes)
            told += f"   {side}x{side}x{channels} -> {made}"
        say(told)
    print_plan(recipe, method, f"{machine.precision} ({machine.why}), {machine.threads} threads")


def print_values(recipe: Recipe) -> None:
    """Every value of the resolved config beside the line that set it."""
    origins, values = recipe.resolved.origins(), leaves(recipe.config.model_dump(mode="json"))
    rows = [(".".join(path), _short(value), str(origins.get(path, "default"))) for path, value in values]
    widths = [min(WIDEST, max(len(row[column]) for row in rows)) for column in (0, 1)]
    for key, value, origin in rows:
        say(f"  {key:<{widths[0]}}  {value:<{widths[1]}}  {origin}")


def print_plan(recipe: Recipe, method: Method, machine: str) -> None:
    train, data, output = recipe.config.train, recipe.config.data, recipe.config.output
    side, batch = data.side(), data.batch_size()
    say("\nplan")
    say(f"  {train.steps:,} steps of {batch} x {side}x{side} pixels, {train.steps * batch:,} pictures in all")
    say(f"  {machine}")
    every = f"sheet and validation every {output.validate_every:,}"
    say(f"  checkpoint every {output.checkpoint_every:,} steps, {every}")
    say(f"  {data.describe()}")
    phases = {name: count for name, count in method.phases(train.steps).items() if count}
    if len(phases) > 1:
        say(f"  {', then '.join(f'{count:,} x {name}' for name, count in phases.items())}")


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key, child in value.items() for leaf in leaves(child, (*path, key))]
    return [(path, value)]


def _short(value: Any) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else shown(str(value), MOST_SHOWN)
