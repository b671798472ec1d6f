"""YAML without surprises: plain values that remember the file, line and column they came from.

Stock PyYAML reads 1e-4 as text, `off` as False, 010 as 8 and 12:30 as 750, and lets the second of two
equal keys win. Here numbers are numbers, true and false are the only booleans, and such keys are errors.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gan_style.system.errors import UserError

INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)")
NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", re.IGNORECASE)


@dataclass(frozen=True)
class Origin:
    """Where a value was written: `experiments/oil/config.yaml:14:3`, or the command line."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@dataclass(frozen=True)
class Located:
    """A scalar, a list of Located or a dict of Located, and where it stands."""

    value: Any
    origin: Origin

    def plain(self) -> Any:
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        return [child.plain() for child in self.value] if isinstance(self.value, list) else self.value

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Located"]]:
        if isinstance(self.value, dict) and self.value:
            for key, child in self.value.items():
                yield from child.leaves((*path, key))
        else:
            yield path, self


def read_yaml(path: Path) -> Located:
    """The mapping in a YAML file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"{path}: cannot be read: {problem}") from None
    located = parse(text, str(path))
    if located.value is None:
        located = Located({}, located.origin)
    if not isinstance(located.value, dict):
        raise UserError(f"{located.origin}: expected keys and values, found {describe(located.value)}")
    return located


def parse(text: str, source: str) -> Located:
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            place = _origin(event.start_mark, source)
            if isinstance(event, yaml.AliasEvent):
                raise UserError(f"{place}: anchors and aliases are not supported, use 'extends'")
            if (tag := getattr(event, "tag", None)) is not None:
                raise UserError(f"{place}: tags such as {tag} are not supported")
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        where = _origin(mark, source) if mark else source
        raise UserError(f"{where}: not valid YAML: {problem.problem or problem.context}") from None
    except yaml.YAMLError as problem:
        raise UserError(f"{source}: not valid YAML: {problem}") from None
    return _locate(node, source) if node is not None else Located(None, Origin(source, 1, 1))


def _origin(mark: Any, source: str) -> Origin:
    return Origin(source, mark.line + 1, mark.column + 1)


def _locate(node: yaml.Node, source: str) -> Located:
    origin = _origin(node.start_mark, source)
    if isinstance(node, yaml.ScalarNode):
        return Located(_scalar(node), origin)
    if isinstance(node, yaml.SequenceNode):
        return Located([_locate(child, source) for child in node.value], origin)
    entries: dict[str, Located] = {}
    for key_node, value_node in node.value:
        key, where = key_node.value, _origin(key_node.start_mark, source)
        if not isinstance(key, str):
            raise UserError(f"{where}: a key must be a word")
        if key in entries:
            first = entries[key].origin.line
            raise UserError(f"{where}: {key}: this key stands twice, first at line {first}")
        # An entry is located at its key: that is where a reader looks.
        entries[key] = Located(_locate(value_node, source).value, where)
    return Located(entries, origin)


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "null", "~"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if INTEGER.fullmatch(text):
        return int(text)
    leading_zero = re.match(r"[-+]?0[0-9]", text)
    if NUMBER.fullmatch(text) and not leading_zero:
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def merge(parent: Located, child: Located) -> Located:
    """The child's values over the parent's: dicts merge, lists and blocks of another `kind` replace."""
    if not (isinstance(parent.value, dict) and isinstance(child.value, dict)):
        return child
    kinds = [node.value["kind"].value for node in (parent, child) if "kind" in node.value]
    if len(kinds) == 2 and kinds[0] != kinds[1]:
        return child
    merged = dict(parent.value)
    for key, value in child.value.items():
        merged[key] = merge(merged[key], value) if key in merged else value
    return Located(merged, parent.origin)


def describe(value: Any) -> str:
    """A value as an error message names it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text '{value}'"
    kinds = {dict: "a group of keys", list: "a list", type(None): "nothing"}
    return kinds.get(type(value), f"the number {value}")
