"""Keys that name folders and files, so that `gan-style check` can look whether they are there."""

from collections.abc import Iterator
from dataclasses import dataclass

from gan_style.config.model import Config
from gan_style.config.text import shown
from gan_style.system import included
from gan_style.system.errors import UserError


@dataclass(frozen=True)
class Place:
    """Marks a key, as in `Annotated[str, Place("folder")]`; of a group of keys, each of its values."""

    what: str  # "file", or a kind of folder
    words: tuple[str, ...] = ()  # that name no place
    inside: tuple[str, ...] = ()  # folders that must be in it
    advice: str = ""

    def fault(self, named: str) -> str | None:
        if named in self.words:
            return None
        try:
            path = included.place(named)
            found = path.is_file() if self.what == "file" else path.is_dir()
            missing = [one for one in self.inside if not (path / one).is_dir()]
        except (OSError, RuntimeError) as problem:  # a name that nothing can have, or nobody's home
            return f"{shown(named, 300)}: {getattr(problem, 'strerror', None) or problem}"
        except UserError as problem:  # nothing of this name is included
            return str(problem)
        if not named.strip() or not found:
            return f"there is no {self.what} {shown(named, 300)}".rstrip() + self.advice
        return f"{named}: there is no folder {missing[0]} in it" if missing else None


def absent(config: Config, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path of each key whose place is not there, and what is wrong."""
    for name, field in type(config).model_fields.items():
        value, places = getattr(config, name), [one for one in field.metadata if isinstance(one, Place)]
        if isinstance(value, Config):
            yield from absent(value, (*path, name))
        named = value if isinstance(value, dict) else {"": value}
        for key, text in named.items():
            faults = [place.fault(text) for place in places if text is not None]
            yield from (((*path, name, *filter(None, (key,))), fault) for fault in faults if fault)
