"""A painting that was asked for: what is wanted, and what has become of it."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gan_style.web.uploads import Upload

State = Literal["waiting", "loading", "painting", "saving", "done", "failed", "cancelled"]
USUAL_SIZE = 512  # pixels, of which times are guessed where the recipe decides
ENDED = ("done", "failed", "cancelled")


@dataclass
class Job:
    photograph: Upload
    painter: str  # its name
    run: Path
    machine: str  # what the process that paints has to be like
    wishes: dict[str, Any]  # style, strength, size, seed: what was asked for
    style_image: Upload | None
    folder: Path  # of the painting and its previews
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: State = "waiting"
    error: str = ""
    file: Path | None = None  # the painting
    size: tuple[int, int] = (0, 0)
    bytes: int = 0  # of the painting
    expected: float | None = None  # seconds that a painting like this took before
    asked: float = field(default_factory=time.monotonic)
    began: float = 0.0
    ended: float = 0.0
    used: float = field(default_factory=time.monotonic)

    @property
    def area(self) -> float:
        """Pixels at the working size, by which times are compared."""
        longer = max(self.photograph.width, self.photograph.height)
        scale = min(1.0, (self.wishes["size"] or USUAL_SIZE) / longer)
        return self.photograph.width * self.photograph.height * scale**2

    @property
    def download(self) -> str:
        """A name for the painting: the photograph's, and the painter's."""
        stem = Path(self.photograph.name).stem or "picture"
        suffix = self.file.suffix if self.file else ""
        return f"{stem}-{self.painter.removeprefix('included/').replace('/', '-')}{suffix}"

    def move(self, state: State) -> None:
        if self.state not in ENDED:
            self.state = state
            if state in ENDED:
                self.ended = self.used = time.monotonic()

    def order(self) -> dict[str, Any]:
        """For the process that paints."""
        shown = str(self.style_image.path) if self.style_image else None
        return {
            "do": "paint",
            "run": str(self.run),
            "photograph": str(self.photograph.path),
            "style_image": shown,
            "folder": str(self.folder),
            **self.wishes,
        }

    def told(self, ahead: int) -> dict[str, Any]:
        """As the page is told. `ahead`: paintings that come first."""
        now = self.ended or time.monotonic()
        return {
            "id": self.id,
            "state": self.state,
            "error": self.error,
            "ahead": ahead,
            "seconds": round(now - self.began, 2) if self.began else 0.0,
            "expected": self.expected,
            "painter": self.painter,
            "photograph": self.photograph.told(),
            "wishes": self.wishes | {"style_image": self.style_image.name if self.style_image else None},
            "name": self.download if self.file else None,
            "width": self.size[0],
            "height": self.size[1],
        }
