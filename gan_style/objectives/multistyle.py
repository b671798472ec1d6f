"""One generator for several styles: by name, blended, by regions, or each region in the style that suits it.

Styles are instance norms of their own (Dumoulin et al. 2017), mixed for every pixel by a map of weights. The
discriminator also names the style of every patch (Odena et al. 2017), and a small network learns the map
itself: regions in which the discriminator is deceived best and recognises what was meant.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import Terms
from gan_style.errors import UserError
from gan_style.losses import perceptual
from gan_style.losses.stylemaps import imbalance, indecision, recognition
from gan_style.networks.attention import build_attention
from gan_style.networks.palette import build_palette
from gan_style.objectives.game import Game, GameConfig
from gan_style.objectives.named_styles import as_weights, by_masks, check_names, everywhere
from gan_style.objectives.objective import Metrics, PositiveWeight, Request, Setting, Weight
from gan_style.objectives.painter import with_noise
from gan_style.objectives.teacher import Teacher, TeacherChoice
from gan_style.objectives.underpainting import Underpainting, squinted, underpainted

# Of the discriminator, which tells real from painted and names the style.
CRITIC_AND_NAMER = {"adversarial": 1.0, "recognition": 1.0}


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    adversarial: PositiveWeight = 1.0
    recognition: Annotated[PositiveWeight, Field(description="the discriminator's head must see the style that was meant")] = 1.0
    colour: Annotated[Weight, Field(description="L1 of 8x8 windows' colours with those of the ground")] = 4.0
    rehearsal: Annotated[Weight, Field(description="squinted paintings repainted in their own style")] = 8.0
    style: Annotated[Weight, Field(description="Grams of repainted paintings")] = 0.5
    balance: Annotated[Weight, Field(description="on the learned map: every style has its share")] = 1.0
    decision: Annotated[Weight, Field(description="on the learned map: every pixel is in one style rather than in a mixture")] = 0.5
    smoothness: Annotated[Weight, Field(description="on the learned map: regions are whole")] = 1.0


class MultiStyleConfig(GameConfig):
    takes_noise: ClassVar[bool] = True

    kind: Literal["multistyle"]
    weights: Weights = Weights()
    underpainting: Underpainting = Underpainting()
    grounds: Annotated[dict[str, Underpainting], Field(description="styles whose underpainting is another")] = Field(default={})
    gram: perceptual.GramPreset = "relative"
    style_features: TeacherChoice = None
    attention_filters: Annotated[int, Field(ge=1)] = 16
    toned: Annotated[bool, Field(description="photographs are brought to the style's colours before they are painted")] = True

    @model_validator(mode="after")
    def has_conditional_norms(self) -> Self:
        if self.generator.kind != "resnet" or self.generator.norm != "instance":
            raise ValueError("generator: styles are instance norms of their own, which only 'resnet' with norm 'instance' has")
        if self.weights.style and not self.weights.rehearsal:
            raise ValueError("weights.style: it compares repainted paintings, which need a weight for `rehearsal`")
        return self


class MultiStyle(Game):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "strength", "styles", "attention", "masks"})
    needs_styles: ClassVar[bool | None] = True

    def __init__(self, config: MultiStyleConfig, setting: Setting) -> None:
        super().__init__(config, setting)
        self.style_features = Teacher(config.style_features)
        self.teachers = {"style": self.style_features}

    def build_networks(self, setting: Setting) -> None:
        self.styles = setting.styles
        self.generator = self.config.generator(styles=len(self.styles))
        self.attention = build_attention(len(self.styles), self.config.attention_filters)
        self.palettes = build_palette(len(self.styles))
        self.grounds = grounds(self.config, self.styles)
        self.discriminator = self.config.discriminator(outputs=1 + len(self.styles))
        self.partners = {"attention": self.attention}

    def step(self, batch: Any) -> Metrics:
        if self.config.toned:
            self.learn_colours(batch)
        painter, fakes = self.move_generator(lambda: self.generator_terms(batch))
        critic = self.move_discriminator(lambda: self.discriminator_terms(batch, ops.stop_gradient(fakes)), CRITIC_AND_NAMER)
        return {"generator": painter, "discriminator": critic}

    def learn_colours(self, batch: Any) -> None:
        photographs = ops.zeros(batch.source.shape[0], "int32")
        rows = ops.concatenate([photographs, 1 + ops.cast(batch.style, "int32")])
        self.palettes.get_layer("palette").observe(ops.concatenate([batch.source, batch.target]), rows)

    def generator_terms(self, batch: Any) -> tuple[Terms, Any]:
        """Photographs in the styles of the batch, half of them also by the learned map, and the batch's paintings repainted."""
        source, target = batch.source, batch.target
        half = source[: (source.shape[0] + 1) // 2]
        named = everywhere(ops.one_hot(batch.style, len(self.styles)), source)
        learned = self.attention(half, training=True)
        photographs, maps = ops.concatenate([source, half]), ops.concatenate([named, learned])
        seen = self.toned(self.laid(maps, lambda how: underpainted(photographs, how, self.random)), maps)
        if self.weights["rehearsal"]:
            again = self.laid(named, lambda how: squinted(target, how.squint))
            seen, maps = ops.concatenate([seen, again]), ops.concatenate([maps, named])
        fakes = self.paint(self.generator, seen, maps, self.random, training=True)
        fake, again = fakes[: photographs.shape[0]], fakes[photographs.shape[0] :]
        verdicts, recognised = self.judge(fakes)
        terms: Terms = {
            "adversarial": self.adversarial.generator(verdicts),
            "recognition": recognition(recognised, maps),
        }
        if self.weights["colour"]:
            # Of the ground: held to the photograph's, contours break up into dots that let its brightness through.
            terms["colour"] = perceptual.pooled_colour(fake, ops.stop_gradient(seen[: photographs.shape[0]]))
        if self.weights["rehearsal"]:
            terms["rehearsal"] = ops.mean(ops.abs(again - target))
        if self.weights["style"]:
            terms["style"] = perceptual.style(self.style_features(again), self.style_features(target), self.config.gram)
        if self.weights["balance"]:
            terms["balance"] = imbalance(learned)
        if self.weights["decision"]:
            terms["decision"] = indecision(learned)
        if self.weights["smoothness"]:
            terms["smoothness"] = perceptual.total_variation(learned)
        return terms, fakes

    def discriminator_terms(self, batch: Any, fakes: Any) -> Terms:
        verdicts, recognised = self.judge(ops.concatenate([batch.target, fakes]))
        count = batch.target.shape[0]
        named = everywhere(ops.one_hot(batch.style, len(self.styles)), batch.target)
        return {
            "adversarial": self.adversarial.discriminator(verdicts[:count], verdicts[count:]),
            "recognition": recognition(recognised[:count], named),
        }

    def judge(self, pictures: Any) -> tuple[Any, Any]:
        """For every patch: real or painted, and logits of its style."""
        logits = self.discriminator(pictures, training=True)
        return logits[..., :1], logits[..., 1:]

    def paint(self, network: keras.Model, seen: Any, maps: Any, random: keras.random.SeedGenerator, *, training: bool) -> Any:
        return network([with_noise(seen, network.inputs[0].shape[-1] - 3, random), maps], training=training)

    def run(self, network: keras.Model, pictures: Any) -> Any:
        drawn = keras.random.randint((pictures.shape[0],), 0, len(self.styles), seed=self.random)
        return self.paint(network, pictures, everywhere(ops.one_hot(drawn, len(self.styles)), pictures), self.random, training=True)

    def translate(self, images: Any, request: Request) -> Any:
        self.check_request(request)
        random = keras.random.SeedGenerator(request.seed or 0)
        strength = 1.0 if request.strength is None else request.strength
        maps = self.style_maps(images, request)
        seen = self.laid(maps, lambda how: underpainted(images, how, random, strength))
        seen = seen + strength * (self.toned(seen, maps) - seen)
        return self.paint(self.painter.at(request.strength), seen, maps, random, training=False)

    def toned(self, pictures: Any, maps: Any) -> Any:
        """Photographs in the colours of the styles they are to be painted in: a sketch has no blue to hold on to."""
        return ops.stop_gradient(self.palettes([pictures, maps])) if self.config.toned else pictures

    def laid(self, maps: Any, ground: Callable[[Underpainting], Any]) -> Any:
        """What the generator sees: the grounds of the styles, each where its style is to be painted."""
        shares = {how: ops.sum(ops.take(maps, places, axis=-1), axis=-1, keepdims=True) for how, places in self.grounds.items()}
        return sum(share * ground(how) for how, share in shares.items())

    def copies(self) -> dict[str, keras.Model]:
        return super().copies() | {"palettes": self.palettes}

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        check_names(request, self.styles)

    def style_maps(self, images: Any, request: Request) -> Any:
        """Where which style is painted: as masks say, or as weights say everywhere; by default as the network learned."""
        if request.masks is not None:
            return by_masks(request.masks, self.styles, images)
        weights = None if request.styles is None else as_weights(request.styles, self.styles)
        if weights is not None and not request.attention:
            return everywhere(ops.convert_to_tensor(weights[None] / weights.sum()), images)
        learned = self.attention(images, training=False)
        if weights is None:
            return learned
        # The map among the styles that were named, those with more weight preferred.
        preferred = learned * ops.convert_to_tensor(weights) + 1e-6 * ops.convert_to_tensor(weights)
        return preferred / ops.sum(preferred, axis=-1, keepdims=True)


def grounds(config: MultiStyleConfig, styles: Sequence[str]) -> dict[Underpainting, list[int]]:
    """The different underpaintings, and the places of the styles that have them."""
    for name in config.grounds:
        if name not in styles:
            raise UserError(f"objective.grounds.{name}: there is no such style; the data has: {', '.join(styles)}")
    places: dict[Underpainting, list[int]] = {}
    for place, name in enumerate(styles):
        places.setdefault(config.grounds.get(name, config.underpainting), []).append(place)
    return places
