"""One network, one pass, frozen features as the only teacher (Johnson et al. 2016); several styles by instance norms of
their own (Dumoulin et al. 2017)."""

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
from gan_style.objectives.painter import PainterConfig
from gan_style.objectives.solo import Solo
from gan_style.objectives.teacher import Teacher, TeacherChoice


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    style: PositiveWeight = 1.0
    content: Annotated[Weight, Field(description="features of the photograph; of random ones little more than its pixels")] = 1.0
    colour: Annotated[Weight, Field(description="local average colours of the photograph")] = 0.0
    structure: Annotated[Weight, Field(description="its coarse brightness edges")] = 0.0
    total_variation: Weight = 0.0


class FeedForwardConfig(PainterConfig):
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


class FeedForward(Solo):
    understands: ClassVar[frozenset[str]] = frozenset({"strength", "styles", "masks"})
    needs_styles: ClassVar[bool | None] = None
    config: FeedForwardConfig

    def __init__(self, config: FeedForwardConfig, setting: Setting) -> None:
        super().__init__(config, setting)
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
        source = batch.source
        fake = self.paint(self.generator, source, ops.one_hot(batch.style, len(self.styles)) if self.styles else None, training=True)
        painted, wanted = self.style_features(fake), self.style_features(batch.target)
        # One style's pictures are one texture; of several, each photograph meets a picture of its own style.
        terms: Terms = {"style": perceptual.style(painted, wanted, self.config.gram, together=not self.styles)}
        if self.weights["content"]:
            terms["content"] = perceptual.feature_content(self.content_features(fake), self.content_features(source))
        if self.weights["colour"]:
            terms["colour"] = perceptual.pooled_colour(fake, source)
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(fake, source)
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(fake)
        return terms

    def paint(self, network: keras.Model, pictures: Any, weights: Any, *, training: bool) -> Any:
        return network(pictures if weights is None else [pictures, everywhere(weights, pictures)], training=training)

    def run(self, network: keras.Model, pictures: Any) -> Any:
        """Photographs given back in every style, one after the other."""
        turns = ops.one_hot(ops.arange(pictures.shape[0]) % len(self.styles), len(self.styles)) if self.styles else None
        return self.paint(network, pictures, turns, training=True)

    def translate(self, images: Any, request: Request) -> Any:
        """In the styles named, blended or by regions; by default in all of them alike."""
        self.check_request(request)
        network = self.painter.at(request.strength)
        if not self.styles:
            return network(images, training=False)
        if request.masks is not None:
            return network([images, by_masks(request.masks, self.styles, images)], training=False)
        weights = as_weights(request.styles or dict.fromkeys(self.styles, 1.0), self.styles)
        return self.paint(network, images, ops.convert_to_tensor(weights[None] / weights.sum()), training=False)

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        check_names(request, self.styles)
