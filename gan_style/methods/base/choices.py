"""What a method's YAML chooses from, by `kind`: the registries of the rooms below."""

from gan_style.config.choice import choice_of, name_in, one_of
from gan_style.features import BANKS
from gan_style.losses.adversarial import ADVERSARIAL
from gan_style.networks import DISCRIMINATORS, GENERATORS
from gan_style.optim.optimizers import OPTIMIZERS

GeneratorChoice = choice_of(GENERATORS)
DiscriminatorChoice = choice_of(DISCRIMINATORS)
FeatureChoice = choice_of(BANKS)
GanLoss = name_in(ADVERSARIAL)
OptimizerChoice = one_of(OPTIMIZERS.values(), default="adam")
