"""A run folder at step 0 whose generator comes from a file of PyTorch's."""

from pathlib import Path

from gan_style import checkpoints, runs
from gan_style.engine import choose_machine, configure
from gan_style.errors import UserError
from gan_style.experiment import Recipe
from gan_style.import_weights import fit
from gan_style.objectives import OBJECTIVES, Objective
from gan_style.progress import say
from gan_style.pth import read_state_dict
from gan_style.runs import Run
from gan_style.session import build_objective, facts

SEED = 0  # of the networks that are not imported


def import_run(recipe: Recipe, source: Path, network: str | None, run: Run) -> None:
    """Write the run folder, which samples and trains like any other."""
    if run.folder.exists():
        raise UserError(f"{run.folder}: there is such a run already; give this one another --name")
    method = recipe.config.objective
    if OBJECTIVES[method.kind].one_picture:
        raise UserError(f"objective.kind: '{method.kind}' has no network that could take weights")
    if getattr(method, "warm_up", 0):
        raise UserError("objective.warm_up: training would begin by unlearning the imported weights; add objective.warm_up=0")
    if recipe.config.train.init_from:
        raise UserError("train.init_from: either these weights or those of the file, not both; add train.init_from=null")
    weights = read_state_dict(source)
    machine = choose_machine(recipe.config.train.precision, recipe.config.train.threads)
    configure(machine, SEED)
    objective = build_objective(recipe.config, SEED)
    name = choose(objective, network)
    fit(weights, objective.networks()[name], str(source))
    filled = [name, *fill_copies(objective, name)]
    with runs.claimed(run, fresh=False):
        runs.settle_config(run, recipe.config.model_dump(mode="json"))
        saved = checkpoints.save(
            objective, run.checkpoints, 0, seconds=0.0, figures={}, method=recipe.config.objective.model_dump(mode="json")
        )
        run.write_summary(
            {
                **facts(recipe, SEED, machine),
                "imported": {"file": source.name, "sha256": checkpoints.file_hash(source), "network": name},
                "status": "imported",
                "step": 0,
                "steps": recipe.config.train.steps,
                "seconds": 0.0,
                "images_per_second": None,
                "figures": {},
                "weights_sha256": checkpoints.weights_sha256(objective),
            }
        )
    say(f"imported     {source} as {' and '.join(filled)}: {objective.networks()[name].count_params():,} parameters")
    say(f"untrained    {', '.join(other for other in objective.networks() if other != name)}")
    say(f"checkpoint   {saved}")


def choose(objective: Objective, network: str | None) -> str:
    """The network that is meant; by default the first, which is a generator."""
    names = list(objective.networks())
    if network is not None and network not in names:
        raise UserError(f"--network {network}: this experiment has: {', '.join(names)}")
    return network or names[0]


def fill_copies(objective: Objective, name: str) -> list[str]:
    """Give the network's moving average its weights too; returns the names."""
    copies = [copy for copy in objective.copies() if copy.partition("/")[2] == name]
    for copy in copies:
        objective.copies()[copy].set_weights(objective.networks()[name].get_weights())
    return copies
