"""An experiment of its own for each test, which the commands find from the folder they are in."""

from pathlib import Path

import pytest

from tests.report.page import Page
from tests.report.synthetic import Laboratory


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    monkeypatch.chdir(tmp_path)
    return Laboratory(tmp_path)


@pytest.fixture
def page(lab):
    def read() -> Page:
        return Page((lab.output / "report.html").read_text())

    return read


@pytest.fixture
def four(lab):
    """The default at three seeds, one better, one worse and one alike, with runs."""
    for name, changed in (
        ("better", "method: {ema_decay: 0.5}"),
        ("worse", "method: {weights: {style: 0}}"),
        ("alike", "train: {steps: 3324}"),
    ):
        lab.ablation(name, changed, f"Why {name}?")
    for variant, style in (("default", 0.40), ("better", 0.20), ("worse", 0.70), ("alike", 0.40)):
        for seed in range(3):
            lab.add(lab.result(variant, seed, style + 0.01 * seed), run=True)
    return lab
