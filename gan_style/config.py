"""Strict configuration: YAML files and command-line overrides into frozen models, or one clear error."""

import difflib
import hashlib
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args

import pydantic

from gan_style.errors import UserError
from gan_style.located import Located, Origin, describe, merge, parse, read_yaml


class Config(pydantic.BaseModel):
    """Base of all config models: immutable, strictly typed, every key known."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


C = TypeVar("C", bound=Config)


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
    located = Located({key: value for key, value in located.value.items() if key != "extends"}, located.origin)
    return Resolved(validate(located, model), located)


def read_with_parents(path: Path, children: tuple[Path, ...] = ()) -> Located:
    """The file merged over the one it `extends`."""
    located = read_yaml(path)
    extends = located.value.get("extends")
    if extends is None:
        return located
    if not isinstance(extends.value, str):
        raise UserError(f"{extends.origin}: extends: expected the path of one file, found {describe(extends.value)}")
    parent = path.parent / extends.value
    if not parent.is_file():
        raise UserError(f"{extends.origin}: extends: there is no file {parent}")
    chain = (*children, path.resolve())
    if parent.resolve() in chain:
        raise UserError(f"{extends.origin}: extends: {parent} extends this file in turn; a chain of parents must end")
    return merge(read_with_parents(parent, chain), located)


def together(overrides: Sequence[str]) -> Located:
    """All overrides as one child of the file, so that their order does not matter."""
    merged, seen = Located({}, Origin("command line")), set()
    for text in overrides:
        located = override(text)
        for path, leaf in located.leaves():
            if path in seen or path == ("extends",):
                reason = "is given twice" if path in seen else "belongs into the file, not on the command line"
                raise UserError(f"{leaf.origin}: {'.'.join(path)}: {reason}")
            seen.add(path)
        merged = merge(merged, located)
    return merged


def override(text: str) -> Located:
    """`train.steps=100` as a nest of keys."""
    key, equals, value = text.partition("=")
    origin = Origin(f"command line '{text}'")
    if not equals or not all(key.split(".")):
        raise UserError(f"{origin}: expected KEY=VALUE such as train.steps=100")
    return nested(key, relocated(parse(value, origin.source).plain(), origin))


def nested(key: str, value: Located) -> Located:
    """The value below a dotted key."""
    for part in reversed(key.split(".")):
        value = Located({part: value}, value.origin)
    return value


def relocated(value: Any, origin: Origin) -> Located:
    """A plain value, all of it at one place."""
    if isinstance(value, dict):
        return Located({key: relocated(child, origin) for key, child in value.items()}, origin)
    if isinstance(value, list | tuple):
        return Located([relocated(child, origin) for child in value], origin)
    return Located(value, origin)


def validate(located: Located, model: type[C]) -> C:
    try:
        # By way of JSON, so that lists become tuples while everything else stays strict.
        return model.model_validate_json(json.dumps(located.plain()))
    except pydantic.ValidationError as problem:
        messages = [explain(error, located, model) for error in problem.errors()]
        raise UserError("\n".join(dict.fromkeys(messages))) from None


def explain(error: Any, located: Located, model: type[Config]) -> str:
    """One of pydantic's errors as `file:line:column: key: what is wrong`."""
    node, keys = located, []
    for part in error["loc"]:
        inside = part in node.value if isinstance(node.value, dict) else isinstance(node.value, list) and part in range(len(node.value))
        if inside:
            node = node.value[part]
        elif error["type"] != "missing" or part != error["loc"][-1]:
            continue  # a union's tag, which is not a key
        keys.append(str(part))
    return f"{node.origin}: {'.'.join(keys)}: {_reason(error, node, model)}"


def _reason(error: Any, node: Located, model: type[Config]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "unknown key" + _suggestion(str(error["loc"][-1]), _keys_at(model, error["loc"][:-1]))
        case "missing":
            return "this key is required"
        case "union_tag_invalid":
            tags = [tag.strip("'") for tag in error["ctx"]["expected_tags"].split(", ")]
            return f"unknown kind '{error['ctx']['tag']}'" + _suggestion(error["ctx"]["tag"], tags)
        case "union_tag_not_found":
            return "the key 'kind' is required"
        case "value_error":
            return str(error["ctx"]["error"])
    reason = error["msg"].replace("Input should be", "expected")
    return f"{reason}, found {describe(node.value)}"


def _suggestion(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, 1, 0.6)
    return f", did you mean '{close[0]}'?" if close else f"; known here: {', '.join(sorted(known))}"


def _keys_at(model: type[Config], loc: Sequence[Any]) -> list[str]:
    """The keys of the model at a place in the config."""
    candidates = [model]
    for part in loc:
        fields = [candidate.model_fields[part] for candidate in candidates if part in candidate.model_fields]
        if fields:
            candidates = [found for field in fields for found in models_in(field.annotation)]
        else:
            candidates = [candidate for candidate in candidates if kind_of(candidate) == part] or candidates
    return [field.alias or name for candidate in candidates for name, field in candidate.model_fields.items()]


def models_in(annotation: Any) -> list[type[Config]]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return [annotation]
    return [found for argument in get_args(annotation) for found in models_in(argument)]


def kind_of(model: type[Config]) -> str | None:
    field = model.model_fields.get("kind")
    return get_args(field.annotation)[0] if field else None


class Choice(Config):
    """One of several functions, chosen by `kind`, and the arguments to call it with."""

    def __call__(self, **more: Any) -> Any:
        arguments = {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}
        return type(self).target(**arguments, **more)  # type: ignore[attr-defined]


def choice_of(**targets: Callable[..., Any]) -> Any:
    """A union of configs, one for each function: its keyword arguments are the keys, its annotations the types.

    So a function's signature is the only place where its options are written down.
    """
    models: list[Any] = []
    for kind, target in targets.items():
        parameters = inspect.signature(target).parameters.values()
        fields: dict[str, Any] = {"kind": (Literal[kind], ...)} | {
            parameter.name: (parameter.annotation, ... if parameter.default is parameter.empty else parameter.default)
            for parameter in parameters
            if parameter.kind is parameter.KEYWORD_ONLY and not parameter.name.startswith("_")
        }
        model = pydantic.create_model(kind, __base__=Choice, **fields)
        model.target = staticmethod(target)  # type: ignore[attr-defined]
        models.append(model)
    return Annotated[Union[tuple(models)], pydantic.Field(discriminator="kind")] if len(models) > 1 else models[0]  # noqa: UP007


def digest(value: Any) -> str:
    """A short hash of plain values, the same whatever the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
