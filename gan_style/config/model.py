"""The base of all config models: immutable, strictly typed, every key known."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, get_args

import pydantic


class Config(pydantic.BaseModel):
    """Base of all config models: immutable, strictly typed, every key known."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def digest(value: Any) -> str:
    """A short hash of plain values, the same whatever the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def models_in(annotation: Any) -> list[type[Config]]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        return [annotation]
    return [found for argument in get_args(annotation) for found in models_in(argument)]


def kind_of(model: type[Config]) -> str:
    """The name by which YAML chooses the model, or nothing."""
    field = model.model_fields.get("kind")
    return get_args(field.annotation)[0] if field else ""


def keys_at(model: type[Config], loc: Sequence[Any]) -> list[str]:
    """The keys of the model at a place in the config."""
    candidates = [model]
    for part in loc:
        fields = [candidate.model_fields[part] for candidate in candidates if part in candidate.model_fields]
        if fields:
            candidates = [found for field in fields for found in models_in(field.annotation)]
        else:
            candidates = [candidate for candidate in candidates if kind_of(candidate) == part] or candidates
    return [field.alias or name for candidate in candidates for name, field in candidate.model_fields.items()]
