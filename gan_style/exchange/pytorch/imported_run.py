"""A run folder at step 0 whose generator comes from a file of PyTorch's."""

from pathlib import Path
from typing import Any

from gan_style.exchange.pytorch.fit import fit
from gan_style.exchange.pytorch.pth import read_state_dict
from gan_style.experiment import runs
from gan_style.experiment.find import Recipe
from gan_style.experiment.runs import Run
from gan_style.methods.base.method import Method
from gan_style.system.disk import file_sha256
from gan_style.system.errors import UserError
from gan_style.system.machine import choose_machine, configure
from gan_style.system.progress import say
from gan_style.training import checkpoints
from gan_style.training.build import build_method
from gan_style.training.session import facts

SEED = 0  # of the networks that are not imported


def import_run(recipe: Recipe, source: Path, network: str | None, run: Run) -> None:
    """Write the run folder, which samples and trains like any other."""
    if run.has_checkpoint():
        raise UserError(f"{run.folder}: there is such a run already; give this one another --name")
    chosen = recipe.config.method
    if recipe.config.data.one_picture:
        raise UserError(f"method.kind: '{chosen.kind}' has no network that could take weights")
    if getattr(chosen, "identity_warmup", 0):
        reason = "training would begin by unlearning the imported weights"
        raise UserError(f"method.identity_warmup: {reason}; add method.identity_warmup=0")
    if recipe.config.train.init_from:
        reason = "either these weights or those of the file, not both"
        raise UserError(f"train.init_from: {reason}; add train.init_from=null")
    weights = read_state_dict(source)
    machine = choose_machine(recipe.config.train.precision, recipe.config.train.threads)
    configure(machine, SEED)
    method = build_method(recipe.config, SEED)
    name = choose(method, network)
    fit(weights, method.networks[name], str(source))
    method.prepare()  # its checkpoint is to be trained on
    filled = [name, *fill_copies(method, name)]
    imported = {"file": source.name, "sha256": file_sha256(source), "network": name}
    saved = write_run(run, recipe, method, {**facts(recipe, SEED, machine), "imported": imported})
    count = method.networks[name].count_params()
    say(f"imported     {source} as {' and '.join(filled)}: {count:,} parameters")
    say(f"untrained    {', '.join(other for other in method.networks if other != name)}")
    say(f"checkpoint   {saved}")


def write_run(run: Run, recipe: Recipe, method: Method, identity: dict[str, Any]) -> Path:
    """The folder of a run that has its checkpoint of step 0, which is returned."""
    with runs.claimed(run, fresh=False):
        runs.settle_config(run, recipe.config.model_dump(mode="json"))
        config = recipe.config.method.model_dump(mode="json")
        told: dict[str, Any] = {"seconds": 0.0, "figures": {}}
        saved = checkpoints.save(method, run.checkpoints, 0, **told, config=config, identity=identity)
        told |= {"status": "imported", "step": 0, "steps": recipe.config.train.steps}
        told |= {"images_per_second": None, "weights_sha256": checkpoints.weights_sha256(method)}
        run.write_summary({**identity, **told})
    return saved


def choose(method: Method, network: str | None) -> str:
    """The network that is meant; by default the first, which is a generator."""
    names = list(method.networks)
    if network is not None and network not in names:
        raise UserError(f"--network {network}: this experiment has: {', '.join(names)}")
    return network or names[0]


def fill_copies(method: Method, name: str) -> list[str]:
    """Give the network's EMA and other copies its weights too; returns their names."""
    copies = [copy for copy in method.copies if copy.partition("/")[2] == name]
    for copy in copies:
        method.copies[copy].set_weights(method.networks[name].get_weights())
    return copies
