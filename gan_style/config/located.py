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

from gan_style.config.text import code_point, shown, strange
from gan_style.system.errors import UserError

INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)")
NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", re.IGNORECASE)
# Beyond what anybody writes by hand, and far below what it takes to fill memory, time or Python's stack.
LARGEST = 256 * 1024  # bytes of a file
DEEPEST = 40  # groups and lists within each other
LONGEST = 2_000  # keys and values of a group or a list
LONGEST_KEY = 100  # characters
LONGEST_NUMBER = 40
WHOLE = 2**63  # what counts with 64 bits counts below this


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
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        raise UserError(f"{shown(str(path), 300)}: cannot be read: {problem}") from None
    if len(content) > LARGEST:
        raise UserError(f"{path}: this file has more than {LARGEST // 1024} KB, which no recipe has")
    try:
        located = parse(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as problem:
        place = _end_of(content[: problem.start].decode(), str(path))
        found = f"the byte {content[problem.start]:#04x} is no UTF-8 text"
        raise UserError(f"{place}: {found}; save the file in this encoding") from None
    if located.value is None:
        located = Located({}, located.origin)
    if not isinstance(located.value, dict):
        raise UserError(f"{located.origin}: expected keys and values, found {describe(located.value)}")
    return located


def parse(text: str, source: str) -> Located:
    try:
        _refuse_dangers(text, source)
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.reader.ReaderError as problem:
        place, char = _end_of(text[: problem.position], source), text[problem.position]
        raise UserError(f"{place}: the character {code_point(char)} must not stand in YAML") from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        where = _origin(mark, source) if mark else source
        reason = shown(problem.problem or problem.context or "")
        raise UserError(f"{where}: not valid YAML: {reason}") from None
    return _locate(node, source) if node is not None else Located(None, Origin(source, 1, 1))


def _refuse_dangers(text: str, source: str) -> None:
    """Event by event, before anything is built: what could be larger or deeper than it looks."""
    inside: list[int] = []  # entries so far of each group and list that is still open
    for event in yaml.parse(text, yaml.SafeLoader):
        place = _origin(event.start_mark, source)
        if isinstance(event, yaml.AliasEvent):
            raise UserError(f"{place}: anchors and aliases are not supported, use 'extends'")
        if (tag := getattr(event, "tag", None)) is not None:
            raise UserError(f"{place}: tags such as {shown(tag)} are not supported")
        if isinstance(event, yaml.CollectionEndEvent):
            inside.pop()
        elif inside and isinstance(event, yaml.NodeEvent):
            inside[-1] += 1
            if inside[-1] > LONGEST:
                raise UserError(f"{place}: more than {LONGEST:,} keys and values stand in this group or list")
        if isinstance(event, yaml.CollectionStartEvent):
            inside.append(0)
        if len(inside) > DEEPEST:
            raise UserError(f"{place}: more than {DEEPEST} groups and lists stand within each other here")


def _origin(mark: Any, source: str) -> Origin:
    return Origin(source, mark.line + 1, mark.column + 1)


def _end_of(text: str, source: str) -> Origin:
    """The place behind a text, as an editor counts it."""
    return Origin(source, text.count("\n") + 1, len(text) - text.rfind("\n"))


def _locate(node: yaml.Node, source: str) -> Located:
    origin = _origin(node.start_mark, source)
    if isinstance(node, yaml.ScalarNode):
        return Located(_scalar(node, origin), origin)
    if isinstance(node, yaml.SequenceNode):
        return Located([_locate(child, source) for child in node.value], origin)
    entries: dict[str, Located] = {}
    for key_node, value_node in node.value:
        key, where = _key(key_node, source), _origin(key_node.start_mark, source)
        if key in entries:
            first = entries[key].origin.line
            raise UserError(f"{where}: {key}: this key stands twice, first at line {first}")
        # An entry is located at its key: that is where a reader looks.
        entries[key] = Located(_locate(value_node, source).value, where)
    return Located(entries, origin)


def _key(node: yaml.Node, source: str) -> str:
    where, key = _origin(node.start_mark, source), node.value
    if not isinstance(key, str) or not key:
        raise UserError(f"{where}: a key must be a word")
    if len(key) > LONGEST_KEY or not key.isprintable():
        wanted = f"a key has at most {LONGEST_KEY} characters, all of them visible"
        raise UserError(f"{where}: {shown(key)}: {wanted}")
    return key


def _scalar(node: yaml.ScalarNode, where: Origin) -> Any:
    text: str = node.value
    if char := strange(text):
        raise UserError(f"{where}: the character {char} must not stand in a text")
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "null", "~"):
        return None
    if text in ("true", "false"):
        return text == "true"
    # First the length: long rows of digits are slow to match, and Python refuses to print them.
    if len(text) > LONGEST_NUMBER:
        if set(text) <= set("0123456789_.+-eE"):
            raise UserError(f"{where}: {shown(text)}: a number has at most {LONGEST_NUMBER} characters")
        return text
    if INTEGER.fullmatch(text):
        if abs(number := int(text)) >= WHOLE:
            raise UserError(f"{where}: {text}: a whole number has at most 64 bits")
        return number
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
        return f"the text '{shown(value)}'"
    kinds = {dict: "a group of keys", list: "a list", type(None): "nothing"}
    return kinds.get(type(value), f"the number {value}")
