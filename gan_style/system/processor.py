"""What the processor can do, known before TensorFlow is imported, which reads its settings only then."""

import os
import platform
from functools import cache
from pathlib import Path

# Instructions that multiply bfloat16 matrices or dot products, as /proc/cpuinfo names them.
BFLOAT16 = {"amx_bf16", "avx512_bf16"}
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
# oneDNN's own names of lesser processors, by which a larger one is made smaller, and how the flags begin of
# what those lack.
LESSER = {
    **dict.fromkeys(("SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2"), ("avx512", "amx")),
    **dict.fromkeys(("AVX512_CORE", "AVX512_CORE_VNNI"), ("avx512_bf16", "avx512_fp16", "amx")),
    **dict.fromkeys(("AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX10_1_512"), ("amx",)),
}


@cache
def known_flags() -> frozenset[str]:
    cpuinfo = Path("/proc/cpuinfo")
    return frozenset(cpuinfo.read_text().split() if cpuinfo.exists() else ())


def flags() -> frozenset[str]:
    """Of the processor, or of the lesser one that ONEDNN_MAX_CPU_ISA asks for."""
    lacking = LESSER.get(os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper(), ())
    return frozenset(flag for flag in known_flags() if not (lacking and flag.startswith(lacking)))


def is_x86() -> bool:
    return platform.machine() in ("x86_64", "AMD64")


def is_slow_for_single_images() -> bool:
    """Whether oneDNN convolves a batch of one by a slower algorithm than a batch of two."""
    return is_x86() and onednn_in_use() and "avx512f" not in flags()


def use_onednn() -> None:
    """Turn oneDNN on, unless the user has decided.

    TensorFlow leaves it off on processors without AVX-512-VNNI, where it nevertheless halves a step's time.
    """
    if is_x86():
        os.environ.setdefault(ONEDNN, "1")


def onednn_in_use() -> bool:
    """As TensorFlow was told at its import."""
    return os.environ.get(ONEDNN, "1" if is_x86() else "0").lower() not in ("0", "false")
