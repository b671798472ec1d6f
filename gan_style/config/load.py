"""YAML files and command-line overrides into frozen models, or one clear error."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import pydantic

from gan_style.config.explain import explain, listed
from gan_style.config.located import Located, Origin, describe, merge, read_yaml
from gan_style.config.model import Config
from gan_style.config.overrides import together
from gan_style.config.renamed import renamed
from gan_style.config.text import shown
from gan_style.system.errors import UserError

C = TypeVar("C", bound=Config)
MOST_PARENTS = 20  # files that extend each other; recipes have one


@dataclass(frozen=True)
class Resolved(Generic[C]):
    """A validated config beside the located values it was made from."""

    config: C
    located: Located

    def origins(self) -> dict[tuple[str, ...], Origin]:
        return {path: leaf.origin for path, leaf in self.located.leaves()}


def load(path: Path, model: type[C], overrides: Sequence[str] = ()) -> Resolved[C]:
    """Read a file and its parents, apply `key=value` overrides, validate."""
    return resolve(read_with_parents(path), model, overrides)


def resolve(recipe: Located, model: type[C], overrides: Sequence[str] = ()) -> Resolved[C]:
    """Apply `key=value` overrides to what was read, validate."""
    located = merge(recipe, together(overrides))
    values = {key: value for key, value in located.value.items() if key != "extends"}
    located = Located(values, located.origin)
    return Resolved(validate(located, model), located)


def read_with_parents(path: Path, children: tuple[Path, ...] = ()) -> Located:
    """The file merged over the one it `extends`."""
    located = read_yaml(path)
    extends = located.value.get("extends")
    if extends is None:
        return located
    if not isinstance(extends.value, str):
        found = describe(extends.value)
        raise UserError(f"{extends.origin}: extends: expected the path of one file, found {found}")
    parent = path.parent / extends.value
    if not os.path.isfile(parent):  # no OSError for names that no disk takes
        raise UserError(f"{extends.origin}: extends: there is no file {shown(str(parent), 300)}")
    chain = (*children, path.resolve())
    if len(chain) > MOST_PARENTS:
        raise UserError(f"{extends.origin}: extends: more than {MOST_PARENTS} files extend each other")
    if parent.resolve() in chain:
        reason = f"{parent} extends this file in turn; a chain of parents must end"
        raise UserError(f"{extends.origin}: extends: {reason}")
    return merge(read_with_parents(parent, chain), located)


def validate(located: Located, model: type[C]) -> C:
    if messages := list(renamed(located, model)):
        raise UserError(listed(messages, str))
    try:
        # By way of JSON, so that lists become tuples while everything else stays strict.
        return model.model_validate_json(json.dumps(located.plain()))
    except pydantic.ValidationError as problem:
        told = listed(problem.errors(), lambda error: explain(error, located, model))
        raise UserError(told) from None
