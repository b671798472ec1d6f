"""Style transfer by optimising the image (Gatys et al. 2016): content and style are feature distances.

Several styles are one by blended Grams; regions have Grams of their own (Gatys et al. 2017).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Self

import keras
import numpy as np
from keras import ops
from pydantic import Field, model_validator

from gan_style.data.kind import DataKind
from gan_style.data.subject import Subject
from gan_style.losses import perceptual
from gan_style.methods.base.colour_preservation import PreserveColour, with_luminance
from gan_style.methods.base.dabs import Dabs, dabbed
from gan_style.methods.base.frozen_features import FrozenFeatures
from gan_style.methods.base.gram_targets import GramTargets
from gan_style.methods.base.method import Method, Metrics, PositiveWeight, Setting, Step, TermWeights, Weight
from gan_style.methods.base.optimisation import announce_memory, run_anew
from gan_style.methods.base.pixels import ImagePyramid, Level, PixelConfig
from gan_style.methods.base.request import Request
from gan_style.methods.base.style_maps import as_weights, check_names, check_style_images
from gan_style.optim.player import Terms
from gan_style.system.errors import UserError
from gan_style.system.progress import say
from gan_style.system.tensor import Tensor

Layers = tuple[str, ...]


class Weights(TermWeights):
    content: Annotated[Weight, Field(description="features of `content_layers`")] = 0.0
    structure: Annotated[
        Weight, Field(description="coarse brightness edges: content for random features, which know none")
    ] = 0.0
    colour: Annotated[Weight, Field(description="local average colours, for the same reason")] = 0.0
    style: PositiveWeight = 1.0
    total_variation: Weight = 0.0


class GatysConfig(PixelConfig):
    kind: Literal["gatys"]
    weights: Weights = Weights()
    content_layers: Layers = ()
    style_layers: Annotated[Layers, Field(description="none named: all that the features have")] = ()
    balance_layers: Annotated[
        bool, Field(description="style layers weigh so that their first gradients are equally long")
    ] = True
    gram: perceptual.GramPreset = "relative"
    preserve_colour: PreserveColour = "none"
    style_scale: Annotated[
        float, Field(gt=0, le=4, description="longer side of style pictures, as a share of the content's")
    ] = 1.0
    dabs: Annotated[
        Dabs | None,
        Field(
            description="the content as flat strokes of its own colours, which takes the photograph's place",
            # Where nobody asks for it, a recipe is what it was before there was this key.
            exclude_if=lambda dabs: dabs is None,
        ),
    ] = None
    blend: dict[str, Weight] = Field({}, description="how much each style counts; none named: all alike")

    @model_validator(mode="after")
    def content_has_layers(self) -> Self:
        if bool(self.weights.content) != bool(self.content_layers):
            raise ValueError(
                "content_layers: they and a weight for `content` belong together; give both or neither"
            )
        return self


class Gatys(Method):
    understands: ClassVar[frozenset[str]] = frozenset({"seed", "styles", "style_images", "masks"})

    def __init__(self, config: GatysConfig, setting: Setting, features: FrozenFeatures | None = None) -> None:
        assert setting.subject is not None
        self.config, self.subject = config, setting.subject
        self.weights = config.weights.model_dump()
        self.frozen = features or FrozenFeatures(config.features)
        self.steps: list[Step] = []
        self.layer_weights: dict[str, dict[str, float]] = {}  # by size, for the summary
        self.styles = tuple(self.subject.styles)
        if not self.subject.blend:
            blend = shares(config.blend, self.styles, "method.blend")
            self.subject = replace(self.subject, blend=blend)
        self.drawn = in_dabs(self.subject, config.dabs, setting.seed)
        self.pyramid = ImagePyramid(config, self.drawn.content, setting.steps, setting.seed)
        super().__init__(
            setting,
            networks={"image": self.pyramid.network},
            players=self.pyramid.players,
            features=[self.frozen],
        )

    @classmethod
    def accepts(cls, data: DataKind) -> None:
        if not data.one_picture:
            raise ValueError("data.kind: 'gatys' works on one picture, of data kind 'fixed'")
        if not data.style_names():
            raise ValueError(
                "data.styles: 'gatys' needs a picture in the style to reach, as in {oil: paintbox}"
            )

    def prepare(self) -> None:
        announce_memory(self.pyramid.levels[-1], self.frozen)
        self.aim()
        for size, weights in self.layer_weights.items():
            told = ", ".join(f"{layer} {weight:.3g}" for layer, weight in weights.items())
            say(f"style layers at {size} count {told}")

    def aim(self) -> None:
        """One step for each size, with the features and Grams to reach there."""
        named = (*self.config.content_layers, *self.config.style_layers)
        check_layers(self.frozen, self.drawn.content, named)
        self.steps = []
        for level in self.pyramid.levels:
            goal = StyleGoal(self, level)
            self.layer_weights["{1}x{0}".format(*level.size)] = goal.targets.layer_weights
            self.steps.append(partial(self.step, level, goal))

    def step_at(self, step: int) -> Step:
        return self.steps[self.pyramid.level_at(step)]

    def phases(self, steps: int) -> dict[str, int]:
        return self.pyramid.phases()

    def step(self, level: Level, goal: "StyleGoal", batch: Any = None) -> Metrics:  # type: ignore[override]
        level.begin()
        terms = level.player.minimize(lambda: goal.terms(level.image()), self.weights)
        return {"image": terms}

    def translate(self, images: Tensor, request: Request) -> Tensor:
        """The run's own picture as far as it has come; another one, or another wish, from the start."""
        self.check_request(request)
        painted = []
        for content in ops.convert_to_numpy(images):
            subject, seed = self.subject_of(content, request), request.seed or 0
            painted.append(self.result() if subject is self.subject else self.anew(subject, seed))
        return ops.stack(painted)

    def anew(self, subject: Subject, seed: int) -> np.ndarray:
        if subject.styles is not self.subject.styles and self.config.preserve_colour == "luminance":
            say(
                "colours stay the photograph's (method.preserve_colour); --ablation colours takes the style's"
            )
        other = Gatys(self.config, replace(self.setting, subject=subject, seed=seed), self.frozen)
        other.aim()
        run_anew(other.steps, other.pyramid)
        return other.result()

    def result(self) -> np.ndarray:
        pixels, kept = self.pyramid.result(), self.config.preserve_colour
        return with_luminance(self.drawn.content, pixels) if kept == "luminance" else pixels

    def subject_of(self, content: np.ndarray, request: Request) -> Subject:
        """What a request is about: the very `subject` of this run where it asks for nothing else."""
        subject = self.subject if self.is_finished(content) else replace(self.subject, content=content)
        if request.style_images:
            numbered = {str(number): image for number, image in enumerate(request.style_images, 1)}
            styles = {number: pixels for number, (pixels, _) in numbered.items()}
            blend = shares({number: weight for number, (_, weight) in numbered.items()}, styles)
            subject = replace(subject, styles=styles, style_masks={}, blend=blend)
        elif request.styles and (wanted := shares(request.styles, self.styles)) != subject.blend:
            subject = replace(subject, blend=wanted)
        return replace(subject, masks=request.masks) if request.masks else subject

    def check_request(self, request: Request) -> None:
        super().check_request(request)
        if request.style_images is None:
            return check_names(request, self.styles)
        if request.styles is not None:
            raise UserError("style images: they take the place of the run's styles; leave those out")
        check_style_images(request.style_images, request.masks)
        if request.masks and len({weight for _, weight in request.style_images}) > 1:
            raise UserError(
                "style images: with masks each has a region of its own, and weights between them say "
                "nothing; leave them out"
            )

    def findings(self) -> dict[str, Any]:
        return {"layer_weights": self.layer_weights}


class StyleGoal:
    """Features to keep and Grams to reach at one size."""

    def __init__(self, method: Gatys, level: Level) -> None:
        self.weights, self.frozen = method.weights, method.frozen
        self.targets = GramTargets(method.config, method.frozen, method.drawn, level)

    def terms(self, image: Tensor) -> Terms:
        """Equations 1, 5 and 7."""
        targets = self.targets
        seen = targets.seen(image)
        maps = self.frozen(seen)
        terms: Terms = {"style": targets.style_distance(maps)}
        if self.weights["content"]:
            kept = {layer: maps[layer] for layer in targets.content_maps}
            terms["content"] = perceptual.feature_content(kept, targets.content_maps)
        if self.weights["structure"]:
            terms["structure"] = perceptual.coarse_structure(seen, targets.content)
        if self.weights["colour"]:
            terms["colour"] = perceptual.pooled_colour(seen, targets.content)
        if self.weights["total_variation"]:
            terms["total_variation"] = perceptual.total_variation(image)
        return terms


def in_dabs(subject: Subject, how: Dabs | None, seed: int) -> Subject:
    """With the content drawn in dabs, if that is wanted."""
    if how is None:
        return subject
    drawn = dabbed(ops.convert_to_tensor(subject.content[None]), how, keras.random.SeedGenerator(seed))
    return replace(subject, content=ops.convert_to_numpy(drawn)[0])


def check_layers(features: FrozenFeatures, content: np.ndarray, layers: Layers) -> None:
    known = features(ops.convert_to_tensor(content[None]))
    for layer in layers:
        if layer not in known:
            raise UserError(
                f"method: the features have no layer '{layer}' at this size; they have: {', '.join(known)}"
            )


def shares(named: Mapping[str, float], styles: Iterable[str], key: str = "styles") -> dict[str, float]:
    """How much each style counts, 1 in all; none named: all alike."""
    names = tuple(styles)
    weights = as_weights(named or dict.fromkeys(names, 1.0), names, key)
    return dict(zip(names, (weights / weights.sum()).tolist(), strict=True))
