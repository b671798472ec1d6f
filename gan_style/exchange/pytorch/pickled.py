"""Pickles as inert values: read instruction by instruction; nothing that a file names is imported or called.

Not a `pickle.Unpickler` with its imports restricted: a few bytes make that one reserve and fill 34 GB (the
number of a memo), a few hundred make it hash for years (a tuple of tuples of tuples as a key).
"""

import pickletools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

MADE: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
}
NUMBERS = {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"}
LITERAL = {"SHORT_BINSTRING", "BINSTRING", "SHORT_BINUNICODE", "BINUNICODE", *NUMBERS}
# Off the stack; else as many as lie above the mark.
TAKEN = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3, "APPEND": 1, "SETITEM": 2}


class Refused(ValueError):
    """The pickle holds something else than plain values."""


def load(file: BinaryIO, known: Mapping[str, Any], resolve: Callable[[Any], Any]) -> Any:
    """The next pickle of a file, of what PyTorch writes into one.

    `known` maps the names it may refer to onto what stands for them here; `resolve` gets persistent ids.
    """
    machine = Machine(known, resolve)
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name == "STOP":
            return machine.stack.pop()
        machine.run(opcode.name, argument)
    raise ValueError("it does not end")


class Machine:
    """The stack that a pickle's instructions work on, with marks in it, and values remembered by number."""

    def __init__(self, known: Mapping[str, Any], resolve: Callable[[Any], Any]) -> None:
        self.known, self.resolve = known, resolve
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, name: str, argument: Any) -> None:
        match name:
            case "PROTO" | "FRAME":
                pass
            case "MARK":
                self.marks.append(len(self.stack))
            case "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = self.stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = self.stack[-1]
            case "BINGET" | "LONG_BINGET":
                self.stack.append(self.memo[argument])
            case "GLOBAL" | "STACK_GLOBAL":
                self.stack.append(look_up(self.known, argument.split(" ", 1) if argument else self.take(2)))
            case "TUPLE" | "TUPLE1" | "TUPLE2" | "TUPLE3":
                self.stack.append(tuple(self.take(TAKEN.get(name))))
            case "APPEND" | "APPENDS":
                values = self.take(TAKEN.get(name))
                self.stack[-1].extend(values)
            case "SETITEM" | "SETITEMS":
                values = self.take(TAKEN.get(name))
                fill(self.stack[-1], zip(values[::2], values[1::2], strict=True))
            case "REDUCE":
                function, arguments = self.take(2)
                self.stack.append(function(*arguments))
            case "BUILD":
                self.take(1)  # attributes, such as the versions of its layers that a state dict carries
            case "BINPERSID":
                self.stack.append(self.resolve(*self.take(1)))
            case _ if name in MADE:
                self.stack.append(MADE[name]())
            case _ if name in LITERAL:
                self.stack.append(argument)
            case _:
                raise Refused(f"holds {name}, a pickle instruction that PyTorch does not write; refused")

    def take(self, count: int | None) -> list[Any]:
        """So many values off the stack, or those above the last mark."""
        start = self.marks.pop() if count is None else len(self.stack) - count
        if not 0 <= start <= len(self.stack):
            raise ValueError("a value is missing")
        values = self.stack[start:]
        del self.stack[start:]
        return values


def look_up(known: Mapping[str, Any], parts: Iterable[str]) -> Any:
    name = ".".join(parts)
    if name not in known:
        raise Refused(f"holds Python code ({name}), not only weights; refused")
    return known[name]


def fill(entries: dict[Any, Any], pairs: Iterable[Any]) -> None:
    for key, value in pairs:
        # Nothing else is surely quick to hash.
        if not isinstance(key, str | int):
            raise Refused("holds a key that is neither a name nor a number; refused")
        entries[key] = value


def ordered(pairs: list[Any] | None = None) -> dict[Any, Any]:
    """What stands for `OrderedDict`; Python 2 gives it its entries at once."""
    entries: dict[Any, Any] = {}
    if pairs:
        fill(entries, pairs)
        # So that a list that is referred to a million times is not copied a million times.
        pairs.clear()
    return entries
