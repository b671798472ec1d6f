"""Pydantic's errors as `file:line:column: key: what is wrong`."""

import difflib
from collections.abc import Callable, Sequence
from typing import Any

from gan_style.config.located import Located, describe
from gan_style.config.model import Config, keys_at
from gan_style.config.text import shown

LONGEST = 600  # characters of a message
MOST = 20  # messages at once; whoever mends these sees the others next


def listed(mistakes: Sequence[Any], told: Callable[[Any], str]) -> str:
    """One message a line, the first of them only: nobody reads more, and each takes a moment to find."""
    lines = list(dict.fromkeys(map(told, mistakes[:MOST])))
    more = len(mistakes) - MOST
    return "\n".join([*lines, f"and {more:,} more"] if more > 0 else lines)


def explain(error: Any, located: Located, model: type[Config]) -> str:
    """One of pydantic's errors as `file:line:column: key: what is wrong`."""
    node, keys = located, []
    for part in error["loc"]:
        places = range(len(node.value)) if isinstance(node.value, list) else node.value
        if isinstance(node.value, dict | list) and part in places:
            node = node.value[part]
        elif error["type"] != "missing" or part != error["loc"][-1]:
            continue  # a union's tag, which is not a key
        keys.append(str(part))
    return f"{node.origin}: {'.'.join(keys)}: {shown(_reason(error, node, model), LONGEST)}"


def _reason(error: Any, node: Located, model: type[Config]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "unknown key" + _suggestion(str(error["loc"][-1]), keys_at(model, error["loc"][:-1]))
        case "missing":
            return "this key is required"
        case "union_tag_invalid":
            found = shown(str(error["ctx"]["tag"]))
            tags = [tag.strip("'") for tag in error["ctx"]["expected_tags"].split(", ")]
            return f"unknown kind '{found}'" + _suggestion(found, tags)
        case "union_tag_not_found":
            return "the key 'kind' is required"
        case "too_long":
            return f"at most {error['ctx']['max_length']} entries"
        case "value_error":
            return str(error["ctx"]["error"])
    reason = error["msg"].replace("Input should be", "expected")
    return f"{reason}, found {describe(node.value)}"


def _suggestion(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, 1, 0.6)
    return f", did you mean '{close[0]}'?" if close else f"; known here: {', '.join(sorted(known))}"
