"""Stop signals are wishes that are granted in time; what nohup ignores stays ignored."""

import os
import signal

import pytest

from gan_style.system.signals import Stopper, ask_to_stop, heard_by


@pytest.fixture
def heard():
    return []


@pytest.fixture
def listen(heard):
    return lambda number, frame: heard.append(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_is_remembered_and_everything_is_as_before(number):
    before = signal.getsignal(number)
    with Stopper() as stopper:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), signal.SIGHUP)
        assert stopper.signal == number, "the first decides the exit code"
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(number) == before


def test_what_was_ignored_stays_ignored(heard, listen):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with heard_by(listen, signal.SIGTERM, signal.SIGHUP), Stopper() as stopper:
            os.kill(os.getpid(), signal.SIGHUP)
            assert stopper.signal == 0
        assert heard == []
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_innermost_listener_is_asked(heard, listen):
    ask_to_stop(signal.SIGPIPE)
    with heard_by(listen):
        with Stopper() as stopper:
            ask_to_stop(signal.SIGPIPE)
            assert (stopper.signal, heard) == (signal.SIGPIPE, [])
        ask_to_stop(signal.SIGPIPE)
    assert heard == [signal.SIGPIPE]
