"""Trained networks that come with the package: run folders in gan_style/included, known as included/NAME."""

from pathlib import Path

from gan_style.system import disk
from gan_style.system.errors import UserError

FOLDER = Path(__file__).parents[1] / "included"
PREFIX = "included/"
CARD = "card.json"
FEATURES = "features.npz"  # in the place of checkpoints, where what was trained is a feature bank


def names() -> list[str]:
    return sorted(card.parent.name for card in FOLDER.glob(f"*/{CARD}"))


def place(named: str | Path) -> Path:
    """The path that is named; what begins with included/ lies in the package."""
    name = str(named).removeprefix(PREFIX).rstrip("/")
    if name == str(named):
        return Path(named).expanduser()
    if name not in names():
        known = ", ".join(names()) or "none"
        raise UserError(f"{named}: nothing of this name is included; there are: {known}")
    return FOLDER / name


def is_included(folder: Path) -> bool:
    return folder.parent == FOLDER


def checked(named: str, file: str) -> Path:
    """A file of a packed folder, or an error where it is not the one that its card is of."""
    path = place(named) / file
    try:
        expected = disk.read_json(path.parent / CARD)["sha256"][file]
        found = disk.file_sha256(path)
    except (OSError, ValueError, TypeError, KeyError):
        raise UserError(
            f"{named}: expected a folder with {file}, and with {CARD} that knows its hash"
        ) from None
    if found != expected:
        raise UserError(f"{path}: damaged (its hash is not the one on {CARD})")
    return path
