"""The base of all config models: immutable, strictly typed, every key known."""

import hashlib
import json
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
