"""However a command ends: one line, an exit code that a shell understands, and never a traceback."""

import errno
import os
import signal
import subprocess
import sys

import click
import pytest
import tensorflow as tf

from gan_style.cli.main import main
from gan_style.cli.shared import ends_well
from gan_style.system.errors import RunError, UserError
from gan_style.system.progress import say


def end_of(act) -> int:
    with pytest.raises(SystemExit) as end:
        click.command()(ends_well(act)).main([])
    return end.value.code


@pytest.mark.parametrize(
    ("problem", "code", "told"),
    [
        (UserError("oil.yaml: no"), 2, "error: oil.yaml: no"),
        (RunError("step 2: no"), 1, "run failed: step 2: no"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "error: No space left on device"),
        (OSError(errno.EDQUOT, "Quota exceeded", "a.png"), 2, "error: a.png: Quota exceeded"),
        (OSError(errno.EXDEV, "Cross link", b"a\xff", None, "b"), 2, "error: a\\udcff: b: Cross link"),
        (OSError(errno.EBADF, "Bad file descriptor", 7), 2, "error: Bad file descriptor"),
        (OSError("cannot identify image file"), 2, "error: cannot identify image file"),
        (TimeoutError(), 2, "error: TimeoutError"),
        (
            MemoryError(),
            1,
            "run failed: not enough memory; smaller pictures, a smaller batch or fewer jobs need less",
        ),
        (RecursionError("maximum"), 2, "error: something that was read is nested too deeply"),
    ],
)
def test_one_line_and_a_code(problem, code, told, capsys):
    def fail() -> None:
        raise problem

    assert end_of(fail) == code
    assert capsys.readouterr().err == f"{told}\n"


def test_memory_that_is_too_small_says_for_what(capsys):
    def fail() -> None:
        raise MemoryError("Unable to allocate 7.45 GiB for an array with shape (1000, 1000, 1000)")

    assert end_of(fail) == 1
    assert "fewer jobs need less (Unable to allocate 7.45 GiB" in capsys.readouterr().err


def test_a_tensor_too_large_is_told_like_it(capsys):
    def fail() -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor\nand much more")

    assert end_of(fail) == 1
    assert capsys.readouterr().err.endswith("fewer jobs need less (OOM when allocating tensor)\n")


def test_a_bug_shows_itself():
    def fail() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        click.command()(ends_well(fail)).main([])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_it_clean_up(number):
    before, cleaned = signal.getsignal(number), []

    def work() -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            cleaned.append(True)

    assert end_of(work) == 128 + number
    assert cleaned
    assert signal.getsignal(number) == before


def test_a_closed_pipe_ends_a_command_where_it_tells_something(monkeypatch, capsys):
    reached = []

    def work() -> None:
        try:
            say("nobody reads this")
        except Exception:
            reached.append("what is under way takes it for a failed download")
        reached.append("what comes after")

    unread(monkeypatch)
    assert end_of(work) == 141
    assert reached == []
    assert capsys.readouterr().err == ""


def unread(monkeypatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(sys, "stdout", os.fdopen(writing, "w"))


@pytest.mark.parametrize("command", ["data list", "runs", "schema", "check {recipe}"])
def test_commands_that_nobody_reads(command, small_recipe, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GAN_STYLE_RUNS", str(tmp_path / "runs"))
    unread(monkeypatch)
    with pytest.raises(SystemExit) as end:
        main(command.format(recipe=small_recipe).split())
    assert end.value.code == 141
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("redirection", "code", "told"),
    [
        ("| sleep 0", "141", ""),
        ("> /dev/full", "1", "error: standard output: No space left on device\n"),
        (">&-", "0", ""),
        ("2>&- > /dev/full", "1", ""),
        (">&- 2>&- <&-", "0", ""),
    ],
)
def test_the_interpreter_adds_nothing(redirection, code, told):
    line = f"sleep 0.2; exec {sys.executable} -m gan_style data list"
    ended = subprocess.run(
        ["bash", "-c", f"({line}) {redirection}; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ended.stdout.splitlines()[-1], ended.stderr) == (code, told)
