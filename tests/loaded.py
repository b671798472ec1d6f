"""Networks that are read once, and keep the graphs that they were traced into."""

from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import Checkpoint, Which
from gan_style.methods import Method
from gan_style.system.disk import file_sha256
from gan_style.training.chosen import chosen_checkpoint
from gan_style.training.load import load_method

KEPT: dict[tuple, tuple[Method, Experiment]] = {}


def load_once(run: Run, which: Which = "last", *how) -> tuple[Method, Experiment, Checkpoint]:
    """As `load_method`. Runs of one recipe whose weights are the same share their networks."""
    if not run.config.is_file():
        return load_method(run, which, *how)
    checkpoint = chosen_checkpoint(run.folder, which)
    networks = file_sha256(checkpoint.folder / "networks.npz")
    key = run.config.read_text(), networks, *how
    if key not in KEPT:
        KEPT[key] = load_method(run, which, *how)[:2]
    return *KEPT[key], checkpoint
