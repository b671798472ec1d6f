"""Batches addressed by (seed, step): without shuffle buffer or iterator state, any step can be made again."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import tensorflow as tf

from gan_style.data.augment import Augment, random_view
from gan_style.data.manifest import Manifest
from gan_style.system.errors import UserError
from gan_style.system.tensor import Tensor

Pairing = Literal["unpaired", "paired", "single"]
SOURCE, TARGET = 1, 2  # salts that keep the two domains' random numbers apart


class Batch(NamedTuple):
    """Photographs and paintings (N, H, W, 3) in [-1, 1]; the same pictures where there is only one domain.

    `style` (N,) int64 numbers the style of each painting, in the order of the config.
    """

    source: Tensor
    target: Tensor
    style: Tensor = None


class Stream(Protocol):
    """An endless training stream that can be entered at any step."""

    def stream(self, first_step: int) -> Iterable[Any]:
        """Batches from `first_step` on."""

    def files(self, step: int) -> list[str]:
        """The files that batch `step` is made of, for messages."""

    def fingerprint(self) -> str:
        """A hash of the pictures' content and order."""


class Batches:
    """The endless training stream: step -> Batch, a pure function of manifests, settings and seed."""

    def __init__(
        self,
        manifests: Sequence[Manifest],
        pairing: Pairing,
        *,
        crop: int,
        batch: int,
        augment: Augment,
        target_augment: Augment,
        seed: int,
    ) -> None:
        """`manifests`: of the photographs, then of the paintings, one for each style."""
        self.source = manifests[0]
        self.targets = tuple(manifests[1:]) if pairing != "single" else (manifests[0],)
        if pairing == "paired":
            check_pairs(self.source, self.targets[0])
        self.pairing, self.crop, self.batch, self.seed = pairing, crop, batch, seed
        self.augment = augment
        self.target_augment = target_augment if pairing == "unpaired" else augment

    def stream(self, first_step: int) -> tf.data.Dataset:
        """Batches from `first_step` on."""
        readers = [_Reader((self.source,), self.crop, self.augment, SOURCE, self.seed)]
        if self.pairing != "single":
            readers.append(_Reader(self.targets, self.crop, self.target_augment, self._salt(), self.seed))
        positions = tf.data.Dataset.range(first_step * self.batch, 2**62)

        def views_at(position: Tensor) -> tuple:
            return tuple(reader(position) for reader in readers)

        examples = positions.map(views_at, num_parallel_calls=2)
        options = tf.data.Options()
        options.deterministic = True
        options.threading.private_threadpool_size = 2
        options.threading.max_intra_op_parallelism = 1
        batches = examples.batch(self.batch, drop_remainder=True).prefetch(8).with_options(options)
        return batches.map(lambda *views: Batch(views[0][0], *views[-1]))

    def _salt(self) -> int:
        # A pair must be seen through the same window: the same salt.
        return TARGET if self.pairing == "unpaired" else SOURCE

    def fingerprint(self) -> str:
        return "-".join(manifest.fingerprint() for manifest in (self.source, *self.targets))

    def files(self, step: int) -> list[str]:
        """The files that batch `step` is made of, for messages."""
        names = []
        for position in range(step * self.batch, (step + 1) * self.batch):
            turn, style = divmod(position, len(self.targets))
            sides = ((self.source, position, SOURCE), (self.targets[style], turn, self._salt()))
            for manifest, place, salt in sides:
                entry = manifest.entries[int(shuffled(place, len(manifest), self.seed, salt))]
                names.append(str(manifest.folder / entry.name))
        return list(dict.fromkeys(names))


class _Reader:
    """position -> one augmented view of one domain's picture, and its style: the styles take turns."""

    def __init__(
        self, manifests: Sequence[Manifest], crop: int, augment: Augment, salt: int, seed: int
    ) -> None:
        self.paths = tf.constant([str(path) for manifest in manifests for path in manifest.pixels])
        entries = [entry for manifest in manifests for entry in manifest.entries]
        self.sizes = tf.constant([(entry.height, entry.width) for entry in entries])
        counts = [len(manifest) for manifest in manifests]
        self.counts = tf.constant(counts, tf.int64)
        self.starts = tf.constant([sum(counts[:style]) for style in range(len(counts))], tf.int64)
        self.crop, self.augment, self.salt, self.seed = crop, augment, salt, seed

    def __call__(self, position: Tensor) -> tuple[Tensor, Tensor]:
        position = tf.cast(position, tf.int64)
        turn, style = position // self.counts.shape[0], position % self.counts.shape[0]
        index = self.starts[style] + shuffled(turn, self.counts[style], self.seed, self.salt)
        raw = tf.io.decode_raw(tf.io.read_file(self.paths[index]), tf.uint8)
        size = self.sizes[index]
        pixels = tf.reshape(raw, (size[0], size[1], 3))
        seed = tf.stack([tf.constant(self.seed * 4 + self.salt, tf.int64), tf.cast(position, tf.int64)])
        return random_view(pixels, self.crop, self.augment, seed), style


def shuffled(position: Tensor, count: int, seed: int, salt: int) -> Tensor:
    """Where the endless sequence of shuffled epochs stands at a position."""
    position = tf.cast(position, tf.int64)
    epoch = position // count
    key = tf.stack([tf.constant(seed * 4 + salt, tf.int64), epoch])
    return tf.random.experimental.index_shuffle(position % count, key, count - 1)


def check_pairs(source: Manifest, target: Manifest) -> None:
    """Pairs go by name: refuse a picture without its partner, or with one of another size."""
    names = [[entry.stem for entry in manifest.entries] for manifest in (source, target)]
    for manifest, side in zip((source, target), names, strict=True):
        twice = sorted({name for name in side if side.count(name) > 1})
        if twice:
            raise UserError(f"{manifest.folder}: two pictures are called {twice[0]}; pairs go by name")
    entries = dict(zip(names[0], source.entries, strict=True))
    partners = dict(zip(names[1], target.entries, strict=True))
    alone = sorted(entries.keys() ^ partners.keys())
    if alone:
        raise UserError(
            f"{source.folder}, {target.folder}: {len(alone)} pictures have no partner of the same name, "
            f"such as {alone[0]}"
        )
    for stem, entry in entries.items():
        partner = partners[stem]
        if (entry.height, entry.width) != (partner.height, partner.width):
            sizes = f"{partner.width}x{partner.height} pixels, its partner has {entry.width}x{entry.height}"
            raise UserError(f"{target.folder / partner.name}: {sizes}")
