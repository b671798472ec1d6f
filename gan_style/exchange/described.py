"""What an exported file says of itself: inputs, how it was made, its licence. Needs no TensorFlow."""

import json
from dataclasses import asdict, dataclass

from gan_style.inference.working_size import SMALLEST_SIDE
from gan_style.system.errors import UserError

KEY = "gan_style"  # of the description, among a file's metadata
FORMAT = 1  # raised when files of before are read differently
PICTURE, SEED, STYLES, STYLE_IMAGE, STRENGTH = "picture", "seed", "styles", "style_image", "strength"
PAINTING = "painting"  # the output
SIZES = (
    "The picture may have any height and width, and comes back with the same. Inside it is mirrored at its "
    f"borders by `reflect_pad` pixels, to at least {SMALLEST_SIDE} pixels a side, and to multiples of "
    "the network's stride."
)


@dataclass(frozen=True)
class Input:
    """None in a shape: any number."""

    name: str
    dtype: str
    shape: list[int | None]
    about: str


@dataclass(frozen=True)
class Description:
    painter: str  # included/NAME, or the run's folder by experiment, variant and seed
    method: str
    inputs: list[Input]  # the photograph first
    styles: list[str]  # in the order of the weights
    learned_map: bool  # weights that are all 0 ask for it: each region in the style that suits it
    strength: float | None  # fixed at export, where it mixes weights
    direction: str | None
    size: int  # pixels of the longer side at which `sample` paints by default
    reflect_pad: int
    sizes: str
    recipe: str  # YAML
    recipe_sha256: str
    weights_sha256: str
    step: int
    precision: str
    licence: str
    notice: str
    made_by: str
    format: int = FORMAT

    def takes(self, name: str) -> bool:
        return any(one.name == name for one in self.inputs)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def read_description(text: str, where: str) -> Description:
    try:
        found = json.loads(text)
        inputs = [Input(**one) for one in found.pop("inputs")]
        description = Description(inputs=inputs, **found)
        check_kinds(description)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UserError(f"{where}: what it says of itself cannot be read; export it again") from None
    if description.format != FORMAT:
        raise UserError(f"{where}: exported by another version of gan-style; export it again")
    return description


def check_kinds(description: Description) -> None:
    """What painting relies on; anybody may have written the file."""
    names = [*description.styles, *(one.name for one in description.inputs)]
    numbers = [description.size, description.reflect_pad, description.format]
    if not (
        all(isinstance(name, str) for name in names)
        and all(isinstance(number, int) and number >= 0 for number in numbers)
        and isinstance(description.strength, float | int | None)
        and description.size
    ):
        raise ValueError
