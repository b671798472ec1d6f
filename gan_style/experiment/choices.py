"""What a recipe chooses from, by `kind`: every kind of data, and every method."""

from gan_style.config.choice import one_of
from gan_style.data.kinds import DATA_KINDS
from gan_style.methods import METHODS

DataConfig = one_of(DATA_KINDS.values())
MethodConfig = one_of([config for config, _ in METHODS.values()])
