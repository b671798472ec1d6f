"""Blind pairs of paintings of one photograph, for people to choose from."""

import io
import itertools
import random
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from PIL import Image

from gan_style.evaluation.preferences import Answer, Choice, add_answer, read_answers
from gan_style.experiment.runs import Run
from gan_style.system import images, included
from gan_style.system.errors import UserError
from gan_style.web.runs import named_runs

SHEET = "sheet"  # the stem of what `sample` puts all together on
MOST_OPEN = 500  # questions that were asked and not answered
MOST_PAINTERS, MOST_PICTURES = 40, 500
SIDE = 900  # pixels of the longer side, whatever the painting has: sizes tell who painted
Pictures = dict[str, Path]  # by what is shown: the photograph's name


@dataclass(frozen=True)
class Question:
    photograph: str
    left: str
    right: str
    files: dict[str, Path]  # left, right, and perhaps photograph
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))


class Asking:
    """Which pairs there are, which were asked least, and where answers go."""

    def __init__(self, root: Path, answers: Path, folders: dict[str, Path], photographs: Path | None) -> None:
        self.root, self.answers, self.folders = root, answers, folders
        self.photographs = photographs
        self.open: dict[str, Question] = {}
        self.guard = threading.Lock()

    def paintings(self) -> dict[str, Pictures]:
        """By painter: runs, what is included, and the folders that were given."""
        places = {name: pictures_in(folder) for name, folder in self.folders.items()}
        for name in included.names():
            places[f"{included.PREFIX}{name}"] = painted_in(Run(self.root / "included" / name))
        places |= {name: painted_in(run) for name, run in named_runs(self.root).items()}
        filled = [(name, pictures) for name, pictures in places.items() if pictures]
        return dict(filled[:MOST_PAINTERS])

    def photograph_of(self, shown: str, paintings: dict[str, Pictures]) -> Path | None:
        """The photograph itself, where an evaluation kept it or a folder of them was given."""
        for pictures in paintings.values():
            painted = pictures.get(shown)
            source = painted.parents[1] / "source" / painted.name if painted and "/" in shown else None
            if source and source.is_file() and not (source.is_symlink() or source.parent.is_symlink()):
                return source
        return pictures_in(self.photographs).get(shown) if self.photographs else None

    def next(self) -> Question | None:
        """Of the pair and the photograph that were asked least; by lot if several were."""
        paintings = self.paintings()
        pairs: dict[tuple[str, str], list[str]] = {}
        for one, other in itertools.combinations(sorted(paintings), 2):
            if both := sorted(paintings[one].keys() & paintings[other].keys()):
                pairs[one, other] = both
        if not pairs:
            return None
        before: list[Answer | Question] = [*read_answers(self.answers), *self.open.values()]
        asked = [(tuple(sorted((one.left, one.right))), one.photograph) for one in before]
        of_pair, of_both = Counter(pair for pair, _ in asked), Counter(asked)
        pair = min(pairs, key=lambda some: (of_pair[some], random.random()))
        shown = min(pairs[pair], key=lambda some: (of_both[pair, some], random.random()))
        left, right = random.sample(pair, 2)
        files = {"left": paintings[left][shown], "right": paintings[right][shown]}
        if photograph := self.photograph_of(shown, paintings):
            files["photograph"] = photograph
        question = Question(shown, left, right, files)
        with self.guard:
            self.open[question.id] = question
            while len(self.open) > MOST_OPEN:
                del self.open[next(iter(self.open))]
        return question

    def answer(self, id: str, choice: Choice, voter: str) -> bool:
        """Written down once; whether there was such a question."""
        with self.guard:
            question = self.open.get(id)
            if question is None:
                return False
            now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
            names = (question.photograph, question.left, question.right)
            add_answer(self.answers, Answer(*names, choice, voter, now))
            del self.open[id]  # where it could not be written it may be answered again
        return True


def painted_in(run: Run) -> Pictures:
    """By `sample` and by evaluations; none through a link, as the folder may be somebody else's."""
    try:
        run.check_links()
    except UserError:
        return {}
    found = pictures_in(run.folder / "painted")
    for place in sorted((run.folder / "evaluation").glob("*/painted")):
        if not place.parent.is_symlink():
            made = pictures_in(place)
            found |= {f"{place.parent.name}/{stem}": path for stem, path in made.items()}
    return {shown: path for shown, path in found.items() if not path.is_symlink()}


def pictures_in(folder: Path) -> Pictures:
    """By stem; none through a link in the place of the folder."""
    if folder.is_symlink() or not folder.is_dir():
        return {}
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in images.SUFFIXES)
    return {path.stem: path for path in files[:MOST_PICTURES] if path.stem != SHEET and path.is_file()}


def given(texts: tuple[str, ...]) -> dict[str, Path]:
    """NAME=DIR, or DIR whose last part is the name."""
    found: dict[str, Path] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        folder = Path(path if equals else text).expanduser()
        name = name if equals else folder.absolute().name
        if not pictures_in(folder):
            raise UserError(f"--paintings {text}: expected NAME=DIR, a folder that holds pictures")
        if name in found:
            raise UserError(f"--paintings {text}: there are two of the name '{name}'; use NAME=DIR")
        found[name] = folder
    return found


@lru_cache(maxsize=64)
def shown(path: Path, written: int) -> bytes:
    """As WebP, without whatever else the file tells."""
    pixels = images.eight_bits(images.read(path).pixels)
    scale = SIDE / max(pixels.shape[:2])
    file = io.BytesIO()
    sides = [max(1, round(side * scale)) for side in pixels.shape[:2]]
    Image.fromarray(images.resize(pixels, *sides)).save(file, "WEBP", quality=90)
    return file.getvalue()
