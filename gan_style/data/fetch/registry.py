"""The classic sets by name: where each is fetched, and what has to be in it."""

import difflib
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gan_style.config.load import load
from gan_style.config.model import Config
from gan_style.system.errors import UserError

REGISTRY = Path(__file__).with_name("registry.yaml")
RECEIPT = "fetched.json"  # in a set's folder: whence it came, and its hash


class ClassicSet(Config):
    """One entry of registry.yaml, whose head explains the keys."""

    address: Annotated[str, Field(pattern=r"^https?://")]
    kind: Literal["domains", "aligned"]
    A: str
    B: str
    direction: Literal["AtoB", "BtoA"]
    pictures: Annotated[dict[str, int | None], Field(min_length=1)]
    size: Annotated[int | None, Field(ge=1)] = None
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None

    def recipe(self, folder: Path) -> dict[str, str | int]:
        """The `data` block to train on it, with the sizes that both papers used."""
        return {
            "kind": self.kind,
            "folder": str(folder),
            "direction": self.direction,
            "load_size": 286,
            "crop": 256,
        }


class Registry(Config):
    sets: dict[str, ClassicSet]


def known_sets() -> dict[str, ClassicSet]:
    return load(REGISTRY, Registry).config.sets


def find(name: str) -> ClassicSet:
    sets = known_sets()
    if name not in sets:
        close = difflib.get_close_matches(name, sets, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"known are: {', '.join(sets)}"
        raise UserError(f"there is no set called '{name}'; {hint}")
    return sets[name]


def data_root(named: Path | None = None) -> Path:
    """--output, or GAN_STYLE_DATA, or ./data."""
    return named or Path(os.path.expanduser(os.environ.get("GAN_STYLE_DATA") or "data"))
