"""A table whose terminal hangs up, or whom nobody reads any more, lets its trainings save themselves."""

import os
import signal
import sys
import threading
import time

import pytest

from gan_style.ablation.plan import Plan
from gan_style.experiment.runs import Run
from gan_style.system.output import guarded
from tests.ablation.tables import make_experiment, run


def hang_up(reading: int) -> None:
    os.kill(os.getpid(), signal.SIGHUP)


@pytest.mark.parametrize(("lose", "code"), [(hang_up, 129), (os.close, 141)])
def test_what_runs_is_stopped_gently(lose, code, tmp_path, monkeypatch):
    folder = tmp_path / "runs" / "tiny" / "default" / "seed0"
    plan = Plan(str(make_experiment(tmp_path / "tiny")), tmp_path / "runs", tmp_path / "results")
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stdout", os.fdopen(writing, "w"))

    def lose_it() -> None:
        while Run(folder).summary().get("step", 0) < 2:
            time.sleep(0.01)
        lose(reading)

    thread = threading.Thread(target=lose_it)
    thread.start()
    with guarded():
        assert run(plan, pause=0.02) == code
    thread.join()
    # A pipe is only found closed when the next line is written: when the first cell has come to its end.
    assert len(list((tmp_path / "runs").glob("tiny/*/seed0/summary.json"))) == 1
    monkeypatch.undo()
    assert run(plan) == 0
    assert Run(folder).summary()["step"] == 8
