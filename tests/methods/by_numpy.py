"""What tests of single methods compute beside them, in NumPy."""

import numpy as np
import pytest


def numbers(terms) -> dict[str, float]:
    return {name: float(value) for name, value in terms.items()}


def close(actual, expected) -> None:
    assert {
        name: value for name, value in actual.items() if name not in ("total", "gradient_norm")
    } == pytest.approx(expected, rel=1e-5)


def l1(a, b) -> float:
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).mean())


def lsgan(logits, wanted) -> float:
    return float(np.square(np.asarray(logits, np.float64) - wanted).mean())
