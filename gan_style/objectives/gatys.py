"""Style transfer by optimising the picture (Gatys et al. 2016): content and style are distances of frozen features.

Several styles are one by blended Grams; regions have Grams of their own (Gatys et al. 2017).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from keras import ops
from pydantic import Field, model_validator

from gan_style.config import Config
from gan_style.engine import Terms, compiled, gradient
from gan_style.errors import UserError
from gan_style.features import FeatureBank
from gan_style.losses import perceptual
from gan_style.objectives.canvas import SMALLEST_SIDE, CanvasConfig, CanvasObjective
from gan_style.objectives.named_styles import as_weights, check_names, check_style_images
from gan_style.objectives.objective import PositiveWeight, Request, Setting, Subject, Weight
from gan_style.objectives.recolouring import Recolouring, in_colours_of, with_luminance
from gan_style.objectives.stage import Goal, Stage, resized
from gan_style.objectives.teacher import Teacher
from gan_style.progress import say

Layers = tuple[str, ...]


class Weights(Config):
    """What each term counts; a term of weight 0 is not computed."""

    content: Annotated[Weight, Field(description="features of `content_layers`")] = 0.0
    structure: Annotated[Weight, Field(description="coarse brightness edges: content for random features, which know none")] = 0.0
    colour: Annotated[Weight, Field(description="local average colours, for the same reason")] = 0.0
    style: PositiveWeight = 1.0
    total_variation: Weight = 0.0


class GatysConfig(CanvasConfig):
    kind: Literal["gatys"]
    weights: Weights = Weights()
    content_layers: Layers = ()
    style_layers: Annotated[Layers, Field(description="none named: all that the features have")] = ()
    balance: Annotated[bool, Field(description="style layers weigh so that their first gradients are equally long")] = True
    gram: perceptual.GramPreset = "relative"
    recolouring: Recolouring = "none"
    style_scale: Annotated[float, Field(gt=0, le=4, description="longer side of style pictures, as a share of the content's")] = 1.0
    blend: dict[str, Weight] = Field({}, description="how much each style counts; none named: all alike")

    @model_validator(mode="after")
    def content_has_layers(self) -> Self:
        if bool(self.weights.content) != bool(self.content_layers):
            raise ValueError("content_layers: they and a weight for `content` belong together; give both or neither")
        return self


class Gatys(CanvasObjective):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "styles", "style_images", "masks"})

    def __init__(self, config: GatysConfig, setting: Setting, features: Teacher | None = None) -> None:
        super().__init__(config, setting, features)
        self.layer_weights: dict[str, dict[str, float]] = {}  # by size, for the summary
        if not self.subject.styles:
            raise UserError("data.styles: 'gatys' needs a picture in the style to reach, as in {oil: paintbox}")
        self.styles = tuple(self.subject.styles)
        if not self.subject.blend:
            self.subject = replace(self.subject, blend=shares(config.blend, self.styles, "objective.blend"))

    def prepare(self) -> None:
        super().prepare()
        for size, weights in self.layer_weights.items():
            say(f"style layers at {size} count {', '.join(f'{layer} {weight:.3g}' for layer, weight in weights.items())}")

    def findings(self) -> dict[str, Any]:
        return {"layer_weights": self.layer_weights}

    def aim(self) -> None:
        check_layers(self.features.bank, self.subject.content, (*self.config.content_layers, *self.config.style_layers))
        super().aim()

    def goal_at(self, stage: Stage) -> Goal:
        goal = StyleGoal(self.config, self.features, self.subject, stage)
        self.layer_weights["{1}x{0}".format(*stage.size())] = goal.layer_weights
        return goal

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        if request.style_images is None:
            return check_names(request, self.styles)
        if request.styles is not None:
            raise UserError("style images: they take the place of the run's styles; leave those out")
        check_style_images(request.style_images, request.masks)
        if request.masks and len({weight for _, weight in request.style_images}) > 1:
            raise UserError("style images: with masks each has a region of its own, and weights between them say nothing; leave them out")

    def subject_of(self, content: np.ndarray, request: Request) -> Subject:
        subject = super().subject_of(content, request)
        if request.style_images:
            styles = {str(number): pixels for number, (pixels, _) in enumerate(request.style_images, 1)}
            blend = {str(number): weight for number, (_, weight) in enumerate(request.style_images, 1)}
            subject = replace(subject, styles=styles, style_masks={}, blend=shares(blend, styles))
        elif request.styles and (wanted := shares(request.styles, self.styles)) != subject.blend:
            subject = replace(subject, blend=wanted)
        return replace(subject, masks=request.masks) if request.masks else subject

    def presented(self, pixels: np.ndarray) -> np.ndarray:
        return with_luminance(self.subject.content, pixels) if self.config.recolouring == "luminance" else pixels


class StyleGoal(Goal):
    """Features to keep and Grams to reach at one size."""

    def __init__(self, config: GatysConfig, features: Teacher, subject: Subject, stage: Stage) -> None:
        self.config, self.features, self.weights = config, features, config.weights
        self.content = self.seen(resized(ops.convert_to_tensor(subject.content[None]), stage.size()))
        maps = features(self.content)
        self.content_maps = {layer: maps[layer] for layer in config.content_layers if layer in maps}
        pixels = {layer: maps[layer].shape[1] * maps[layer].shape[2] for layer in config.style_layers or maps if layer in maps}
        del maps  # large, and the next ones are too
        regions: list[Mapping[str, float]] = [{name: 1.0} for name in subject.masks] or [subject.blend]
        names = {name for blend in regions for name, share in blend.items() if share}
        grams = {name: self.grams(name, subject, stage.size(), pixels) for name in names}
        self.layers = [layer for layer in pixels if all(layer in one for one in grams.values())]
        # A small size may lack some of the layers, as long as there are others.
        if not self.layers or (config.content_layers and not self.content_maps):
            raise UserError(f"at {stage.size()[1]}x{stage.size()[0]} pixels the features lack layers that this run looks at")
        self.guides = [as_guide(mask) for mask in subject.masks.values()] or [None]
        self.wanted = {
            layer: [sum(share * grams[name][layer] for name, share in blend.items() if share) for blend in regions] for layer in self.layers
        }
        self.layer_weights = self.balanced(stage.start)

    def seen(self, pictures: Any) -> Any:
        return perceptual.grey(pictures) if self.config.recolouring == "luminance" else pictures

    def grams(self, name: str, subject: Subject, size: tuple[int, int], pixels: Mapping[str, int]) -> dict[str, Any]:
        """Of a style picture, at the size that belongs to this size of the content, as its mask says."""
        style = ops.convert_to_tensor(in_colours_of(subject.content, subject.styles[name], self.config.recolouring)[None])
        whole, largest = max(subject.content.shape[:2]), max(style.shape[1:3])
        scale = min(1.0, self.config.style_scale * whole / largest) * max(size) / whole
        maps = self.features(resized(style, tuple(max(SMALLEST_SIDE, round(side * scale)) for side in style.shape[1:3])))
        if name in subject.style_masks:
            guide = as_guide(subject.style_masks[name])
            maps = {layer: perceptual.guided(features, guide) for layer, features in maps.items()}
        return {layer: perceptual.gram_for(count, maps[layer], self.config.gram) for layer, count in pixels.items() if layer in maps}

    def balanced(self, start: Any) -> dict[str, float]:
        """What each style layer counts, 1 in all; balanced, all pull alike at the first picture."""

        def pull(weights: Any) -> Any:
            def style(canvas: Any) -> Any:
                maps = self.features(self.seen(canvas))
                return sum(weights[i] * self.distance(layer, maps[layer]) for i, layer in enumerate(self.layers))

            return ops.sqrt(ops.sum(ops.square(gradient(style, start))))

        pulls = np.ones(len(self.layers))
        if self.config.balance:
            once = compiled(pull)
            pulls = np.array([float(once(one)) for one in np.eye(len(pulls), dtype=np.float32)]) + 1e-12
        return dict(zip(self.layers, (1 / pulls / (1 / pulls).sum()).tolist(), strict=True))

    def distance(self, layer: str, features: Any) -> Any:
        """Of one layer's textures to those wanted, in the mean over regions."""
        found = [features if guide is None else perceptual.guided(features, guide) for guide in self.guides]
        pairs = zip(found, self.wanted[layer], strict=True)
        return sum(perceptual.distance_to_gram(fake, wanted, self.config.gram) for fake, wanted in pairs) / len(found)

    def terms(self, canvas: Any) -> Terms:
        seen = self.seen(canvas)
        maps = self.features(seen)
        terms: Terms = {"style": sum(weight * self.distance(layer, maps[layer]) for layer, weight in self.layer_weights.items())}
        if self.weights.content:
            terms["content"] = perceptual.feature_content({layer: maps[layer] for layer in self.content_maps}, self.content_maps)
        if self.weights.structure:
            terms["structure"] = perceptual.coarse_structure(seen, self.content)
        if self.weights.colour:
            terms["colour"] = perceptual.pooled_colour(seen, self.content)
        if self.weights.total_variation:
            terms["total_variation"] = perceptual.total_variation(canvas)
        return terms


def as_guide(mask: np.ndarray) -> Any:
    return ops.convert_to_tensor(np.asarray(mask, np.float32)[None, ..., None])


def check_layers(bank: FeatureBank, content: np.ndarray, layers: Layers) -> None:
    known = bank(ops.convert_to_tensor(content[None]))
    for layer in layers:
        if layer not in known:
            raise UserError(f"objective: the features have no layer '{layer}' at this size; they have: {', '.join(known)}")


def shares(named: Mapping[str, float], styles: Iterable[str], key: str = "styles") -> dict[str, float]:
    """How much each style counts, 1 in all; none named: all alike."""
    names = tuple(styles)
    weights = as_weights(named or dict.fromkeys(names, 1.0), names, key)
    return dict(zip(names, (weights / weights.sum()).tolist(), strict=True))
