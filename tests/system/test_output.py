"""Standard output may be a closed pipe, a gone terminal, a full disk or nothing: nothing raises."""

import errno
import io
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from rich.console import Console

from gan_style.system.output import guarded
from gan_style.system.progress import say, warn
from gan_style.system.signals import heard_by


def closed_pipe() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def gone_terminal() -> int:
    controlling, terminal = os.openpty()
    os.close(controlling)
    return terminal


def full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


@contextmanager
def standard(monkeypatch, name, descriptor):
    """The stream of this name is the descriptor; gives what was heard, and the guarded output."""
    heard = []
    stream = os.fdopen(descriptor, "w")
    monkeypatch.setattr(sys, name, stream)
    with heard_by(lambda number, frame: heard.append(number)), guarded() as output:
        yield heard, output
    assert getattr(sys, name) is stream
    stream.close()  # as the interpreter does at its end, which would complain of what could not be written
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("lost", "number", "asked", "told"),
    [
        (closed_pipe, errno.EPIPE, [signal.SIGPIPE], ""),
        (gone_terminal, errno.EIO, [], ""),
        (full_disk, errno.ENOSPC, [signal.SIGPIPE], "error: standard output: No space left on device\n"),
    ],
)
@pytest.mark.parametrize("tell", [say, lambda text: Console().print(text), lambda text: print(text * 9999)])
def test_standard_output_is_lost(lost, number, asked, told, tell, monkeypatch, capsys):
    with standard(monkeypatch, "stdout", lost()) as (heard, output):
        for _ in range(3):
            tell("step 1")
        assert output.loss.errno == number
        assert heard == asked, "once"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("lost", [closed_pipe, gone_terminal, full_disk])
def test_standard_error_is_lost_and_nobody_asks_to_stop(lost, monkeypatch, capsys):
    with standard(monkeypatch, "stderr", lost()) as (heard, output):
        warn("nobody reads this")
        say("and this is read")
        assert heard == []
        assert output.loss is None
    assert capsys.readouterr().out == "and this is read\n"


def test_there_is_none_from_the_beginning(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with guarded() as output:
        say("nobody reads this")
        warn("nor this")
        Console().print("nor this")
        sys.stderr.flush()
        assert output.loss is None


def test_a_name_that_is_no_text_is_told_all_the_same(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii"))
    with guarded():
        say("caf\udce9 ä")
    assert raw.getvalue() == b"caf\\udce9 \\xe4\n"


def test_no_file_takes_the_place_of_standard_output(tmp_path):
    code = """if True:
        import os, sys
        from gan_style.system.output import fill_gaps
        fill_gaps()
        file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
        os.write(1, b"noise of a library")
        sys.exit(not (file > 2 and os.get_inheritable(1) and os.get_inheritable(2)))
    """
    closed = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh"]
    subprocess.run([*closed, sys.executable, "-c", code, tmp_path / "checkpoint"], check=True)
    assert (tmp_path / "checkpoint").read_bytes() == b""
