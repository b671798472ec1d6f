"""`key=value` on the command line, as a nest of located keys."""

from collections.abc import Sequence
from typing import Any

from gan_style.config.located import DEEPEST, LONGEST_KEY, Located, Origin, merge, parse
from gan_style.config.text import shown, strange
from gan_style.system.errors import UserError


def together(overrides: Sequence[str]) -> Located:
    """All overrides as one child of the file, so that their order does not matter."""
    merged = Located({}, Origin("command line"))
    given: set[tuple[str, ...]] = set()
    above: set[tuple[str, ...]] = set()  # what only holds something that is given
    for text in overrides:
        located = override(text)
        paths = [path for path, _ in located.leaves()]
        for path in paths:
            where = f"{located.origin}: {'.'.join(path)}"
            if path == ("extends",):
                raise UserError(f"{where}: belongs into the file, not on the command line")
            if path in above or any(path[: end + 1] in given for end in range(len(path))):
                raise UserError(f"{where}: is given twice")
        given |= set(paths)
        above |= {path[:end] for path in paths for end in range(1, len(path))}
        merged = merge(merged, located)
    return merged


def override(text: str) -> Located:
    """`train.steps=100` as a nest of keys."""
    key, equals, value = text.partition("=")
    origin = Origin(f"command line '{shown(text)}'")
    if char := strange(text):
        raise UserError(f"{origin}: the character {char} must not stand here")
    if not equals or not all(0 < len(part) <= LONGEST_KEY for part in key.split(".")):
        raise UserError(f"{origin}: expected KEY=VALUE such as train.steps=100")
    if key.count(".") >= DEEPEST:
        raise UserError(f"{origin}: a key has at most {DEEPEST} parts")
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
