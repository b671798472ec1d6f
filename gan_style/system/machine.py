"""Precision, threads, seeds and determinism: what decides a run's exact numbers beside its config."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import keras
import tensorflow as tf

from gan_style.system import processor
from gan_style.system.errors import UserError
from gan_style.system.hardware import cores

Precision = Literal["auto", "float32", "mixed_bfloat16"]
Convolutions = Literal["direct", "winograd"]

BFLOAT16_COMPUTE_CAPABILITY = (8, 0)
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


@dataclass(frozen=True)
class Machine:
    """The settings that decide a run's exact numbers beside its config and seed."""

    precision: Literal["float32", "mixed_bfloat16"]
    threads: int
    why: str
    convolutions: Convolutions = "winograd"


in_use: Machine | None = None  # by this process, for layers that compute in one of several ways


def choose_machine(precision: Precision, threads: int | Literal["auto"]) -> Machine:
    """Resolve `auto`: bfloat16 only where the hardware multiplies it natively, and all cores there are."""
    count = cores() if threads == "auto" else threads
    native, reason = native_bfloat16()
    if precision == "auto":
        precision, why = ("mixed_bfloat16" if native else "float32"), reason
    else:
        why = "as configured"
    return Machine(precision, count, why, convolutions_for(precision))


def convolutions_for(precision: str) -> Convolutions:
    """How wide 3x3 convolutions are computed fastest: benchmarks/NOTES.md has the measurements.

    GPUs choose among algorithms themselves, matrix units multiply bfloat16 faster than memory feeds
    Winograd's transforms, and other processors than x86 were not measured.
    """
    matrix_units = precision == "mixed_bfloat16" and "amx_bf16" in processor.flags()
    elsewhere = not processor.is_x86() or tf.config.list_physical_devices("GPU")
    return "direct" if matrix_units or elsewhere else "winograd"


def native_bfloat16() -> tuple[bool, str]:
    """Whether this machine has bfloat16 matrix instructions, and how that is known."""
    for gpu in tf.config.list_physical_devices("GPU"):
        capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
        enough = capability >= BFLOAT16_COMPUTE_CAPABILITY
        return enough, f"GPU of compute capability {capability[0]}.{capability[1]}"
    flags = processor.flags() & processor.BFLOAT16
    found = f"CPU with {' and '.join(sorted(flags))}" if flags else "no bfloat16 instructions found"
    return bool(flags), found


@contextmanager
def supposing(machine: Machine) -> Iterator[None]:
    """Networks are built as on such a machine; nothing is computed with them."""
    global in_use
    before, policy = in_use, keras.mixed_precision.global_policy()
    in_use = machine
    keras.mixed_precision.set_global_policy(machine.precision)
    try:
        yield
    finally:
        in_use = before
        keras.mixed_precision.set_global_policy(policy)


def configure(machine: Machine, seed: int) -> None:
    """Set threads, determinism, precision and seeds for this process, unless TensorFlow is set otherwise."""
    global in_use
    in_use = machine
    try:
        tf.config.threading.set_intra_op_parallelism_threads(machine.threads)
        # Independent operations in parallel gain little here; one at a time keeps the order of sums.
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        if tf.config.threading.get_intra_op_parallelism_threads() != machine.threads:
            raise UserError(
                f"threads: this process already computes with another number than {machine.threads}"
            ) from None
    tf.config.experimental.enable_op_determinism()
    # On GPUs since Ampere float32 would otherwise be TensorFloat-32, with 10 bits of mantissa instead of 23.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    # Layers are numbered, and graphs optimised in the order of their names: a second run must count from one.
    keras.utils.clear_session()
    keras.mixed_precision.set_global_policy(machine.precision)
    keras.utils.set_random_seed(seed)
