"""`key=value` on the command line, as a nest of located keys."""

from collections.abc import Sequence
from typing import Any

from gan_style.config.located import Located, Origin, merge, parse
from gan_style.system.errors import UserError


def together(overrides: Sequence[str]) -> Located:
    """All overrides as one child of the file, so that their order does not matter."""
    merged, seen = Located({}, Origin("command line")), set()
    for text in overrides:
        located = override(text)
        for path, leaf in located.leaves():
            where = f"{leaf.origin}: {'.'.join(path)}"
            if path == ("extends",):
                raise UserError(f"{where}: belongs into the file, not on the command line")
            if path in seen:
                raise UserError(f"{where}: is given twice")
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
