"""CycleGAN (Zhu et al. 2017): two generators, each other's inverse, and a discriminator for each domain."""

from typing import Annotated, ClassVar, Literal

import keras
from keras import ops
from pydantic import Field

from gan_style.data.batches import Batch
from gan_style.methods.base.discriminator import AdversarialConfig, Discriminator, GameWeights
from gan_style.methods.base.generator import Generator
from gan_style.methods.base.identity import IdentityPhases, in_training
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.tiling import Tiling, tiling
from gan_style.networks.layers.norms import BatchNorm
from gan_style.optim.image_pool import MOST_FAKES, ImagePool
from gan_style.optim.player import Terms
from gan_style.system.tensor import Tensor


class Weights(GameWeights):
    """What each term counts.

    `identity` is absolute: the paper gives it relative to `cycle`, as 0.5 x 10.
    """

    adversarial: PositiveWeight = 1.0
    cycle: Weight = 10.0
    identity: Weight = 5.0


class CycleGanConfig(AdversarialConfig):
    kind: Literal["cyclegan"]
    weights: Weights = Weights()
    pool_size: Annotated[
        int,
        Field(ge=0, description="fakes kept to be shown to the discriminators again"),
        MOST_FAKES,
    ] = 50


class CycleGan(Method):
    """In logs A is the source domain and B the target: G_AB translates sources, D_B discriminates targets."""

    understands: ClassVar[frozenset[str]] = frozenset({"direction", "strength", "stroke_scale"})
    directions: ClassVar[tuple[str, ...]] = ("source_to_target", "target_to_source")

    def __init__(self, config: CycleGanConfig, setting: Setting) -> None:
        self.weights = config.weights.model_dump()
        self.generator_weights = {
            f"{one}/{term}": weight for one in ("G_AB", "G_BA") for term, weight in self.weights.items()
        }
        self.source_to_target, self.target_to_source = config.generator(), config.generator()
        random = keras.random.SeedGenerator(setting.seed, name="random")
        self.source_discriminator, self.target_discriminator = (
            Discriminator(name, config, setting, random) for name in ("D_A", "D_B")
        )
        both = {"source_to_target": self.source_to_target, "target_to_source": self.target_to_source}
        labels = {"source_to_target": "G_AB", "target_to_source": "G_BA"}
        self.generators = [
            Generator(name, one, config, setting.steps, labels[name]) for name, one in both.items()
        ]
        # Batch norm alone makes a picture depend on what is beside it.
        self.one_by_one = any(isinstance(layer, BatchNorm) for layer in self.source_to_target.layers)
        self.generators_player = config.generator_player([*both.values()], setting.steps, "generators")
        shape = (setting.crop, setting.crop, 3)
        self.source_pool = ImagePool(config.pool_size, shape, 2 * setting.seed)
        self.target_pool = ImagePool(config.pool_size, shape, 2 * setting.seed + 1)
        super().__init__(
            setting,
            networks={
                **both,
                "source_discriminator": self.source_discriminator.network,
                "target_discriminator": self.target_discriminator.network,
            },
            players=[
                self.generators_player,
                self.source_discriminator.player,
                self.target_discriminator.player,
            ],
            memory={
                "source_pool": self.source_pool.variables(),
                "target_pool": self.target_pool.variables(),
                "random": [random.state],
            },
            features=self.source_discriminator.looks_through(),
            identity=IdentityPhases(config, setting.steps, self.generators, in_training),
        )

    def step(self, batch: Batch) -> Metrics:
        source, target = batch.source, batch.target
        with self.generators_player.record() as tape:
            fake_target, same_target = self.fake_and_same(self.source_to_target, source, target)
            fake_source, same_source = self.fake_and_same(self.target_to_source, target, source)

        def generator_terms() -> Terms:
            terms: Terms = {"G_BA/adversarial": self.source_discriminator.generator_loss(fake_source)}
            terms["G_AB/adversarial"] = self.target_discriminator.generator_loss(fake_target)
            if self.weights["cycle"]:
                terms["G_AB/cycle"] = l1(self.target_to_source(fake_target, training=True), source)
                terms["G_BA/cycle"] = l1(self.source_to_target(fake_source, training=True), target)
            if self.weights["identity"]:
                terms["G_AB/identity"] = l1(same_target, target)
                terms["G_BA/identity"] = l1(same_source, source)
            return terms

        generators = self.generators_player.minimize(generator_terms, self.generator_weights, tape)
        for generator in self.generators:
            generator.update_ema(self.generators_player.optimizer.iterations)

        old_source = self.source_pool.exchange(ops.stop_gradient(fake_source))
        old_target = self.target_pool.exchange(ops.stop_gradient(fake_target))
        D_A, D_B = self.source_discriminator, self.target_discriminator
        D_A_terms = D_A.update(lambda: D_A.terms(source, old_source))
        D_B_terms = D_B.update(lambda: D_B.terms(target, old_target))
        return {**by_network(generators), "D_A": D_A_terms, "D_B": D_B_terms}

    def fake_and_same(
        self, generator: keras.Model, domain: Tensor, other: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """One domain translated, and the other, which is already what the generator makes, through it too."""
        if not self.weights["identity"]:
            return generator(domain, training=True), None
        return self.together(generator, domain, other)

    def together(self, network: keras.Model, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Two batches through one network; in one call where it looks at each picture alone."""
        if self.one_by_one:
            return network(first, training=True), network(second, training=True)
        both = network(ops.concatenate([first, second], axis=0), training=True)
        halves = ops.split(both, [first.shape[0]], axis=0)
        return halves[0], halves[1]

    def tiling(self) -> Tiling | None:
        return tiling(self.generators[0].ema.network)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        generator = self.generators[self.directions.index(request.direction or "source_to_target")]
        return generator.at(request.strength)(images, training=False)

    def inverse_request(self) -> Request | None:
        return Request(direction="target_to_source")


def l1(cycled: Tensor, original: Tensor) -> Tensor:
    return ops.mean(ops.abs(cycled - original))


def by_network(terms: Terms) -> Metrics:
    """Terms called `G_AB/cycle` under G_AB; what belongs to both generators under `generators`."""
    metrics: Metrics = {}
    for name, value in terms.items():
        network, _, term = name.rpartition("/")
        metrics.setdefault(network or "generators", {})[term] = value
    return metrics
