"""One network, one pass, taught by frozen features with nobody against it (Johnson et al. 2016); several styles by
instance norms of their own (Dumoulin et al. 2017)."""

from typing import Annotated, Any, ClassVar, Literal, Self

import keras
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import Terms
from gan_style.errors import UserError
from gan_style.losses import perceptual
from gan_style.objectives.named_styles import as_weights, by_masks, check_names, everywhere
from gan_style.objectives.objective import PositiveWeight, Request, Setting, Weight
from gan_style.objectives.painter import with_noise
from gan_style.objectives.solo import Solo, SoloConfig
from gan_style.objectives.teacher import Teacher, TeacherChoice


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    style: PositiveWeight = 1.0
    content: Annotated[Weight, Field(description="features of the photograph; of random ones little more than its pixels")] = 1.0
    colour: Annotated[Weight, Field(description="local average colours of the photograph")] = 0.0
    structure: Annotated[Weight, Field(description="its coarse brightness edges")] = 0.0
    rehearsal: Annotated[Weight, Field(description="L1 of squinted paintings painted again; style is then theirs, each its own")] = 0.0
    total_variation: Weight = 0.0


class FeedForwardConfig(SoloConfig):
    takes_noise: ClassVar[bool] = True  # as texture networks do (Ulyanov et al. 2016): in a flat sky there is nothing else to paint with

    kind: Literal["feedforward"]
    weights: Weights = Weights()
    gram: perceptual.GramPreset = "relative"
    style_features: TeacherChoice = None
    content_features: TeacherChoice = None

    @model_validator(mode="after")
    def content_is_held(self) -> Self:
        if not (self.weights.content or self.weights.colour or self.weights.structure):
            raise ValueError("weights: nothing holds the photograph's content; give content, colour or structure a weight")
        return self

    @model_validator(mode="after")
    def rehearsal_has_something_to_paint(self) -> Self:
        if self.weights.rehearsal and not self.underpainting.squint:
            raise ValueError("weights.rehearsal: paintings are painted again from what underpainting.squint leaves of them, and that is 0")
        return self


class FeedForward(Solo):
    understands: ClassVar[frozenset[str]] = frozenset({"strength", "styles", "masks", "seed"})
    needs_styles: ClassVar[bool | None] = None
    config: FeedForwardConfig

    def __init__(self, config: FeedForwardConfig, setting: Setting) -> None:
        super().__init__(config, setting)
        self.rehearses = bool(self.weights["rehearsal"])
        self.style_features, self.content_features = Teacher(config.style_features), Teacher(config.content_features)
        self.teachers = {"style": self.style_features, "content": self.content_features}

    def build_generator(self, setting: Setting) -> keras.Model:
        self.styles = setting.styles
        generator = self.config.generator
        if not self.styles:
            return super().build_generator(setting)
        if generator.kind != "resnet" or generator.norm != "instance":
            raise UserError("objective.generator: several styles need instance norms of their own, as 'resnet' with norm 'instance' has")
        network: keras.Model = generator(styles=len(self.styles))
        return network

    def terms(self, batch: Any) -> Terms:
        """Of the photographs painted and, in rehearsal, of paintings painted again from what squinting leaves of them."""
        source, target = batch.source, batch.target
        seen = self.seen(source, target if self.rehearses else None)
        # The n-th painting is of the style that the n-th photograph is to have.
        styles = ops.concatenate([batch.style, batch.style])[: seen.shape[0]] if self.styles else None
        fakes = self.paint(self.generator, seen, self.everywhere(styles, seen), self.random, training=True)
        fake, again = fakes[: source.shape[0]], fakes[source.shape[0] :]
        terms: Terms = {"style": self.style_distance(again if self.rehearses else fake, target)}
        if self.rehearses:
            terms["rehearsal"] = ops.mean(ops.abs(again - target))
        if self.weights["content"]:
            terms["content"] = perceptual.feature_content(self.content_features(fake), self.content_features(source))
        if self.weights["colour"]:
            terms["colour"] = perceptual.pooled_colour(fake, source)
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(fake, source)
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake)
        return terms

    def style_distance(self, fake: Any, target: Any) -> Any:
        # A painting painted again has its own Gram to reach, a photograph only what one style's paintings have in common;
        # of several styles, each photograph meets a picture of its own style.
        distance = perceptual.style if self.rehearses or self.styles else perceptual.style_in_common
        return distance(self.style_features(fake), self.style_features(target), self.config.gram)

    def paint(self, network: keras.Model, seen: Any, maps: Any, random: keras.random.SeedGenerator, *, training: bool) -> Any:
        seen = with_noise(seen, network.inputs[0].shape[-1] - 3, random)
        return network(seen if maps is None else [seen, maps], training=training)

    def run(self, network: keras.Model, pictures: Any) -> Any:
        """Pictures given back, each in any of the styles, if there are several."""
        drawn = keras.random.randint((pictures.shape[0],), 0, len(self.styles), seed=self.random) if self.styles else None
        return self.paint(network, pictures, self.everywhere(drawn, pictures), self.random, training=True)

    def everywhere(self, styles: Any, pictures: Any) -> Any:
        """A map (N, H, W, styles) of one style for each picture, where there are several."""
        return everywhere(ops.one_hot(styles, len(self.styles)), pictures) if self.styles else None

    def painted(self, network: keras.Model, seen: Any, request: Request, random: keras.random.SeedGenerator) -> Any:
        """In the styles named, blended or by regions; by default in all of them alike."""
        return self.paint(network, seen, self.style_maps(seen, request), random, training=False)

    def style_maps(self, images: Any, request: Request) -> Any:
        """Where which style is painted, as masks or weights say."""
        if not self.styles:
            return None
        if request.masks is not None:
            return by_masks(request.masks, self.styles, images)
        weights = as_weights(request.styles or dict.fromkeys(self.styles, 1.0), self.styles)
        return everywhere(ops.convert_to_tensor(weights[None] / weights.sum()), images)

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        check_names(request, self.styles)
