"""What files were cut from, by their names: by a pattern that is given, or guessed where names show one."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from gan_style.system.deadline import deadline
from gan_style.system.progress import say

# What nobody writes for another reason. Numbers alone do not count: they may be a camera's, or a catalogue's.
CUTS = (
    r"(.+?)__(?:full|[a-z]?\d{1,2}|[a-z]?\d+(?:[_-]\d+)+)$",  # name__3, name__s512_0_256
    r"(.+?)[_-](?:crop|tile|patch)[_-]?\d+(?:[_-]\d+)*$",  # name-crop2, name_tile_1_2, name_patch03
    r"(.+?)[_-][xy]\d+[_-]?[xy]\d+$",  # name_x0_y256
    r"(.+?)[_-]r(?:ow)?\d+[_-]?c(?:ol)?\d+$",  # name_r1_c2
)
PATIENCE = 20.0  # seconds for all names of a folder; a pattern may well take for ever
SIMPLER = "repeat nothing that is repeated itself, as in (a+)+"
LONGEST = 500  # characters of a pattern
MOSTLY_CUTS = 0.5  # of the files have to be cuts of an original that others were cut from, too


def originals(folder: Path, stems: Sequence[str], pattern: str | None) -> tuple[str, ...]:
    """Of each file, by its path without suffix. Without a pattern every file is an original."""
    flat = [stem.replace("/", "-") for stem in stems]
    if pattern is None and (pattern := guessed(flat)):
        found = cuts(flat, pattern)
        seem = f"{sum(found.values())} of {len(flat)} files look like cuts of {len(found)} originals"
        key = f"data.originals: '{pattern}', or '(.*)' if every file is an original"
        say_once(f"{folder}: {seem}, and cuts of one stay together ({key})")
    if not pattern:
        return distinct(flat)
    with deadline(
        PATIENCE, f"data.originals: '{pattern}' takes too long on the names in {folder}; {SIMPLER}"
    ):
        return by_pattern(flat, pattern)


def by_pattern(names: Sequence[str], pattern: str) -> tuple[str, ...]:
    """Group 1 of the pattern; names that do not match are originals."""
    matches = [re.match(pattern, name) for name in names]
    found = [match.group(1) if match else "" for match in matches]
    return tuple(original or name for original, name in zip(found, names, strict=True))


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The same names, numbered where one was there before: a.jpg and a.png are two pictures."""
    used: dict[str, None] = {}
    for name in names:
        candidate, number = name, 2
        while candidate in used:
            candidate, number = f"{name}-{number}", number + 1
        used[candidate] = None
    return tuple(used)


def guessed(names: Sequence[str]) -> str | None:
    """The first pattern that most names show."""
    for pattern in CUTS:
        found = cuts(names, pattern)
        if found and sum(found.values()) >= MOSTLY_CUTS * len(names):
            return pattern
    return None


def cuts(names: Sequence[str], pattern: str) -> dict[str, int]:
    """Originals of which there are several cuts, and of how many files each is."""
    found = Counter(match.group(1) for name in names if (match := re.match(pattern, name)))
    return {original: count for original, count in found.items() if count > 1}


@cache
def say_once(line: str) -> None:
    """In a process, however often a folder is read."""
    say(line)


def checked(pattern: str) -> str:
    """The pattern, or what is wrong with it."""
    if len(pattern) > LONGEST:
        raise ValueError(f"a pattern has at most {LONGEST} characters, found {len(pattern):,}")
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        raise ValueError(f"'{pattern}' is no regular expression: {problem}") from None
    if not compiled.groups:
        raise ValueError(f"'{pattern}' needs a group, as in (.+?)__")
    return pattern
