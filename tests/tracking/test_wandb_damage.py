"""What W&B keeps in a run folder may be damaged, and its disk may be full: neither is a traceback."""

import logging
import os

import pytest

from gan_style.tracking.wandb_run import _id
from gan_style.tracking.wandb_server import prepare


@pytest.mark.parametrize("damage", [b"", b"\xff\0", b"x" * 100_000, b"a/../b", b"\n\n"])
def test_a_damaged_id_is_made_up_anew(damage, tmp_path):
    (tmp_path / "wandb-id").write_bytes(damage)
    new = _id(tmp_path)
    assert new.isalnum()
    assert len(new) <= 64
    assert _id(tmp_path) == new


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux only")
def test_its_log_on_a_full_disk_is_silent(capsys, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", True)
    prepare()
    handler = logging.FileHandler("/dev/full")
    handler.handle(logging.LogRecord("wandb", logging.INFO, "", 1, "got exitcode: 1", (), None))
    assert capsys.readouterr().err == ""
