"""The recipe of a run: everything that its YAML may say."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gan_style.config.bounds import AtMost
from gan_style.config.model import Config, digest
from gan_style.config.places import Place
from gan_style.experiment.alarms import StopOn
from gan_style.experiment.choices import DataConfig, MethodConfig
from gan_style.experiment.runs import learned_part
from gan_style.features.backbones import APPLICATIONS, BackboneChoice
from gan_style.methods import METHODS
from gan_style.tracking.wandb_run import Wandb


class Train(Config):
    steps: Annotated[int, Field(ge=1), AtMost(10**9, "steps: at a thousand a second they take twelve days")]
    precision: Annotated[
        Literal["auto", "float32", "mixed_bfloat16"],
        Field(description="auto: bfloat16 where the hardware multiplies it natively"),
    ] = "auto"
    threads: Annotated[int, Field(ge=1, le=256)] | Literal["auto"] = "auto"
    strategy: Annotated[
        Literal["none", "mirrored", "multiworker"],
        Field(
            description="share each batch among the GPUs of this machine, or among machines (TF_CONFIG)",
            exclude_if=lambda name: name == "none",
        ),
    ] = "none"
    accumulate: Annotated[
        int,
        Field(
            ge=1,
            description="parts of a batch that pass through each network one after the other",
            exclude_if=lambda parts: parts == 1,
        ),
        AtMost(1024, "parts: each has its own place in the graph of a step"),
    ] = 1
    recompute: Annotated[
        bool,
        Field(
            description="networks compute their features again for the gradient, instead of keeping them",
            exclude_if=lambda asked: not asked,
        ),
    ] = False
    init_from: Annotated[
        str | None,
        Field(description="run folder whose networks to start from, or included/NAME"),
        Place("run folder", inside=("checkpoints",)),
    ] = None
    stop_on: Annotated[
        tuple[StopOn, ...],
        Field(
            max_length=16,
            description="alarms that end the run; collapsed: saturated or constant pictures",
            # Where nobody says anything, a recipe is what it was before there was this key.
            exclude_if=lambda names: not names,
        ),
    ] = ()


class Output(Config):
    """What a run writes while it goes; nothing here changes what is learned."""

    log_every: Annotated[int, Field(ge=1, description="steps between lines in metrics.jsonl")] = 20
    validate_every: Annotated[
        int, Field(ge=1, description="steps between sample sheets and validation figures")
    ] = 500
    checkpoint_every: Annotated[int, Field(ge=1)] = 250
    keep_checkpoints: Annotated[
        int,
        Field(ge=1, description="newest checkpoints kept, beside the best one"),
        AtMost(10_000, "checkpoints: each has all networks and optimizers"),
    ] = 3


class Sample(Config):
    size: Annotated[
        int,
        Field(ge=16, description="longer side in pixels when painting; with fixed data, data.size"),
        AtMost(65_536, "pixels: a picture of more would fill the memory by itself"),
    ] = 512
    reflect_pad: Annotated[
        int,
        Field(ge=0, description="mirrored pixels around a picture while it is painted"),
        AtMost(512, "pixels: no network looks so far"),
    ] = 0


Primary = Literal[
    "gram", "euclidean", "cosine", "wasserstein", "kid", "density", "coverage", "structure_kid",
    "kept_detail", "psnr", "ssim", "ms_ssim",
]  # fmt: skip


class Evaluation(Config):
    """How `gan-style evaluate` measures; nothing here changes what is learned."""

    primary: Annotated[
        Primary, Field(description="the metric by which methods are ranked; chosen before looking")
    ] = "gram"

    backbone: Annotated[
        BackboneChoice | None,
        Field(description="features of the metrics, other than those trained with; default: wavelets"),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def without_originals(cls, values: Any) -> Any:
        """Runs of before `data.originals` say `originals: null` here, which asks for nothing."""
        said = isinstance(values, dict) and values.get("originals", "") is None
        return {key: value for key, value in values.items() if key != "originals"} if said else values


class Experiment(Config):
    why: str | None = None
    data: DataConfig
    method: MethodConfig
    train: Train
    output: Output = Output()
    sample: Sample = Sample()
    evaluation: Evaluation = Evaluation()
    wandb: Wandb = Wandb()

    @model_validator(mode="after")
    def pictures_suit_the_method(self) -> Self:
        _, method = METHODS[self.method.kind]
        method.accepts(self.data)
        return self

    @model_validator(mode="after")
    def one_picture_cannot_be_shared(self) -> Self:
        if not self.data.one_picture:
            return self
        if self.train.strategy != "none":
            raise ValueError("train.strategy: a batch is shared among devices, and here is one picture")
        if self.train.accumulate > 1 or self.train.recompute:
            key = "accumulate" if self.train.accumulate > 1 else "recompute"
            raise ValueError(f"train.{key}: it spares what networks keep, and here no network learns")
        return self

    @model_validator(mode="after")
    def batch_has_so_many_parts(self) -> Self:
        if not self.data.one_picture and self.train.accumulate > self.data.batch_size():
            count = self.data.batch_size()
            raise ValueError(
                f"train.accumulate: {count} pictures (data.batch) have no more than {count} parts"
            )
        return self

    @model_validator(mode="after")
    def one_picture_is_sampled_as_it_was_worked_on(self) -> Self:
        """At another size, or with padding, it would be another picture, and worked on from the start."""
        if not self.data.one_picture:
            return self
        if self.sample.reflect_pad:
            raise ValueError(
                "sample.reflect_pad: padding is for networks; on fixed data the picture itself is worked on"
            )
        if "size" in self.sample.model_fields_set:
            return self
        return self.model_copy(update={"sample": Sample(size=self.data.side())})

    @model_validator(mode="after")
    def backbone_has_not_trained(self) -> Self:
        backbone: Any = self.evaluation.backbone
        for name, features in self.method if backbone else ():
            network = network_of(features)
            if network and network == network_of(backbone) and features.weights == backbone.weights:
                raise ValueError(
                    f"evaluation.backbone: {network} is what method.{name} trains with, and would only "
                    "repeat what its own loss achieved. Choose another, such as wavelets"
                )
        return self


def network_of(bank: Any) -> str | None:
    """The class of keras.applications that a backbone or frozen features are; nothing for other parts."""
    return getattr(bank, "network", None) or APPLICATIONS.get(getattr(bank, "kind", ""))


def learned(config: Experiment) -> dict[str, Any]:
    return learned_part(config.model_dump(mode="json"))


def learned_hash(config: Experiment) -> str:
    return digest(learned(config))
