"""Every GradientTape, and what makes a step fast and repeatable. Knows no method."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import tensorflow as tf
from keras import ops

from gan_style.errors import UserError

Terms = dict[str, Any]
Precision = Literal["auto", "float32", "mixed_bfloat16"]

# Instructions that multiply bfloat16 matrices or dot products, as /proc/cpuinfo names them.
BFLOAT16_CPU_FLAGS = {"amx_bf16", "avx512_bf16"}
BFLOAT16_COMPUTE_CAPABILITY = (8, 0)


@dataclass(frozen=True)
class Machine:
    """The settings that decide a run's exact numbers beside its config and seed."""

    precision: Literal["float32", "mixed_bfloat16"]
    threads: int
    why: str


def choose_machine(precision: Precision, threads: int | Literal["auto"]) -> Machine:
    """Resolve `auto`: bfloat16 only where the hardware multiplies it natively, and all cores there are."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    native, reason = native_bfloat16()
    if precision == "auto":
        return Machine("mixed_bfloat16" if native else "float32", cores if threads == "auto" else threads, reason)
    return Machine(precision, cores if threads == "auto" else threads, "as configured")


def native_bfloat16() -> tuple[bool, str]:
    """Whether this machine has bfloat16 matrix instructions, and how that is known."""
    for gpu in tf.config.list_physical_devices("GPU"):
        capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
        return capability >= BFLOAT16_COMPUTE_CAPABILITY, f"GPU of compute capability {capability[0]}.{capability[1]}"
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) & BFLOAT16_CPU_FLAGS if cpuinfo.exists() else set()
    return bool(flags), f"CPU with {' and '.join(sorted(flags))}" if flags else "no bfloat16 instructions found"


def configure(machine: Machine, seed: int) -> None:
    """Set threads, determinism, precision and seeds for this process; refuse where TensorFlow is already set otherwise."""
    try:
        tf.config.threading.set_intra_op_parallelism_threads(machine.threads)
        # Independent operations in parallel gain little here; one at a time keeps the order of sums.
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        if tf.config.threading.get_intra_op_parallelism_threads() != machine.threads:
            raise UserError(f"threads: this process already computes with another number than {machine.threads}") from None
    tf.config.experimental.enable_op_determinism()
    # Layers are named by counting, and graphs are optimised in the order of names: a second run must count from one too.
    keras.utils.clear_session()
    keras.mixed_precision.set_global_policy(machine.precision)
    keras.utils.set_random_seed(seed)


class Player:
    """Variables that one optimizer updates together: networks, or an image being optimised.

    The optimizer is built here, so that a checkpoint is complete from step 0.
    """

    def __init__(
        self,
        name: str,
        networks: Sequence[keras.Model],
        optimizer: keras.optimizers.Optimizer,
        clip_norm: float | None = None,
    ) -> None:
        self.name = name
        self.networks = list(networks)
        self.variables = [variable for network in networks for variable in network.trainable_variables]
        self.optimizer = optimizer
        self.clip_norm = clip_norm
        optimizer.build(self.variables)

    def minimize(self, compute_terms: Callable[[], tuple[Terms, Any]], weights: Mapping[str, float]) -> tuple[Terms, Any]:
        """Tape, weigh and sum the terms, apply the gradient.

        `compute_terms` returns unweighted scalars, and whatever else the step wants to keep. Comes back
        with the terms, their weighted `total` and the norm of the gradient before clipping.
        """
        terms, kept, gradients = self.differentiate(compute_terms, weights)
        if self.clip_norm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm, terms["gradient_norm"])
        self.optimizer.apply_gradients(zip(gradients, self.variables, strict=True))
        return terms, kept

    def differentiate(self, compute_terms: Callable[[], tuple[Terms, Any]], weights: Mapping[str, float]) -> tuple[Terms, Any, list[Any]]:
        """The terms with their `total` and its `gradient_norm`, what the step keeps, and the gradient at each variable."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in self.variables])
            terms, kept = compute_terms()
            total = weighed(terms, weights)
        gradients = tape.gradient(total, [variable.value for variable in self.variables])
        untouched = [variable.path for variable, gradient in zip(self.variables, gradients, strict=True) if gradient is None]
        if untouched:
            raise ValueError(f"{self.name}: no gradient reaches {', '.join(untouched)}")
        return {**terms, "total": total, "gradient_norm": tf.linalg.global_norm(gradients)}, kept, gradients

    def learning_rate(self) -> float:
        return float(self.optimizer.learning_rate)


def weighed(terms: Mapping[str, Any], weights: Mapping[str, float]) -> Any:
    """The sum of the terms, each by its weight."""
    return ops.sum(ops.stack([weights[name] * ops.cast(term, "float32") for name, term in terms.items()]))


def gradient(compute: Callable[[Any], Any], at: Any) -> Any:
    """The gradient of a scalar function at a tensor, itself differentiable: for penalties inside a `minimize`."""
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = compute(at)
    return tape.gradient(value, at)


# Operations that give on their input's memory, those that write over it where nobody needs it any more, and what stands apart.
PASS_ON = {"Identity", "Reshape", "Squeeze", "ExpandDims", "StopGradient"}
OVERWRITE = {"BiasAdd", "AddV2", "AddN", "Sub", "Mul", "Relu", "ReluGrad", "Square", "Neg", "RealDiv", "Abs"}
STANDING = {"Const", "Placeholder", "ReadVariableOp"}


def peak_memory(step: Callable[[Any], Any]) -> int:
    """Bytes that the tensors of one step occupy at the fullest moment: its graph walked through without computing."""
    operations = tf.function(step, autograph=False).get_concrete_function(None).graph.get_operations()
    owner: dict[Any, Any] = {}  # of each tensor: the one whose memory it shares
    last: dict[Any, int] = {}  # of each owner: the operation that needs it last
    for index, operation in enumerate(operations):
        for tensor in operation.outputs:
            owner[tensor.ref()] = owner[operation.inputs[0].ref()] if operation.type in PASS_ON else tensor.ref()
        for tensor in (*operation.inputs, *operation.outputs):
            last[owner[tensor.ref()]] = index
    held: dict[Any, int] = {}
    peak = 0
    for index, operation in enumerate(operations):
        needless = [tensor for tensor in held if last[tensor] <= index]
        if operation.type not in STANDING:
            held |= {tensor.ref(): _bytes(tensor) for tensor in operation.outputs if owner[tensor.ref()] == tensor.ref()}
        reused = max((held[tensor] for tensor in needless), default=0) if operation.type in OVERWRITE else 0
        peak = max(peak, sum(held.values()) - reused)
        held = {tensor: size for tensor, size in held.items() if last[tensor] > index}
    return peak


def _bytes(tensor: Any) -> int:
    return tensor.dtype.size * (tensor.shape.num_elements() or 0) if tensor.shape.is_fully_defined() else 0


class MovingAverage:
    """A copy of a network whose weights trail the original's by an exponential moving average.

    Early on the average is over the steps so far, so that the first random weights are soon forgotten.
    A decay of 0 makes it the original itself.
    """

    def __init__(self, original: keras.Model, decay: float) -> None:
        self.original = original
        self.decay = decay
        self.network = original
        if decay:
            self.network = keras.models.clone_model(original)
            self.network.trainable = False
            self.network.set_weights(original.get_weights())

    def update(self, step: Any) -> None:
        if not self.decay:
            return
        step = ops.cast(step, "float32")
        decay = ops.minimum(self.decay, (1.0 + step) / (10.0 + step))
        for average, variable in zip(self.network.weights, self.original.weights, strict=True):
            average.assign(average * decay + variable * (1.0 - decay))


def compiled(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The step as one graph. Without XLA, which was slower on CPU."""
    return tf.function(step, autograph=False, reduce_retracing=True)
