"""Registries as config: the YAML names an entry by its `kind`, and may give whatever that entry takes."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

import pydantic

from gan_style.config.model import Config, kind_of


class Choice(Config):
    """One of several functions, chosen by `kind`, and the arguments to call it with."""

    def __call__(self, **more: Any) -> Any:
        arguments = {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}
        return type(self).target(**arguments, **more)  # type: ignore[attr-defined]


def choice_of(targets: Mapping[str, Callable[..., Any]]) -> Any:
    """A union of configs, one for each function: its keyword arguments are the keys, typed as annotated.

    So a function's signature is the only place where its options are written down.
    """
    return one_of(configs_of(targets))


def configs_of(targets: Mapping[str, Callable[..., Any]]) -> list[type[Config]]:
    return [call_of(kind, target) for kind, target in targets.items()]


def call_of(kind: str, target: Callable[..., Any]) -> type[Config]:
    fields: dict[str, Any] = {"kind": (Literal[kind], ...)}
    for parameter in inspect.signature(target).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not parameter.name.startswith("_"):
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[parameter.name] = (parameter.annotation, default)
    model = pydantic.create_model(kind, __base__=Choice, **fields)
    model.target = staticmethod(target)  # type: ignore[attr-defined]
    return model


def one_of(models: Iterable[type[Config]], default: str | None = None) -> Any:
    """The type of a block that is one of these models, by its `kind`; without one it is the default's."""
    every = list(models)
    if len(every) == 1:
        return every[0]
    if default is None:
        return Annotated[reduce(or_, every), pydantic.Field(discriminator="kind")]

    def kind(block: Any) -> Any:
        return block.get("kind", default) if isinstance(block, dict) else getattr(block, "kind", None)

    tagged: Any = reduce(or_, (Annotated[model, pydantic.Tag(kind_of(model))] for model in every))
    return Annotated[tagged, pydantic.Discriminator(kind)]


def name_in(registry: Mapping[str, Any]) -> Any:
    """The type of a key that names an entry; entries may still be added until a recipe is read."""

    def check(name: str) -> str:
        if name not in registry:
            raise ValueError(f"expected {', '.join(registry)}, found the text '{name}'")
        return name

    return Annotated[str, pydantic.AfterValidator(check), pydantic.WithJsonSchema({"enum": list(registry)})]
