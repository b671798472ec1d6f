"""The metrics file never lies about steps; W&B gets everything and can break nothing."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from gan_style.experiment.recipe import Wandb
from gan_style.tracking import wandb_run
from gan_style.tracking.metrics_file import MetricsFile
from gan_style.tracking.tracker import Tracker


def test_reopening_forgets_what_came_after(tmp_path):
    path = tmp_path / "metrics.jsonl"
    first = MetricsFile(path, 0)
    for step in (1, 2, 3):
        first.log(step, {"loss": step / 2})
    first.close()
    path.write_text(path.read_text() + '{"step": 4, "lo')
    second = MetricsFile(path, 2)
    second.log(3, {"loss": 9.0})
    second.close()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"step": 1, "loss": 0.5},
        {"step": 2, "loss": 1.0},
        {"step": 3, "loss": 9.0},
    ]


def read_back(folder) -> list[dict]:
    """What W&B's own reader finds in the offline runs of a folder."""
    records = []
    for path in sorted(folder.rglob("*.wandb")):
        command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        records += [json.loads(line) for line in told.stdout.splitlines() if line.strip().startswith("{")]
    return records


def test_an_offline_run_can_be_read_back_and_resumed(tmp_path):
    identity = {"group": "oil", "name": "default-seed0", "tags": ["gan"], "config": {"train": {"steps": 5}}}
    with Tracker(tmp_path, 0, Wandb(), **identity) as tracker:
        tracker.log(1, {"generator/colour": 0.5, "learning_rate/generator": 2e-4})
        tracker.log_sheet(1, np.zeros((8, 8, 3), np.uint8))
        tracker.summarise({"status": "interrupted"})
    with Tracker(tmp_path, 1, Wandb(), **identity) as tracker:
        tracker.log(2, {"generator/colour": 0.25})
    text = json.dumps(read_back(tmp_path))
    for expected in ("generator/colour", "learning_rate/generator", "default-seed0", "interrupted", "sheet"):
        assert expected in text, expected
    assert text.count((tmp_path / "wandb-id").read_text()) >= 2, (
        "the second session continues the first one's run"
    )


def test_disabled_leaves_no_trace(tmp_path):
    with Tracker(tmp_path, 0, Wandb(mode="disabled")) as tracker:
        tracker.log(1, {"loss": 1.0})
        tracker.log_sheet(1, np.zeros((8, 8, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_online_without_a_key_goes_offline_with_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
    with (
        Tracker(tmp_path / "run", 0, Wandb(mode="online"))
        if (tmp_path / "run").mkdir() is None
        else None as tracker
    ):
        tracker.log(1, {"loss": 1.0})
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "no API key" in told
    assert "logging offline" in told


def test_an_unreachable_server_costs_seconds_not_minutes(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    started = time.monotonic()
    with Tracker(tmp_path, 0, Wandb(mode="online")) as tracker:
        tracker.log(1, {"loss": 1.0})
    assert time.monotonic() - started < 15
    assert "127.0.0.1:9 cannot be reached" in capsys.readouterr().err
    assert "k" * 40 not in "".join(
        path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("breaks", ["log", "finish", "init"])
def test_a_failing_wandb_never_stops_the_run(tmp_path, capsys, monkeypatch, breaks):
    import wandb

    def fail(*args, **kwargs):
        raise RuntimeError("the service is gone")

    if breaks == "init":
        monkeypatch.setattr(wandb, "init", fail)
    with Tracker(tmp_path, 0, Wandb()) as tracker:
        if breaks != "init":
            real, tracker.wandb = (
                tracker.wandb,
                type("Broken", (), {"log": fail, "finish": fail, "summary": {}})(),
            )
            real.finish()
        tracker.log(1, {"loss": 1.0})
        tracker.log(2, {"loss": 2.0})
    assert capsys.readouterr().err.count("going on without it") == 1
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 2


def test_a_refused_online_run_is_logged_offline(tmp_path, capsys, monkeypatch):
    import wandb

    real = wandb.init

    def refuse_online(**options):
        if options["mode"] == "online":
            raise wandb.errors.CommError("401: no such user")
        return real(**options)

    monkeypatch.setattr(wandb, "init", refuse_online)
    monkeypatch.setattr(wandb_run, "why_not_online", lambda: "")
    with Tracker(tmp_path, 0, Wandb(mode="online")) as tracker:
        tracker.log(1, {"loss": 1.0})
    told = capsys.readouterr().err
    assert "401: no such user; logging offline" in told
    assert told.count("\n") == 1
    assert list(tmp_path.rglob("offline-run-*"))
