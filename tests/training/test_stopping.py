"""A training that is told to stop, or that nobody listens to any more, saves itself and says where."""

import fcntl
import glob
import json
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from gan_style.cli.main import main
from gan_style.training import loop, progress

GAN_STYLE = (sys.executable, "-m", "gan_style")


@pytest.fixture
def train(small_recipe, tmp_path, monkeypatch):
    """The command, with steps that compute nothing, each of them told; at step 3 `happens` does."""

    def trained(happens, stdout=None) -> tuple[int, dict]:
        def steps(session, state, end):
            while state.step < end:
                state.step += 1
                if state.step == 3:
                    happens()
                yield {"generator/total": 1.0}

        monkeypatch.setattr(loop, "steps", steps)
        monkeypatch.setattr(loop, "validate", lambda session, *others: session.validation.source)
        monkeypatch.setattr("gan_style.training.session.warn_before_training", lambda folders: None)
        monkeypatch.setattr(progress, "PLAIN_LINE_SECONDS", -1.0)
        if stdout is not None:
            monkeypatch.setattr(sys, "stdout", os.fdopen(stdout, "w"))
        with pytest.raises(SystemExit) as end:
            main(["train", str(small_recipe), "--runs", str(tmp_path / "runs")])
        (folder,) = (tmp_path / "runs" / "small").glob("*/seed0")
        saved = sorted(path.name for path in (folder / "checkpoints").glob("step-*"))
        return end.value.code, json.loads((folder / "summary.json").read_text()) | {"saved": saved[-1]}

    return trained


def stopped_at_3(summary: dict, told: str) -> bool:
    assert "step-00000003; the same command resumes" in told
    return (summary["status"], summary["step"], summary["saved"]) == ("interrupted", 3, "step-00000003")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_hangup_is_heeded_as_a_termination_is(number, train, capsys):
    code, summary = train(lambda: os.kill(os.getpid(), number))
    assert code == 128 + number
    told = capsys.readouterr().err
    assert stopped_at_3(summary, told)
    assert told.count("\n") == 1


def test_under_nohup_it_goes_on(train):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        code, summary = train(lambda: os.kill(os.getpid(), signal.SIGHUP))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (code, summary["status"], summary["step"]) == (0, "finished", 8)


def test_nobody_reads_any_more(train, capsys):
    reading, writing = os.pipe()
    code, summary = train(lambda: os.close(reading), writing)
    assert code == 141
    told = capsys.readouterr().err
    assert stopped_at_3(summary, told)
    assert told.count("\n") == 1


def test_the_disk_behind_standard_output_is_full(train, capsys, tmp_path):
    writing = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    code, summary = train(lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), writing), writing)
    assert code == 1
    told = capsys.readouterr().err
    assert told.startswith("error: standard output: No space left on device\nstopped at step 3; ")
    assert stopped_at_3(summary, told)


def test_a_terminal_that_is_gone_without_a_hangup_stops_nothing(train, capsys):
    """As after `disown`: the shell asked for nothing to end."""
    controlling, terminal = os.openpty()
    code, summary = train(lambda: os.close(controlling), terminal)
    assert (code, summary["status"]) == (0, "finished")
    assert capsys.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize(("lasting", "expected"), [(False, 129), (True, 0)])
def test_a_terminal_is_closed(lasting, expected, small_recipe, tmp_path):
    """A real terminal, the bar on it, that is closed during a real training; with and without nohup."""
    controlling, terminal = os.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if lasting else signal.SIG_DFL)

    command = [*GAN_STYLE, "train", str(small_recipe), "train.steps=60", "--runs", str(tmp_path / "runs")]
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    with subprocess.Popen(command, start_new_session=True, preexec_fn=take_terminal, **streams) as process:
        os.close(terminal)
        while not glob.glob(f"{tmp_path}/runs/small/*/seed0/checkpoints/step-*"):
            assert process.poll() is None
            time.sleep(0.02)
        os.close(controlling)
        assert process.wait(240) == expected
    (path,) = Path(tmp_path / "runs" / "small").glob("*/seed0/summary.json")
    assert json.loads(path.read_text())["status"] == ("finished" if lasting else "interrupted")


@pytest.mark.slow
def test_the_head_of_a_real_training(small_recipe, tmp_path):
    train = f"{sys.executable} -m gan_style train {small_recipe} --runs {tmp_path}/runs"
    told = subprocess.run(
        ["bash", "-c", f"{train} | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    first, code = told.stdout.splitlines()
    assert first.startswith("precision float32")
    assert code == "141"
    assert told.stderr.startswith("stopped at step 1; saved as ")
    assert told.stderr.count("\n") == 1
