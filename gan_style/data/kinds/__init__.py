"""Kinds of data by name. A new one is a file here: a `DataKind` whose `kind` is its name."""

from importlib import import_module
from pkgutil import iter_modules

from gan_style.config.model import kind_of
from gan_style.data.kind import DataKind


def kinds_in_this_folder() -> dict[str, type[DataKind]]:
    found = {}
    for info in iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        for model in vars(module).values():
            own = isinstance(model, type) and model.__module__ == module.__name__
            if own and issubclass(model, DataKind):
                found[kind_of(model)] = model
    return found


DATA_KINDS = kinds_in_this_folder()
