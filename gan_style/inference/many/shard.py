"""One shard: its pictures painted one after the other, each written once, whatever becomes of single ones."""

import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

from gan_style.inference.many.journal import Journal, Shard
from gan_style.inference.many.manifest import Unit
from gan_style.inference.many.tars import TarOutput, complete, partial_of, reading, sample_name, stored_name
from gan_style.system import disk, images
from gan_style.system.errors import UserError
from gan_style.system.machine import OUT_OF_MEMORY
from gan_style.system.opening import MAX_FILE_BYTES

Paint = Callable[[images.Picture], images.Picture]
EXISTS = "is there already, and not as it was painted here (--overwrite replaces it)"


class ShardPainter:
    """Paints the units of one shard that its journal does not know as done."""

    def __init__(
        self, shard: Shard, paint: Paint, tick: Callable[[], None], *, into_tar: bool, overwrite: bool
    ) -> None:
        self.shard, self.paint, self.tick, self.overwrite = shard, paint, tick, overwrite
        self.journal = Journal.read(shard.file(".jsonl"))
        self.into_tar = into_tar
        self.tar: TarOutput | None = None  # of single pictures, once there is one

    def run(self, units: Iterable[Unit]) -> None:
        """All of them, and a file that says so."""
        self.shard.end().unlink(missing_ok=True)
        listed = self.shard.list_hash()
        try:
            well = [self.tried(unit) for unit in units]
            if self.tar:
                self.finish_tar(self.tar, self.shard.tar.name)
        finally:
            if self.tar:
                self.tar.abandon()
        told = {
            "list": listed,
            "painted": sum(self.journal.pictures.values()),
            "failed": len(self.journal.failures),
            "again": well.count(False),
        }
        disk.write(self.shard.end(), json.dumps(told) + "\n")

    def tried(self, unit: Unit) -> bool:
        """Whether it went well."""
        act = self.paint_tar if unit.is_tar else self.paint_into_tar if self.into_tar else self.paint_file
        try:
            act(unit)
        except UserError as problem:
            self.journal.failed(unit.name, str(problem))
            return False
        return True

    def paint_file(self, unit: Unit) -> None:
        """A picture into a file of its own."""
        if self.is_done(unit.name):
            return
        suffix, content = self.painted(unit.path)
        name = stored_name(unit.name, suffix)
        path = self.shard.output / name
        self.check_free(unit, path)
        # Noted first: a crash in between leaves a note of what is not there, which does no harm.
        self.journal.painted(unit.name, name, len(content))
        with disk.replacing(path, len(content), durable=False) as file:
            file.write(content)
        self.tick()

    def paint_into_tar(self, unit: Unit) -> None:
        """A picture into the one tar of this shard, which is gone on with where it lacks some."""
        if not self.in_tar.isdisjoint(map(sample_name, possible_names(unit.name))):
            return
        suffix, content = self.painted(unit.path)
        if self.tar is None:
            self.tar = self.opened_tar(unit)
        self.tar.add(sample_name(stored_name(unit.name, suffix)), content)
        self.journal.again(unit.name)
        self.tick()

    @cached_property
    def in_tar(self) -> set[str]:
        """What the tar of this shard holds, whole or not."""
        whole = self.shard.tar if self.is_done(self.shard.tar.name) else partial_of(self.shard.tar)
        return complete(whole)[0]

    def opened_tar(self, unit: Unit) -> TarOutput:
        if self.is_done(self.shard.tar.name):
            self.shard.tar.replace(partial_of(self.shard.tar))
        else:
            self.check_free(unit, self.shard.tar)
        return TarOutput(self.shard.tar)

    def paint_tar(self, unit: Unit) -> None:
        """A tar into a tar of the same name; what is no picture in it is kept as it is."""
        if self.is_done(unit.name):
            return
        final = self.shard.output / unit.name
        self.check_free(unit, final)
        output = TarOutput(final)
        self.journal.again(unit.name)
        try:
            with reading(unit.path) as tar, tempfile.TemporaryDirectory() as scratch:
                for member in tar:
                    if member.isfile() and output.names.isdisjoint(possible_names(member.name)):
                        self.paint_member(unit, tar, member, output, Path(scratch))
            self.finish_tar(output, unit.name)
        finally:
            output.abandon()

    def paint_member(
        self, unit: Unit, tar: tarfile.TarFile, member: tarfile.TarInfo, output: TarOutput, scratch: Path
    ) -> None:
        opened = tar.extractfile(member)
        if opened is None or member.size > MAX_FILE_BYTES:
            self.journal.failed(f"{unit.name}/{member.name}", "larger than any picture may be")
            return
        content, suffix = opened.read(), PurePosixPath(member.name).suffix.lower()
        name = member.name
        if suffix in images.SUFFIXES:
            file = scratch / f"member{suffix}"
            file.write_bytes(content)
            try:
                stored, content = self.painted(file)
            except UserError as problem:
                reason = str(problem).replace(str(file), f"{unit.path}: {member.name}")
                self.journal.failed(f"{unit.name}/{member.name}", reason)
                return
            name = stored_name(member.name, stored)
            self.tick()
        output.add(name, content, member)

    def painted(self, path: Path) -> tuple[str, bytes]:
        """The suffix of the format it is stored in, and its bytes."""
        try:
            fake = self.paint(images.read(path, as_stored=True))
        except OUT_OF_MEMORY:
            few = "not enough memory to paint it; a smaller --size needs less"
            raise UserError(f"{path}: {few}") from None
        buffer = io.BytesIO()
        images.save(buffer, fake)
        return images.STORED_AS[fake.format], buffer.getvalue()

    def finish_tar(self, output: TarOutput, name: str) -> None:
        count = sum(PurePosixPath(one).suffix.lower() in images.SUFFIXES for one in output.names)
        self.journal.painted(name, name, output.finish(), count)
        output.partial.replace(output.final)

    def is_done(self, name: str) -> bool:
        return self.journal.holds(name, self.shard.output)

    def check_free(self, unit: Unit, path: Path) -> None:
        """What somebody else has put there, or has changed, is not written over; nor ever what is painted.

        An empty file is what a machine that lost its power leaves of a painting.
        """
        if not path.exists():
            return
        if unit.path.exists() and path.samefile(unit.path):
            raise UserError(f"{path} is one of the pictures to paint, and is never written over")
        ours = unit.name in self.journal.sizes and path.is_file() and not path.stat().st_size
        if not ours and not self.overwrite:
            raise UserError(f"{path} {EXISTS}")


def possible_names(name: str) -> list[str]:
    """Of the painting of this picture, in whatever format it is stored."""
    return [name, *(name + suffix for suffix in images.STORED_AS.values())]
