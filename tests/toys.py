"""One new thing of every kind, registered from outside; then a run that uses them all.

`python -m tests.toys FOLDER` trains one step, evaluates, and prints what happened as JSON. What is registered
below is registered before the rooms above it are imported, as a file inside them would be.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import click
import keras
import numpy as np
from click.testing import CliRunner
from keras import layers, ops
from pydantic import Field

from gan_style.data.gather import from_manifest
from gan_style.data.held_out import HeldOut
from gan_style.data.kind import Batching, DataKind
from gan_style.data.kinds import DATA_KINDS
from gan_style.networks import GENERATORS
from gan_style.networks.upsampling import UPSAMPLERS, Upsampling
from gan_style.optim.optimizers import OPTIMIZERS, Optimizer


def toy_upsampler(x, filters, initializer, kernel):
    return layers.Conv2D(filters, 1, kernel_initializer=initializer)(layers.UpSampling2D(2)(x))


def build_toy_network(
    *, filters: Annotated[int, Field(ge=1)] = 4, upsampling: Upsampling = "toy"
) -> keras.Model:
    images = keras.Input((None, None, 3))
    x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(images)
    x = UPSAMPLERS[upsampling](x, filters, "glorot_uniform", 3)
    return keras.Model(images, layers.Conv2D(3, 1, dtype="float32")(x))


class ToyOptimizer(Optimizer):
    kind: Literal["toy"]
    nudge: float = 1e-3

    def build(self, rate):
        return keras.optimizers.Lion(rate, weight_decay=self.nudge)


class ToyData(Batching, DataKind):
    """A folder with photos/ and paintings/, which are tested with too."""

    kind: Literal["toy"]
    folder: str
    pairing: Literal["unpaired"] = "unpaired"

    def sides(self, store):
        return [store.survey(Path(self.folder) / side, minimum=self.crop) for side in ("photos", "paintings")]

    def train(self, seed, store):
        return self.batches(self.sides(store), self.pairing, seed)

    def held_out(self, part, store):
        source, target = map(from_manifest, self.sides(store))
        return [HeldOut("", source, target, target, paired=False)]

    def describe(self):
        return f"toy pictures in {self.folder}"


UPSAMPLERS["toy"] = toy_upsampler
GENERATORS["toy"] = build_toy_network
OPTIMIZERS["toy"] = ToyOptimizer
DATA_KINDS["toy"] = ToyData

from gan_style.config.model import Config  # noqa: E402
from gan_style.methods import METHODS, Method  # noqa: E402
from gan_style.methods.base.generator import Generator, GeneratorConfig  # noqa: E402
from gan_style.methods.base.identity import IdentityPhases, in_training  # noqa: E402
from gan_style.methods.base.method import Weight  # noqa: E402


def darkness(fake):
    """A loss: how far from black."""
    return ops.mean(fake + 1.0)


class ToyWeights(Config):
    darkness: Weight = 1.0


class ToyConfig(GeneratorConfig):
    kind: Literal["toy"]
    weights: ToyWeights = ToyWeights()


class Toy(Method):
    def __init__(self, config, setting):
        self.weights = config.weights.model_dump()
        network = config.generator()
        self.generator = Generator("generator", network, config, setting.steps)
        self.player = config.generator_optimizer.player("generator", [network], setting.steps)
        identity = IdentityPhases(config, setting.steps, [self.generator], in_training)
        super().__init__(setting, networks={"generator": network}, players=[self.player], identity=identity)

    def step(self, batch):
        network = self.generator.network
        terms = self.player.minimize(lambda: {"darkness": darkness(network(batch.source))}, self.weights)
        self.generator.update_ema(self.player.optimizer.iterations)
        return {"generator": terms}

    def translate(self, images, request):
        self.check_request(request)
        return self.generator.at(request.strength)(images, training=False)


METHODS["toy"] = (ToyConfig, Toy)

from gan_style.cli.main import main  # noqa: E402
from gan_style.evaluation.measure import FAULTS  # noqa: E402


def whiteness(picture):
    """A metric of one picture."""
    return float(np.mean(picture == 255))


@click.command()
def toy():
    """A command."""
    click.echo("toy command")


FAULTS["whiteness"] = whiteness
main.add_command(toy)

RECIPE = """
data: {{kind: toy, folder: {folder}, crop: 32, batch: 2}}
method:
  kind: toy
  generator: {{kind: toy, upsampling: toy}}
  generator_optimizer: {{kind: toy, nudge: 0.01}}
train: {{steps: 1, threads: 2, precision: float32}}
wandb: {{mode: disabled}}
"""


def use_everything(folder: Path) -> dict[str, object]:
    recipe = folder / "toy.yaml"
    recipe.write_text(RECIPE.format(folder=folder))
    run = folder / "runs" / "toy" / "default" / "seed0"
    commands = {
        "train": ["train", str(recipe), "--runs", str(folder / "runs")],  # first: it settles the threads
        "check": ["check", str(recipe)],
        "evaluate": ["evaluate", str(run), "--output", str(folder / "result.json")],
        "toy": ["toy"],
    }
    results = {name: CliRunner().invoke(main, words) for name, words in commands.items()}
    for name, result in results.items():
        print(name, result.output, result.exception, file=sys.stderr)
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return {
        "codes": {name: result.exit_code for name, result in results.items()},
        "said": {name: result.output for name, result in results.items()},
        "logged": json.loads(lines[0]),
        "figures": sorted(json.loads((folder / "result.json").read_text())["figures"]),
    }


if __name__ == "__main__":
    print("TOYS" + json.dumps(use_everything(Path(sys.argv[1]))))
