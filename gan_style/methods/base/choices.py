"""What a method's YAML chooses from, by `kind`: the registries of the rooms below."""

from typing import Annotated, Literal

from pydantic import Field

from gan_style.config.bounds import MOST_FILTERS
from gan_style.config.choice import choice_of, configs_of, name_in, one_of
from gan_style.config.model import Config
from gan_style.features import BANKS
from gan_style.losses.adversarial import ADVERSARIAL
from gan_style.networks import DISCRIMINATORS, GENERATORS
from gan_style.optim.optimizers import OPTIMIZERS

GeneratorChoice = choice_of(GENERATORS)
FeatureChoice = choice_of(BANKS)
GanLoss = name_in(ADVERSARIAL)
OptimizerChoice = one_of(OPTIMIZERS.values(), default="adam")


class ProjectedConfig(Config):
    """A discriminator that looks through frozen features (Sauer et al. 2021)."""

    kind: Literal["projected"]
    features: Annotated[
        FeatureChoice | None,  # type: ignore[valid-type]
        Field(description="default: the random pyramid"),
    ] = None
    filters: Annotated[
        int, Field(ge=1, description="channels of the finest head; doubled at each depth"), MOST_FILTERS
    ] = 32


DiscriminatorChoice = one_of([*configs_of(DISCRIMINATORS), ProjectedConfig])
