"""Every test is told everything anew."""

import pytest

from gan_style.system import images


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_told", set())
