"""A classic set from its address, a mirror or a file to its folder: all of it, checked, or nothing."""

import errno
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from gan_style.data.fetch.address import Address, parse, without_login
from gan_style.data.fetch.download import WAITS, discard, download, held
from gan_style.data.fetch.registry import RECEIPT, ClassicSet, find
from gan_style.data.fetch.unpack import unpack
from gan_style.system.disk import file_sha256, read_json
from gan_style.system.errors import UserError
from gan_style.system.locks import exclusive
from gan_style.system.progress import say, warn


def fetch(
    name: str,
    root: Path,
    address: str | None = None,
    from_file: Path | None = None,
    sha256: str | None = None,
    waits: Sequence[float] = WAITS,
) -> None:
    """Put a set into root/NAME. `sha256` stands in for what the registry knows of the archive."""
    known = find(name)
    _check_arguments(address, from_file, sha256)
    place = _parsed("--url", address) if address is not None else _parsed(name, known.address)
    if sha256 is not None:
        known = known.model_copy(update={"sha256": sha256.lower(), "size": None})
    folder, partial = root / name, root / f".{name}.partial"
    with exclusive(root / f".{name}.lock", lambda: _busy(name, root)):
        try:
            if folder.exists():
                _already_there(folder, known if sha256 else None)
            elif from_file is not None:
                _place(from_file, folder, known, str(from_file))
            else:
                _bring(place, partial, folder, known, waits)
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            advice = "make room, and the same command goes on from there"
            raise UserError(f"{root}: the disk is full; {advice}") from None
    print_recipe(known, folder)


def _check_arguments(address: str | None, from_file: Path | None, sha256: str | None) -> None:
    if address is not None and from_file is not None:
        raise UserError("--url and --from-file both say where the archive is; give one of them")
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise UserError(f"--sha256 {sha256}: expected 64 hexadecimal digits")
    if from_file is not None and not from_file.is_file():
        raise UserError(f"{from_file}: there is no such file")


def _parsed(origin: str, address: str) -> Address:
    try:
        return parse(address)
    except ValueError as problem:
        shown = ascii(without_login(address))[1:-1]
        raise UserError(f"{origin} {shown}: {problem}; for a file use --from-file") from None


def _busy(name: str, root: Path) -> None:
    raise UserError(f"{root}: another process is fetching {name} into this folder")


def _already_there(folder: Path, pinned: ClassicSet | None) -> None:
    try:
        receipt = read_json(folder / RECEIPT)
        digest, counted = receipt["sha256"], _counted(receipt["pictures"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        advice = "move it, or choose a place with --output"
        raise UserError(f"{folder}: this folder is in the way and was not fetched; {advice}") from None
    if pinned is not None and digest != pinned.sha256:
        reason = f"it is there with sha256 {digest}, not {pinned.sha256}"
        raise UserError(f"{folder}: {reason}; move it to fetch the other")
    say(f"{folder} is there already, with {counted}; move it away to fetch it anew")


def _bring(address: Address, partial: Path, folder: Path, known: ClassicSet, waits: Sequence[float]) -> None:
    try:
        download(address, partial, known.size, waits)
    except KeyboardInterrupt:
        say(f"stopped; {held(partial):,} bytes are kept, and the same command goes on from there")
        raise
    try:
        _place(partial, folder, known, address.url)
    except UserError as problem:
        # Whole but not right: asking again would bring the same. Kept, for it may have taken hours.
        refused = partial.with_name(f"{folder.name}.refused")
        partial.replace(refused)
        discard(partial)
        raise UserError(f"{problem}\n  what came is kept as {refused}") from None
    discard(partial)


def _place(archive: Path, folder: Path, known: ClassicSet, origin: str) -> None:
    """Check an archive, unpack it, check what was in it, and only then give it its name."""
    size = archive.stat().st_size
    digest = file_sha256(archive)
    if known.size not in (None, size):
        raise UserError(f"{origin}: {size:,} bytes, but this set has {known.size:,}; its sha256 is {digest}")
    if known.sha256 not in (None, digest):
        trusting = f"if you know it to be right: --from-file with --sha256 {digest}"
        raise UserError(f"{origin}: its sha256 is {digest}, but {known.sha256} was expected; {trusting}")
    unpacked = folder.with_name(f".{folder.name}.unpacked")
    try:
        unpack(archive, unpacked, origin)
        top = _top(unpacked, known, origin)
        folders = sorted(path for path in top.iterdir() if path.is_dir())
        counts = {path.name: sum(file.is_file() for file in path.rglob("*")) for path in folders}
        receipt = {"origin": origin, "bytes": size, "sha256": digest, "pictures": counts}
        (top / RECEIPT).write_text(json.dumps(receipt, indent=2) + "\n")
        top.rename(folder)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    _report(folder, counts, known)
    say(f"sha256 {digest}" + ("" if known.sha256 else ", which nothing was known to compare with"))


def _report(folder: Path, counts: dict[str, int], known: ClassicSet) -> None:
    for name, count in known.pictures.items():
        if count not in (None, counts[name]):
            warn(f"{folder / name}: {counts[name]:,} pictures, where {count:,} were published")
    say(f"{folder}: {_counted(counts)}")


def _top(unpacked: Path, known: ClassicSet, origin: str) -> Path:
    """The folder that holds the splits: the archive's own, or the single one in it."""
    for top in (unpacked, *unpacked.iterdir()):
        if all((top / name).is_dir() for name in known.pictures):
            return top
    there = sorted(path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_dir())
    expected, found = ", ".join(known.pictures), ", ".join(there[:8]) or "no pictures in folders"
    raise UserError(f"{origin}: expected pictures in the folders {expected}; there is: {found}")


def _counted(pictures: dict[str, int]) -> str:
    return ", ".join(f"{count:,} pictures in {name}" for name, count in pictures.items())


def print_recipe(known: ClassicSet, folder: Path) -> None:
    """What to write, or to type, to train on it."""
    block = known.recipe(folder)
    sides = {"A": known.A, "B": known.B}
    source, target = known.direction.split("to")
    say(f"\n{sides[source]} become {sides[target]}, in a recipe of your own:\n\ndata:")
    for key, value in block.items():
        say(f"  {key}: {value}")
    overrides = " ".join(f"data.{key}={value}" for key, value in block.items())
    say(f'\nor at once, with the default one:\n\nmake train EXP=oil ARGS="{overrides}"')
