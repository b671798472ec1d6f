"""What is told of a trained network that comes with the package."""

import json
import re
from pathlib import Path
from typing import Annotated, Literal

import pydantic
from pydantic import Field

from gan_style.config.model import first_complaint
from gan_style.system import disk, included
from gan_style.system.errors import UserError
from gan_style.system.included import CARD

ANY = "any"  # the style of painters that take a style image


class Card(pydantic.BaseModel):
    """How it was made, from what, and how well it does. Licences stand beside the pictures."""

    model_config = pydantic.ConfigDict(strict=True, extra="forbid")

    about: str  # in a sentence
    kind: Literal["painter", "features"]
    styles: list[str]  # that can be asked for; `any` is that of a style image
    experiment: str
    variant: str
    overrides: list[str]
    config_sha256: str
    seed: int
    steps: int
    minutes: float
    hardware: str
    precision: str
    threads: int
    versions: dict[str, str]
    git_commit: str | None
    pictures: Annotated[list[str], Field(min_length=1)]
    features: dict[str, str]  # the frozen ones that its losses looked through, and hashes of their weights
    parameters: int
    bytes: int
    sha256: dict[str, str]  # of its files
    # Of photographs and of drawn scenes, by figure: score, and the ends of its 95 % interval.
    scores: dict[str, dict[str, list[float | None]]] = {}


def read_card(folder: Path) -> Card:
    try:
        return Card.model_validate(disk.read_json(folder / CARD))
    except (OSError, ValueError) as problem:
        raise UserError(f"{folder / CARD}: {first_complaint(problem)}") from None


def write_card(folder: Path, card: Card) -> None:
    disk.write(folder / CARD, json.dumps(card.model_dump(), indent=1, ensure_ascii=False) + "\n")


def cards() -> dict[str, Card]:
    """Of everything that is included, by name."""
    return {name: read_card(included.FOLDER / name) for name in included.names()}


def asked_of(folder: Path, style: str | None) -> str | None:
    """A style as the painter in this folder is asked for it: one without others has no name for its own."""
    return None if included.is_included(folder) and read_card(folder).styles == [style] else style


def painter_of(experiment: str, style: str | None, *, any_style: bool) -> tuple[str, Card] | None:
    """The included painter that has the styles asked for, or the one that this experiment made."""
    wanted = {part.partition("=")[0].strip() for part in re.split("[+,]", style or "") if part}
    painters = {name: card for name, card in cards().items() if card.kind == "painter"}
    for name, card in painters.items():
        if any_style or wanted:
            fits = card.styles == [ANY] if any_style else wanted <= set(card.styles)
        else:
            fits = card.experiment == experiment
        if fits:
            return name, card
    if wanted:
        known = "; ".join(", ".join(card.styles) for card in painters.values() if card.styles != [ANY])
        raise UserError(f"--style {style}: no included painter has that; there are: {known or 'none'}")
    return None
