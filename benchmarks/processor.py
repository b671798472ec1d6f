"""Which kind of processor figures belong to, and how a larger one is made smaller for both sides."""

import platform
import re
from collections.abc import Set

from gan_style.system.processor import BFLOAT16

TELLING = ("avx2", "avx512", "amx", "avx_vnni", "avx_ifma")  # beginnings of flags that decide speed
WIDTHS = ("amx", "avx512", "avx2")

# Variables by which libraries are told to do without later instructions: oneDNN under both of its names,
# PyTorch's own kernels, what torch.compile generates, MKL (which heeds it on Intel's only), and XLA.
# Whether Eigen's and MKL's matrix products heed any of it was not seen.
LESSER = {
    "AVX2": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "DNNL_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "TORCHINDUCTOR_CPP_MARCH": "x86-64-v3",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    }
}


def telling(flags: Set[str]) -> list[str]:
    return sorted(flag for flag in flags if flag.startswith(TELLING))


def has_bfloat16(flags: Set[str]) -> bool:
    return bool(flags & BFLOAT16)


def kind(name: str, flags: Set[str], lesser: str | None = None) -> str:
    """For a file's name: maker and family, widest instructions, bfloat16, and what it is made to be."""
    plain = re.sub(r"\((r|tm)\)|\d+th gen|\b(cpu|processor|genuine)\b", "", name.partition(",")[0].lower())
    words = re.findall(r"\b[a-z]+\b", plain.partition("@")[0])[:2]
    widest = next((width for width in WIDTHS if any(flag.startswith(width) for flag in flags)), "")
    parts = [*words, widest or platform.machine().lower(), "bf16" if has_bfloat16(flags) else ""]
    return "-".join(filter(None, [*parts, f"as-{lesser.lower()}" if lesser else ""]))
