"""How styles and weights are written on the command line. Needs neither TensorFlow nor Keras."""

from pathlib import Path

from gan_style.system.errors import UserError

LARGEST_WEIGHT = 1e6
GRAMMAR = (
    "expected a style, a blend such as oil=0.7+cartoon=0.3, several after each other such as oil,cartoon, "
    "or auto"
)


def read_blend(text: str) -> dict[str, float] | None:
    """Styles and their weights; None for `auto`."""
    if text == "auto":
        return None
    blend: dict[str, float] = {}
    for part in text.split("+"):
        name, equals, weight = (piece.strip() for piece in part.partition("="))
        if not name or name in blend:
            raise UserError(f"--style {text}: {GRAMMAR}")
        try:
            blend[name] = as_weight(weight) if equals else 1.0
        except ValueError:
            raise UserError(f"--style {text}: '{weight}' is no weight up to 1,000,000; {GRAMMAR}") from None
    return blend


def as_weight(text: str) -> float:
    number = float(text)
    if not abs(number) <= LARGEST_WEIGHT:  # nor is it NaN
        raise ValueError
    return number


def read_weighted(text: str) -> tuple[Path, float]:
    """FILE or FILE=WEIGHT."""
    path, equals, weight = text.rpartition("=")
    if not equals or Path(text).expanduser().is_file():
        path, weight = text, "1"
    try:
        number = as_weight(weight)
    except ValueError:
        reason = f"there is no such file, and '{weight}' is no weight up to 1,000,000"
        raise UserError(f"--style-image {text}: {reason}; expected FILE or FILE=WEIGHT") from None
    return Path(path).expanduser(), number
