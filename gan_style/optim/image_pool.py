"""The history of fakes that CycleGAN shows its discriminator (Shrivastava et al. 2017), in variables."""

import keras
from keras import ops

from gan_style.config.bounds import AtMost
from gan_style.system import replicas
from gan_style.system.tensor import Tensor

MOST_FAKES = AtMost(10_000, "fakes: all of them stay in memory")


class ImagePool:
    """Keeps `size` fakes; hands back, with even chance, the given fake or an older one that it replaces."""

    def __init__(self, size: int, shape: tuple[int, int, int], seed: int) -> None:
        self.size = size
        self.images = keras.Variable(ops.zeros((max(size, 1), *shape)), trainable=False, name="pool_images")
        self.count = keras.Variable(0, dtype="int32", trainable=False, name="pool_count")
        self.random = keras.random.SeedGenerator(seed, name="pool_random")

    def variables(self) -> list[Tensor]:
        return [self.images, self.count, self.random.state] if self.size else []

    def exchange(self, fakes: Tensor) -> Tensor:
        """A batch of fakes of which some are older ones."""
        if not self.size:
            return fakes
        every = replicas.gathered(fakes)
        shown = [self._exchange_one(every[i : i + 1]) for i in range(every.shape[0])]
        return replicas.own(ops.concatenate(shown, axis=0))

    def _exchange_one(self, fake: Tensor) -> Tensor:
        filling = self.count < self.size
        chance = keras.random.uniform((2,), seed=self.random)
        slot = ops.where(filling, self.count, ops.cast(chance[0] * self.size, "int32"))
        older = ops.take(self.images, ops.reshape(slot, (1,)), axis=0)
        swap = ops.logical_and(ops.logical_not(filling), chance[1] < 0.5)
        stored = ops.where(ops.logical_or(filling, swap), fake, older)
        self.images.assign(ops.slice_update(self.images.value, [slot, 0, 0, 0], stored))
        self.count.assign(ops.minimum(self.count + 1, self.size))
        return ops.where(swap, older, fake)
