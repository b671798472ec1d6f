"""CUT and FastCUT (Park et al. 2020): one generator, whose picture must match the photograph place by place.

Places are compared by PatchNCE, in features of the generator's own encoder.
"""

from typing import Annotated, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config.bounds import MOST_FILTERS, AtMost
from gan_style.data.batches import Batch
from gan_style.losses.patch_nce import patch_nce
from gan_style.methods.base.discriminator import AdversarialConfig, Discriminator, GameWeights
from gan_style.methods.base.generator import Generator
from gan_style.methods.base.identity import IdentityPhases, in_training
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, Weight
from gan_style.methods.base.request import Request
from gan_style.methods.base.tiling import Tiling, tiling
from gan_style.networks.initializers import Init
from gan_style.networks.network import Network
from gan_style.networks.projection import build_projection_heads
from gan_style.optim.player import Terms
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor


class CutWeights(GameWeights):
    """What each term counts.

    The authors give one weight, 1, to the mean of `nce` and `identity_nce`: hence the halves.
    """

    adversarial: PositiveWeight = 1.0
    nce: Weight = 0.5
    identity_nce: Weight = 0.5


class FastCutWeights(CutWeights):
    nce: Weight = 10.0
    identity_nce: Weight = 0.0


class CutConfig(AdversarialConfig):
    kind: Literal["cut"]
    weights: CutWeights = CutWeights()
    nce_layers: Annotated[
        tuple[str, ...],
        Field(
            min_length=1,
            max_length=64,
            description="layers of the generator whose features are compared, by name",
        ),
    ] = ("picture", "down1", "down2", "block1", "block5")
    num_patches: Annotated[
        int,
        Field(ge=2, description="places compared in each layer"),
        AtMost(4096, "places: each is compared with every other"),
    ] = 256
    projection_width: Annotated[int, Field(ge=1), MOST_FILTERS] = 256
    projection_init: Init = "xavier"
    temperature: Annotated[float, Field(ge=1e-6, le=1e6)] = 0.07
    flip_equivariance: Annotated[
        bool, Field(description="half of the batches are translated mirrored and compared mirrored back")
    ] = False

    @model_validator(mode="after")
    def compares_something(self) -> Self:
        if not (self.weights.nce or self.weights.identity_nce):
            raise ValueError("weights: nce and identity_nce are both 0")
        return self


class FastCutConfig(CutConfig):
    kind: Literal["fastcut"]  # type: ignore[assignment]
    weights: FastCutWeights = FastCutWeights()
    flip_equivariance: bool = True


class Cut(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"strength", "stroke_scale"})

    def __init__(self, config: CutConfig, setting: Setting) -> None:
        self.config, self.weights = config, config.weights.model_dump()
        self.random = keras.random.SeedGenerator(setting.seed, name="random")
        network = config.generator()
        self.encoder = encoder_of(network, config.nce_layers)
        self.generator_and_encoder = Network(network.input, [network.output, *self.encoder.outputs])
        channels = [layer.shape[-1] for layer in self.encoder.outputs]
        self.heads = build_projection_heads(channels, config.projection_width, config.projection_init)
        self.generator = Generator("generator", network, config, setting.steps)
        # The authors' second optimizer, for the heads, has the same settings; Adam treats every weight alone.
        self.generator_player = config.generator_player([network, self.heads], setting.steps)
        self.discriminator = Discriminator("discriminator", config, setting, self.random)
        super().__init__(
            setting,
            networks={"generator": network, "heads": self.heads, "discriminator": self.discriminator.network},
            players=[self.generator_player, self.discriminator.player],
            memory={"random": [self.random.state]},
            features=self.discriminator.looks_through(),
            identity=IdentityPhases(config, setting.steps, [self.generator], in_training),
        )

    def step(self, batch: Batch) -> Metrics:
        source, target = batch.source, batch.target
        flip = keras.random.uniform((), seed=self.random) < 0.5 if self.config.flip_equivariance else None
        # What becomes of a target picture, which should stay as it is, is the identity term's business.
        seen = ops.concatenate([source, target]) if self.weights["identity_nce"] else source
        with self.generator_player.record() as tape:
            outputs, keys = self.translate_and_encode(seen, flip)
            fake = outputs[: source.shape[0]]

        judged = ops.stop_gradient(fake)
        discriminator = self.discriminator.update(lambda: self.discriminator.terms(target, judged))
        generator = self.generator_player.minimize(
            lambda: self.generator_terms(fake, outputs, keys, flip), self.weights, tape
        )
        self.generator.update_ema(self.generator_player.optimizer.iterations)
        return {"generator": generator, "discriminator": discriminator}

    def generator_terms(self, fake: Tensor, outputs: Tensor, keys: list[Tensor], flip: Tensor) -> Terms:
        """`keys`: features of what went in, compared with those of `outputs`, of which `fake` come first."""
        count = fake.shape[0]
        queries = [mirrored(layer, flip) for layer in self.encode(outputs)]
        terms: Terms = {"adversarial": self.discriminator.generator_loss(fake)}
        if self.weights["nce"]:
            terms["nce"] = self.nce([layer[:count] for layer in queries], [layer[:count] for layer in keys])
        if self.weights["identity_nce"]:
            terms["identity_nce"] = self.nce(
                [layer[count:] for layer in queries], [layer[count:] for layer in keys]
            )
        return terms

    def translate_and_encode(self, seen: Tensor, flip: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The pictures translated, mirrored where `flip` says so, and features of them as they were."""
        if flip is None:
            outputs, *features = self.generator_and_encoder(seen, training=True)
            return outputs, features
        return self.generator.network(mirrored(seen, flip), training=True), self.encode(seen)

    def encode(self, pictures: Tensor) -> list[Tensor]:
        features = self.encoder(pictures, training=True)
        return list(features) if isinstance(features, list | tuple) else [features]

    def nce(self, queries: list[Tensor], keys: list[Tensor]) -> Tensor:
        """PatchNCE between features of translated pictures and their originals, over layers (equation 5)."""
        places = [self.places(layer) for layer in keys]
        queried, expected = (self.project(layers, places) for layers in (queries, keys))
        count, temperature = keys[0].shape[0], self.config.temperature
        losses = [
            patch_nce(per_picture(query, count), per_picture(key, count), temperature)
            for query, key in zip(queried, expected, strict=True)
        ]
        return sum(losses) / len(losses)

    def places(self, layer: Tensor) -> Tensor:
        """Random places of a feature map, none twice, the same in every picture of the batch."""
        available = layer.shape[1] * layer.shape[2]
        return keras.random.shuffle(ops.arange(available), seed=self.random)[: self.config.num_patches]

    def project(self, layers: list[Tensor], places: list[Tensor]) -> list[Tensor]:
        """Unit vectors (N x places, width) of the chosen places of every layer."""
        chosen = []
        for layer, where in zip(layers, places, strict=True):
            flat = ops.reshape(layer, (layer.shape[0], -1, layer.shape[-1]))
            chosen.append(ops.reshape(ops.take(flat, where, axis=1), (-1, layer.shape[-1])))
        vectors = self.heads(chosen, training=True)
        return list(vectors) if isinstance(vectors, list | tuple) else [vectors]

    def tiling(self) -> Tiling | None:
        return tiling(self.generator.ema.network)

    def translate(self, images: Tensor, request: Request) -> Tensor:
        self.check_request(request)
        return self.generator.at(request.strength)(images, training=False)


def per_picture(vectors: Tensor, count: int) -> Tensor:
    return ops.reshape(vectors, (count, -1, vectors.shape[-1]))


def encoder_of(generator: keras.Model, names: tuple[str, ...]) -> keras.Model:
    """The generator up to the named layers; it shares the generator's weights."""
    known = [layer.name for layer in generator.layers]
    for name in names:
        if name not in known:
            named = ", ".join(layer for layer in known if layer.startswith(("picture", "down", "block")))
            it_has = f"it has: {named or 'none with a name'}"
            raise UserError(f"method.nce_layers: the generator has no layer '{name}'; {it_has}")
    return Network(generator.input, [generator.get_layer(name).output for name in names], name="encoder")


def mirrored(images: Tensor, flip: Tensor) -> Tensor:
    """Left and right exchanged where `flip`, a scalar, is true; None never does."""
    return images if flip is None else ops.where(flip, ops.flip(images, axis=2), images)
