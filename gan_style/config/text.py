"""Text as others wrote it: what no recipe needs is refused, and messages show the rest safely."""

import unicodedata

SHOWN = 80  # characters of a value that a message repeats


def shown(text: str, most: int = SHOWN) -> str:
    """Cut to a length that can be read, and without characters that would act on a terminal."""
    cut = text if len(text) <= most else f"{text[: most - 20]}... ({len(text):,} characters)"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in cut)


def strange(text: str) -> str | None:
    """The first control character or half of a surrogate pair: no word, path or reason has any."""
    found = (char for char in text if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t")
    return next(map(code_point, found), None)


def code_point(char: str) -> str:
    return f"U+{ord(char):04X}"
