"""CUT and FastCUT (Park et al. 2020): one generator, whose picture must match the photograph place by place in its own features."""

from typing import Annotated, Any, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import Terms
from gan_style.errors import UserError
from gan_style.losses.contrastive import patch_nce
from gan_style.networks.initializers import Initial
from gan_style.networks.projection import build_projection_heads
from gan_style.objectives.game import Game, GameConfig
from gan_style.objectives.objective import Metrics, PositiveWeight, Setting, Weight


class CutWeights(Config):
    """What each term counts; a term of weight 0 is not computed.

    The authors give one weight, 1, to the mean of `contrast` and `identity_contrast`: hence the halves.
    """

    adversarial: PositiveWeight = 1.0
    contrast: Weight = 0.5
    identity_contrast: Weight = 0.5


class FastCutWeights(CutWeights):
    contrast: Weight = 10.0
    identity_contrast: Weight = 0.0


class ContrastiveConfig(GameConfig):
    weights: CutWeights = CutWeights()
    encoder_layers: Annotated[
        tuple[str, ...], Field(min_length=1, description="layers of the generator whose features are compared, by name")
    ] = ("picture", "down1", "down2", "block1", "block5")
    patches: Annotated[int, Field(ge=2, description="places compared in each layer")] = 256
    head_width: Annotated[int, Field(ge=1)] = 256
    head_initial: Initial = "xavier"
    temperature: Annotated[float, Field(gt=0)] = 0.07
    flip_equivariance: Annotated[bool, Field(description="every other batch is painted mirrored and compared mirrored back")] = False

    @model_validator(mode="after")
    def compares_something(self) -> Self:
        if not (self.weights.contrast or self.weights.identity_contrast):
            raise ValueError("weights: contrast and identity_contrast are both 0")
        return self


class CutConfig(ContrastiveConfig):
    kind: Literal["cut"]


class FastCutConfig(ContrastiveConfig):
    kind: Literal["fastcut"]
    weights: FastCutWeights = FastCutWeights()
    flip_equivariance: bool = True


class Cut(Game):
    def build_networks(self, setting: Setting) -> None:
        super().build_networks(setting)
        self.encoder = encoder_of(self.generator, self.config.encoder_layers)
        self.generator_and_encoder = keras.Model(self.generator.input, [self.generator.output, *self.encoder.outputs])
        channels = [layer.shape[-1] for layer in self.encoder.outputs]
        self.heads = build_projection_heads(channels, self.config.head_width, self.config.head_initial)
        # The authors' second optimizer, for the heads, has the same settings; Adam treats every weight alone.
        self.partners = {"heads": self.heads}

    def step(self, batch: Any) -> Metrics:
        flip = keras.random.uniform((), seed=self.random) < 0.5 if self.config.flip_equivariance else None

        def generator_terms() -> tuple[Terms, Terms]:
            # What becomes of a target picture, which should stay as it is, is the identity part's business.
            seen = ops.concatenate([batch.source, batch.target]) if self.weights["identity_contrast"] else batch.source
            painted, keys = self.paint(seen, flip)
            # The discriminator moves first, on this very fake.
            fake = ops.stop_gradient(painted[: batch.source.shape[0]])
            critic = self.move_discriminator(lambda: self.discriminator_terms(batch.target, fake))
            return self.generator_terms(batch, painted, keys, flip), critic

        painter, critic = self.move_generator(generator_terms)
        return {"generator": painter, "discriminator": critic}

    def paint(self, seen: Any, flip: Any) -> tuple[Any, list[Any]]:
        """The pictures painted, mirrored where `flip` says so, and the features of the pictures as they were."""
        if flip is None:
            painted, *features = self.generator_and_encoder(seen, training=True)
            return painted, features
        return self.generator(mirrored(seen, flip), training=True), self.encode(seen)

    def encode(self, pictures: Any) -> list[Any]:
        features = self.encoder(pictures, training=True)
        return list(features) if isinstance(features, list | tuple) else [features]

    def discriminator_terms(self, target: Any, fake: Any) -> Terms:
        logits = self.discriminator(ops.concatenate([target, fake], axis=0), training=True)
        return {"adversarial": self.adversarial.discriminator(*ops.split(logits, 2, axis=0))}

    def generator_terms(self, batch: Any, painted: Any, keys: list[Any], flip: Any) -> Terms:
        count = batch.source.shape[0]
        queries = [mirrored(layer, flip) for layer in self.encode(painted)]
        terms: Terms = {"adversarial": self.adversarial.generator(self.discriminator(painted[:count], training=True))}
        if self.weights["contrast"]:
            terms["contrast"] = self.contrast([layer[:count] for layer in queries], [layer[:count] for layer in keys])
        if self.weights["identity_contrast"]:
            terms["identity_contrast"] = self.contrast([layer[count:] for layer in queries], [layer[count:] for layer in keys])
        return terms

    def contrast(self, queries: list[Any], keys: list[Any]) -> Any:
        """PatchNCE between features of painted pictures and of their originals, in the mean over layers (equation 5)."""
        places = [self.places(layer) for layer in keys]
        queried, expected = (self.project(layers, places) for layers in (queries, keys))
        count, temperature = keys[0].shape[0], self.config.temperature
        losses = [
            patch_nce(ops.reshape(q, (count, -1, q.shape[-1])), ops.reshape(k, (count, -1, k.shape[-1])), temperature)
            for q, k in zip(queried, expected, strict=True)
        ]
        return sum(losses) / len(losses)

    def places(self, layer: Any) -> Any:
        """Random places of a feature map, none twice, the same in every picture of the batch."""
        available = layer.shape[1] * layer.shape[2]
        return keras.random.shuffle(ops.arange(available), seed=self.random)[: self.config.patches]

    def project(self, layers: list[Any], places: list[Any]) -> list[Any]:
        """Unit vectors (N x places, width) of the chosen places of every layer."""
        chosen = []
        for layer, where in zip(layers, places, strict=True):
            flat = ops.reshape(layer, (layer.shape[0], -1, layer.shape[-1]))
            chosen.append(ops.reshape(ops.take(flat, where, axis=1), (-1, layer.shape[-1])))
        vectors = self.heads(chosen, training=True)
        return list(vectors) if isinstance(vectors, list | tuple) else [vectors]


def encoder_of(generator: keras.Model, names: tuple[str, ...]) -> keras.Model:
    """The generator up to the named layers; it shares the generator's weights."""
    known = [layer.name for layer in generator.layers]
    for name in names:
        if name not in known:
            named = ", ".join(layer for layer in known if layer.startswith(("picture", "down", "block")))
            raise UserError(f"objective.encoder_layers: the generator has no layer '{name}'; it has: {named or 'none with a name'}")
    return keras.Model(generator.input, [generator.get_layer(name).output for name in names], name="encoder")


def mirrored(images: Any, flip: Any) -> Any:
    """Left and right exchanged where `flip`, a scalar, is true; None never does."""
    return images if flip is None else ops.where(flip, ops.flip(images, axis=2), images)
