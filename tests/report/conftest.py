"""An experiment of its own for each test, which the commands find from the folder they are in."""

from pathlib import Path

import pytest

from tests.report.synthetic import Laboratory


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    monkeypatch.chdir(tmp_path)
    return Laboratory(tmp_path)
