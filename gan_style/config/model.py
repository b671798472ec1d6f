"""The base of all config models: immutable, strictly typed, every key known."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, get_args, get_origin

import pydantic


class Config(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def digest(value: Any) -> str:
    """A short hash of plain values, the same whatever the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def first_complaint(problem: Exception) -> str:
    """One line of what is wrong with a file, though pydantic may have found much."""
    if isinstance(problem, pydantic.ValidationError):
        error = problem.errors(include_url=False)[0]
        place = ".".join(map(str, error["loc"]))
        return f"{place}: {error['msg']}" if place else error["msg"]
    return str(getattr(problem, "strerror", None) or problem).partition("\n")[0]


def models_in(annotation: Any) -> list[type[Config]]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return [annotation]
    return [found for argument in get_args(annotation) for found in models_in(argument)]


def kind_of(model: type[Config]) -> str:
    """The name by which YAML chooses the model, or nothing."""
    field = model.model_fields.get("kind")
    return get_args(field.annotation)[0] if field else ""


def models_at(model: type[Config], loc: Sequence[Any]) -> list[type[Config]]:
    """The models that a place in the config may be."""
    candidates = [model]
    for part in loc:
        fields = [candidate.model_fields[part] for candidate in candidates if part in candidate.model_fields]
        if fields:
            candidates = [found for field in fields for found in models_in(field.annotation)]
        else:
            candidates = [candidate for candidate in candidates if kind_of(candidate) == part] or candidates
    return candidates


def keys_at(model: type[Config], loc: Sequence[Any]) -> list[str]:
    candidates = models_at(model, loc)
    return [field.alias or name for candidate in candidates for name, field in candidate.model_fields.items()]


def has_free_keys(model: type[Config], loc: Sequence[Any]) -> bool:
    """Whether the keys at a place are the user's own names, as those of styles are."""

    def is_dict(annotation: Any) -> bool:
        return get_origin(annotation) is dict or any(map(is_dict, get_args(annotation)))

    parents = [one.model_fields for one in models_at(model, loc[:-1])] if loc else []
    return any(is_dict(fields[loc[-1]].annotation) for fields in parents if loc[-1] in fields)
