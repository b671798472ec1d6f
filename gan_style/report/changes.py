"""What a variant changes: the keys of its file and its overrides, beside the default's values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_style.config.load import read_with_parents
from gan_style.config.located import Located, merge, read_yaml
from gan_style.config.overrides import together
from gan_style.experiment.find import find, read_variant
from gan_style.experiment.variants import ablation
from gan_style.report.evidence import Evidence, Method
from gan_style.system.errors import UserError
from gan_style.system.progress import warn

BESIDE_THE_RECIPE = ("extends", "why")
NOT_SET = "–"  # left to its default, or gone with a block of another kind

Change = tuple[str, str, str]  # key, old, new


def changes(evidence: Evidence, method: Method) -> list[Change] | None:
    """`method.weights.style`, `0.5`, `0` for each key that differs from config.yaml; None if nobody knows."""
    try:
        default = _leaves(read_with_parents(evidence.config))
        written = read_variant(recipe_file(evidence, method), method.first.variant)
        mine = _leaves(merge(written, together(method.first.overrides)))
    except UserError as problem:
        warn(f"{method.label}: what it changes is not shown: {problem}")
        return None
    resolved = default_as_resolved(evidence) | default
    keys = [key for key in mine if mine[key] != resolved.get(key, NOT_SET)]
    missing = [key for key in default if key not in mine]
    gone = [key for key in missing if not any(other.startswith(f"{key}.") for other in mine)]
    return [(key, resolved.get(key, NOT_SET), mine.get(key, NOT_SET)) for key in keys + gone]


def why(evidence: Evidence, method: Method) -> str:
    """The question that a variant's file asks."""
    try:
        found = read_yaml(recipe_file(evidence, method)).value.get("why")
    except UserError:
        return ""
    return str(found.value) if found is not None else ""


def recipe_file(evidence: Evidence, method: Method) -> Path:
    """The default's, the ablation's, or the sweep's that has the trial."""
    return find(str(evidence.config), ablation(method.first.variant))[2]


def default_as_resolved(evidence: Evidence) -> dict[str, str]:
    """With the values that config.yaml leaves unsaid, where a run of the default is at hand to tell them."""
    for method in evidence.methods:
        config = method.cells[0].run / "config.yaml"
        if method.is_default and config.is_file():
            try:
                return _leaves(read_yaml(config))
            except UserError as problem:
                warn(str(problem))
    return {}


def _leaves(located: Located) -> dict[str, str]:
    leaves = [(path, leaf) for path, leaf in located.leaves() if path and path[0] not in BESIDE_THE_RECIPE]
    return {".".join(path): _text(leaf.plain()) for path, leaf in leaves}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(item)}" for key, item in value.items())
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
