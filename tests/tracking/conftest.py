"""W&B reads its environment once in a process; here once in a test."""

from collections.abc import Iterator

import pytest
import wandb


@pytest.fixture(autouse=True)
def wandb_anew() -> Iterator[None]:
    wandb.teardown()
    yield
    wandb.teardown()
