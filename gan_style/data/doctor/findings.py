"""What is wrong with two domains of pictures: in single ones, between them, and with their number."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from gan_style.data.doctor.picture import Facts
from gan_style.data.look import BITS, signs
from gan_style.data.twins import NEAR
from gan_style.system.errors import RunError

Weight = Literal["in vain", "warning", "note"]

SMALL, LONG = 128, 3.0  # pixels of the shorter side; aspect ratio
EMPTY, GREY, BLOCKY = 6.0, 2.0, 1.3  # levels of contrast and of colour; of `Facts.blocks`
FEW = 30
APART = 2.0  # times another size, or another share of fine detail
MANY_BLOCKY = 0.1  # of a domain: single blocky pictures are everywhere
SAME = 0.5  # of the paintings: both domains are one


@dataclass(frozen=True)
class Domain:
    """Pictures of one role and one split."""

    role: str  # photographs, paintings, or the name of a style or of a published domain
    folder: str
    facts: tuple[Facts, ...]
    split: str = "train"

    def good(self) -> list[Facts]:
        return [one for one in self.facts if not one.reason]

    def named(self) -> str:
        return self.role if self.split == "train" else f"{self.role} ({self.split})"


@dataclass(frozen=True)
class Finding:
    what: str
    where: str
    names: tuple[str, ...]  # of the pictures, if it is about single ones
    advice: str
    weight: Weight = "warning"


# Of single pictures: what is said, whether it holds, and what to do.
PICTURES: tuple[tuple[str, Callable[[Facts], bool], str, Weight], ...] = (
    ("unreadable", lambda one: bool(one.reason), "they are left out", "warning"),
    (
        "a frame around them",
        lambda one: one.framed or len(one.bands) > 2,
        "crop them: a generator would learn to paint frames",
        "warning",
    ),
    (
        "a plain band along an edge (a mat or a caption)",
        lambda one: 0 < len(one.bands) <= 2 and not one.framed,
        "crop them",
        "warning",
    ),
    ("without colour", lambda one: one.chroma < GREY, "keep them out, or let all be so", "warning"),
    ("almost empty", lambda one: one.contrast < EMPTY, "there is nothing to learn from them", "warning"),
    ("smaller than 128 pixels", lambda one: one.short_side() < SMALL, "they will be enlarged", "warning"),
    ("very long or very wide", lambda one: one.aspect() > LONG, "crops see little of each", "note"),
)


def findings(domains: Sequence[Domain]) -> list[Finding]:
    every = [*of_pictures(domains), *of_numbers(domains), *twins(domains), *of_scale(domains)]
    order: tuple[Weight, ...] = ("in vain", "warning", "note")
    return sorted(every, key=lambda one: order.index(one.weight))


def refuse_what_is_in_vain(found: Sequence[Finding]) -> None:
    if vain := [one for one in found if one.weight == "in vain"]:
        raise RunError(f"training would be in vain: {vain[0].where}: {vain[0].what}")


def of_pictures(domains: Sequence[Domain]) -> Iterator[Finding]:
    for domain in domains:
        for what, holds, advice, weight in PICTURES:
            asked = domain.facts if what == "unreadable" else domain.good()
            names = tuple(one.name for one in asked if holds(one))
            if names:
                yield Finding(what, domain.named(), names, advice, weight)
        blocky = tuple(one.name for one in domain.good() if one.blocks > BLOCKY)
        if len(blocky) > MANY_BLOCKY * len(domain.good()):
            advice = "find better copies, or set data.short_side to half of their size"
            yield Finding("blocks of JPEG", domain.named(), blocky, advice)


def of_numbers(domains: Sequence[Domain]) -> Iterator[Finding]:
    for domain in domains:
        good = domain.good()
        distinct = len({one.look or one.sha256 for one in good})
        if distinct < 2:
            advice = "training would be in vain"
            yield Finding(f"{len(good)} usable, {distinct} different", domain.named(), (), advice, "in vain")
        elif all(one.contrast < EMPTY for one in good):
            yield Finding(
                "all of them almost empty", domain.named(), (), "training would be in vain", "in vain"
            )
        elif domain.split == "train" and distinct < FEW:
            advice = "30 are enough; with fewer use the recipe 'few', or diffaugment"
            yield Finding(f"only {distinct} different pictures", domain.named(), (), advice)


def twins(domains: Sequence[Domain]) -> Iterator[Finding]:
    """Pictures that look almost alike: within a domain, and between any two."""
    for domain in domains:
        pairs = list(alike(domain.good(), domain.good()))
        doubled = sorted({max(pair) for pair in pairs if pair[0] != pair[1]})
        if doubled:
            names = tuple(domain.good()[i].name for i in doubled)
            yield Finding("copies of others", domain.named(), names, "keep one of each", "note")
    for one, other in combinations(domains, 2):
        found = sorted({i for i, _ in alike(other.good(), one.good())})
        if not found:
            continue
        names = tuple(other.good()[i].name for i in found)
        if one.role == other.role:
            advice = "a leak: what is trained on tells nothing of new pictures; take them out of one"
            yield Finding(f"also among the {one.named()}", other.named(), names, advice)
        else:
            whole = len(found) > SAME * len(other.good())
            advice = "training would be in vain: both are the same" if whole else "take them out of one"
            weight: Weight = "in vain" if whole else "warning"
            yield Finding(f"also among the {one.named()}", other.named(), names, advice, weight)


def alike(some: Sequence[Facts], others: Sequence[Facts]) -> Iterator[tuple[int, int]]:
    """Numbers of pictures that are near, whatever their sizes and formats."""
    ours, theirs = ([i for i, one in enumerate(domain) if one.look] for domain in (some, others))
    if ours and theirs:
        left, right = (
            signs([domain[i].look for i in seen]) for domain, seen in ((some, ours), (others, theirs))
        )
        for row, column in np.argwhere((BITS - left @ right.T) / 2 <= NEAR):
            yield ours[row], theirs[column]
    by_hash = defaultdict(list)
    for i, one in enumerate(others):
        if not one.look:
            by_hash[one.sha256].append(i)
    yield from ((i, j) for i, one in enumerate(some) if not one.look for j in by_hash[one.sha256])


def of_scale(domains: Sequence[Domain]) -> Iterator[Finding]:
    """Two domains of other sizes or sharpness: strokes would be learned at another scale."""
    trained = {one.role: one.good() for one in domains if one.split == "train" and one.good()}
    for pair in combinations(trained, 2):
        sides = {role: float(np.median([one.short_side() for one in trained[role]])) for role in pair}
        small, large = sorted(pair, key=sides.__getitem__)
        where = " and ".join(pair)
        if sides[large] > APART * sides[small]:
            told = ", ".join(f"{role} {side:.0f}" for role, side in sides.items())
            advice = f"set data.short_side: {sides[small]:.0f}, so that both are seen at one scale"
            yield Finding(f"shorter sides apart ({told} pixels)", where, (), advice)
        details = {role: float(np.median([one.detail for one in trained[role]])) for role in pair}
        soft, sharp = sorted(pair, key=details.__getitem__)
        if details[sharp] > APART * details[soft]:
            advice = f"the {sharp} are sharper by far: scale both to where they are equally sharp"
            yield Finding("fine detail apart", where, (), advice)
