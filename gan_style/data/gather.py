"""Named pictures out of folders, and what is held out of a source and a target."""

from collections.abc import Sequence
from pathlib import Path

from gan_style.data.batches import check_pairs
from gan_style.data.held_out import HeldOut, Loaded, Pictures, evenly
from gan_style.data.manifest import Manifest
from gan_style.data.originals import by_pattern, distinct
from gan_style.data.twins import warn_of_twins
from gan_style.system import images

MOST_OTHERS = 400  # of the training targets that are the real-vs-real reference, enough for narrow intervals
MOST_EXAMPLES = 32  # of the training targets that are shown to methods which ask for a style image


def of_sides(tested: Sequence[Manifest], trained: Sequence[Manifest], paired: bool) -> list[HeldOut]:
    """Of folders with a source and a target: the training targets are the real-vs-real reference."""
    if paired:
        check_pairs(*tested)
    for held_out, others in zip(tested, trained, strict=True):
        if held_out.folder != others.folder:  # a folder that is split has told already
            warn_of_twins(others, held_out)
    source, target = map(from_manifest, tested)
    return [of_style("", source, target, trained[1], paired)]


def of_style(style: str, source: Pictures, target: Pictures, trained: Manifest, paired: bool) -> HeldOut:
    others, examples = (from_manifest(trained, most) for most in (MOST_OTHERS, MOST_EXAMPLES))
    return HeldOut(style, source, target, others, paired, examples=examples)


def from_folder(folder: Path, pattern: str, most: int | None = None) -> Pictures:
    """All pictures of a folder of the paintbox, or at most so many, spread evenly over it."""
    files = sorted(folder.glob("*.png"))
    files = [files[i] for i in evenly(len(files), most or len(files))]
    names = tuple(file.stem for file in files)
    pixels = Loaded(len(files), lambda index: images.read(files[index]).pixels)
    return Pictures(names, pixels, by_pattern(names, pattern))


def from_manifest(manifest: Manifest, most: int | None = None) -> Pictures:
    """All pictures, or at most so many, spread evenly over the folder."""
    some = manifest.only(evenly(len(manifest), most or len(manifest)))
    names = distinct([entry.stem.replace("/", "-") for entry in some.entries])
    return Pictures(names, Loaded(len(some), some.array), some.originals)
