"""Held-out pictures that are almost the same as training pictures: they tell nothing of new ones."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from gan_style.data.look import BITS, signs
from gan_style.data.manifest import Manifest
from gan_style.system.progress import warn

# Of 128 bits. Of 1,283 photographs and paintings, copies in half the size, as JPEG of quality 30 or with a
# border of 1 % cut off differ from the whole in at most 14; two of different motifs in at least 22.
NEAR = 16
NAMED = 3
AT_ONCE = 256  # held-out pictures that are compared with all others in one product


def twins(trained: Manifest, held_out: Manifest) -> Iterator[tuple[int, int]]:
    """Held-out pictures and the training picture each is nearest to, by number, where that is near."""
    ours, theirs = ([i for i, entry in enumerate(one.entries) if entry.look] for one in (held_out, trained))
    if not theirs:
        return
    known = signs([trained.entries[i].look or "" for i in theirs]).T
    for first in range(0, len(ours), AT_ONCE):
        some = ours[first : first + AT_ONCE]
        apart = (BITS - signs([held_out.entries[i].look or "" for i in some]) @ known) / 2
        nearest = apart.argmin(1)
        for row in np.flatnonzero(apart.min(1) <= NEAR):
            yield some[row], theirs[nearest[row]]


@cache
def warn_of_twins(trained: Manifest, held_out: Manifest) -> None:
    """Once a process, however often the folders are split."""
    found = list(twins(trained, held_out))
    if not found:
        return
    same = trained.folder == held_out.folder
    pairs = [
        " ~ ".join(
            entry.name if same else f"{manifest.folder.name}/{entry.name}"
            for manifest, entry in ((held_out, held_out.entries[ours]), (trained, trained.entries[theirs]))
        )
        for ours, theirs in found[:NAMED]
    ]
    more = ", ..." if len(found) > NAMED else ""
    warn(
        f"{held_out.folder}: {len(found)} of {len(held_out)} held-out pictures look almost like training "
        f"pictures: {', '.join(pairs)}{more}"
    )
