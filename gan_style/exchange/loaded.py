"""A run as it is exported: its method in float32, and what the file says of it."""

from dataclasses import dataclass

import gan_style
from gan_style.exchange.described import SIZES, Description
from gan_style.exchange.traced import Fixed, check_exportable, inputs_of
from gan_style.experiment.recipe import Experiment
from gan_style.experiment.runs import Run
from gan_style.experiment.saved import FILES, Checkpoint, Which
from gan_style.methods import Method
from gan_style.system import included
from gan_style.system.disk import file_sha256
from gan_style.training.load import load_method

OWN = "of whoever trained it: what its pictures and first weights allow"
INCLUDED = "CC-BY-4.0"


@dataclass(frozen=True)
class Loaded:
    run: Run
    method: Method
    config: Experiment
    checkpoint: Checkpoint
    fixed: Fixed

    def description(self) -> Description:
        method, config, run = self.method, self.config, self.run
        packed, recipe = included.is_included(run.folder), run.config.read_text()
        told = run.summary() | self.checkpoint.identity
        own = (
            "/".join(str(told.get(key, "")) for key in ("experiment", "variant")) + f"/seed{told.get('seed')}"
        )
        return Description(
            painter=f"{included.PREFIX}{run.folder.name}" if packed else own,
            method=config.method.kind,
            inputs=inputs_of(method, self.fixed),
            styles=list(method.styles),
            learned_map="attention" in method.understands,
            strength=None if "style_images" in method.understands else self.fixed.strength,
            direction=self.fixed.direction,
            size=config.sample.size,
            reflect_pad=config.sample.reflect_pad,
            sizes=SIZES,
            recipe=recipe,
            recipe_sha256=file_sha256(run.config),
            weights_sha256=file_sha256(self.checkpoint.folder / FILES[0]),
            step=self.checkpoint.step,
            precision="float32",
            licence=INCLUDED if packed else OWN,
            notice=(included.FOLDER / "NOTICE").read_text() if packed else "",
            made_by=f"gan-style {gan_style.__version__}",
        )


def loaded(run: Run, fixed: Fixed, which: Which = "last") -> Loaded:
    """In float32 whatever it was trained in, as other libraries have little else."""
    method, config, checkpoint = load_method(run, which, precision="float32")
    check_exportable(method, config.method.kind, fixed)
    return Loaded(run, method, config, checkpoint, fixed)
