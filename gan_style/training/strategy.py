"""Training on several devices or machines, by `tf.distribute`: the same function as on one.

Every variable is mirrored. Those that no optimizer moves (averages, pools, random states) get the same new
value in all replicas, of which the first one's is taken.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

import tensorflow as tf

from gan_style.cluster.allocation import workers
from gan_style.optim.player import compiled
from gan_style.system import replicas
from gan_style.system.errors import RunError, UserError
from gan_style.system.progress import say, warn

Name = Literal["none", "mirrored", "multiworker"]
# What collectives raise once a machine does not answer any more.
LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.InternalError)


class Devices:
    """What shares each batch."""

    def __init__(
        self, strategy: tf.distribute.Strategy | None = None, *, several_processes: bool = False
    ) -> None:
        self.strategy, self.several_processes = strategy, several_processes
        self.count = int(strategy.num_replicas_in_sync) if strategy else 1
        self.summed = compiled(self.sum_of_all)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Where variables are made."""
        if self.strategy is None:
            yield
            return

        def creator(make: Callable[..., Any], **options: Any) -> Any:
            return make(**{**options, "aggregation": tf.VariableAggregation.ONLY_FIRST_REPLICA})

        with self.strategy.scope(), tf.variable_creator_scope(creator):
            yield

    def agreed(self, number: int) -> int:
        """A signal that any worker has had: all stop at the same step."""
        if not self.several_processes:
            return number
        heard = int(self.summed(tf.constant(number)))  # also by whoever knows already
        return number or (signal.SIGTERM if heard else 0)

    def sum_of_all(self, number: Any) -> Any:
        assert self.strategy
        told = self.strategy.run(
            lambda: tf.distribute.get_replica_context().all_reduce(replicas.SUM, tf.identity(number))
        )
        return self.strategy.experimental_local_results(told)[0]

    def leave_together(self) -> None:
        """Whoever left while another still saves would be taken for lost; the last to leave may be alone."""
        with suppress(*LOST):
            self.agreed(0)

    def all_have(self, number: int) -> bool:
        """Whether this number is that of every worker."""
        if not self.several_processes:
            return True
        return int(self.summed(tf.constant(number, tf.int64))) == number * self.count

    def compiled(self, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The step: of a whole batch each replica takes its share; what it tells is of all."""
        strategy = self.strategy
        if strategy is None:
            return compiled(step)

        def on_all(batch: Any) -> Any:
            told = strategy.run(lambda: step(tf.nest.map_structure(replicas.own, batch)))
            return tf.nest.map_structure(lambda one: strategy.experimental_local_results(one)[0], told)

        return compiled(on_all)


@contextmanager
def told_of_lost_workers(name: Name) -> Iterator[None]:
    """One clear error where another worker does not answer any more."""
    try:
        yield
    except LOST as problem:
        if name != "multiworker":
            raise
        lines = [line for line in str(problem).splitlines() if line.strip()]
        reason = f"{type(problem).__name__}: {lines[-1][:160]}" if lines else type(problem).__name__
        advice = "the same command goes on from the newest checkpoint, with the workers that are left"
        raise RunError(f"another worker is lost ({reason}); {advice}") from None


def choose_devices(name: Name, batch: int) -> Devices:
    """Those of this machine or of several. `batch`: pictures of all replicas together."""
    if name == "none":
        return Devices()
    if name == "mirrored":
        devices = Devices(tf.distribute.MirroredStrategy(logical_devices()))
        if devices.count == 1:
            warn("train.strategy: mirrored: there is one device here, which has the whole batch")
    else:
        os.environ["TF_CONFIG"] = workers().tf_config()
        devices = Devices(tf.distribute.MultiWorkerMirroredStrategy(), several_processes=True)
    if batch % devices.count:
        shared = f"{batch} pictures cannot be shared equally by {devices.count} replicas"
        raise UserError(f"data.batch: {shared}")
    say(f"strategy {name}: {devices.count} replicas with {batch // devices.count} pictures each")
    return devices


def logical_devices() -> list[Any]:
    return tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
