"""The queue and its one worker, with a process that paints nothing."""

import subprocess
import threading
from pathlib import Path
from typing import ClassVar

import pytest

from gan_style.system.errors import UserError
from gan_style.web import limits, worker
from gan_style.web.jobs import Job
from gan_style.web.process import Ended, PaintingProcess
from gan_style.web.uploads import Upload, Uploads


class Pretended:
    """Answers when it is told to."""

    made: ClassVar[list["Pretended"]] = []

    def __init__(self, machine, threads):
        self.machine, self.orders = machine, []
        self.go, self.ended = threading.Semaphore(0), threading.Event()
        Pretended.made.append(self)

    def ask(self, order, seconds, hear):
        self.orders.append(order)
        hear("painting")
        assert self.go.acquire(timeout=10)
        if self.ended.is_set():
            raise Ended
        if "refuse" in order["run"]:
            raise UserError(f"{order['photograph']}: no")
        folder = Path(order["folder"])
        folder.mkdir()
        (folder / "painting.png").write_bytes(order["photograph"].encode())
        return {"file": "painting.png", "width": 3, "height": 2}

    def is_running(self):
        return not self.ended.is_set()

    def end(self):
        self.ended.set()
        self.go.release()


@pytest.fixture
def working(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(worker, "PaintingProcess", Pretended)
    monkeypatch.setattr(Pretended, "made", [])
    working = worker.Worker(Uploads(), 2)
    working.start()
    yield working
    working.close()
    working.uploads.close()


def job(working, run="run", machine="float32/2"):
    photograph = Upload(working.uploads.place(), "mine.png", "PNG", 30, 20, 100)
    working.uploads.known[photograph.id] = photograph
    wishes = {"style": None, "strength": None, "size": 512, "seed": None}
    return Job(photograph, "included/oil", Path(run), machine, wishes, None, working.uploads.place())


def until(condition):
    waiting = threading.Event()
    for _ in range(500):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it never came")


def test_one_after_the_other_each_its_own_and_too_many_are_refused(working, monkeypatch):
    monkeypatch.setattr(limits, "WAITING", 2)
    first = job(working)
    working.submit(first)
    until(lambda: first.state == "painting")
    second, third = job(working), job(working)
    working.submit(second)
    working.submit(third)
    assert [working.told(one)["ahead"] for one in (first, second, third)] == [0, 1, 2]
    with pytest.raises(limits.Busy) as refused:
        working.submit(job(working))
    assert refused.value.seconds >= 1
    for _ in range(3):
        Pretended.made[0].go.release()
    until(lambda: third.state == "done")
    for one in (first, second, third):
        assert one.file.read_bytes() == str(one.photograph.path).encode()
    assert len(Pretended.made) == 1
    assert third.download == "mine-oil.png"
    later = job(working)
    working.submit(later)
    assert later.expected is not None, "it took so long before"


def test_what_is_cancelled_leaves_nothing_and_the_next_is_painted(working):
    painting, waiting, kept = job(working), job(working), job(working)
    for one in (painting, waiting, kept):
        working.submit(one)
    until(lambda: painting.state == "painting")
    working.cancel(waiting)
    working.cancel(painting)
    until(lambda: len(Pretended.made) == 2)
    Pretended.made[1].go.release()
    until(lambda: kept.state == "done")
    assert working.jobs.keys() == {kept.id}
    assert {path.name for path in working.uploads.folder.iterdir()} == {"lock", kept.folder.name}
    working.cancel(kept)
    assert not kept.folder.exists()


def test_a_process_that_dies_fails_its_painting_alone(working):
    dying, next = job(working), job(working)
    working.submit(dying)
    until(lambda: dying.state == "painting")
    Pretended.made[0].end()
    until(lambda: dying.state == "failed")
    assert "smaller size" in dying.error
    working.submit(next)
    until(lambda: len(Pretended.made) == 2)
    Pretended.made[1].go.release()
    until(lambda: next.state == "done")


def test_a_run_of_another_machine_gets_a_process_of_its_own_and_errors_name_no_place(working):
    other = job(working, "refuse", "mixed_bfloat16/1")
    working.submit(other)
    until(lambda: len(Pretended.made) == 2)
    assert Pretended.made[0].ended.is_set()
    assert Pretended.made[1].machine == "mixed_bfloat16/1"
    Pretended.made[1].go.release()
    until(lambda: other.state == "failed")
    assert other.error == "mine.png: no"


def test_paintings_expire_and_what_waits_does_not(working, monkeypatch):
    done = job(working)
    working.submit(done)
    Pretended.made[0].go.release()
    until(lambda: done.state == "done")
    waiting = job(working)
    working.submit(waiting)
    monkeypatch.setattr(limits, "IDLE_SECONDS", -1.0)
    with working.changed:
        working._expire()
    assert working.jobs.keys() == {waiting.id}
    assert not done.folder.exists()
    assert working.uploads.known.keys() == {waiting.photograph.id}


def test_a_painting_that_takes_too_long_is_ended(monkeypatch):
    process = PaintingProcess.__new__(PaintingProcess)
    process.process = subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.buffer = b""
    with pytest.raises(UserError, match="longer than the limit"):
        process.ask({}, 0.05, lambda doing: None)
    assert not process.is_running()


def test_whatever_goes_wrong_fails_one_painting_and_the_thread_goes_on(working, monkeypatch):
    def none(*given):
        raise OSError(11, "Resource temporarily unavailable")

    Pretended.made[0].end()
    monkeypatch.setattr(worker, "PaintingProcess", none)
    failing, answers = job(working), []
    working.submit(failing)
    until(lambda: failing.state == "failed")
    assert failing.error == "the process that paints cannot be used: Resource temporarily unavailable"
    working.describe(["a"], answers.append)
    until(lambda: answers)
    assert answers == [{"a": {"error": failing.error}}]
    monkeypatch.setattr(worker, "PaintingProcess", Pretended)
    monkeypatch.setattr(Pretended, "ask", lambda *given: {})  # an answer without a painting
    odd = job(working)
    working.submit(odd)
    until(lambda: odd.state == "failed")
    assert odd.error == "it failed, and that is a fault of the program: KeyError"
    assert working.thread.is_alive()
    assert working.current is None


def test_what_is_cancelled_before_its_process_is_there_is_not_painted(working, monkeypatch):
    suitable = working._suitable
    early = job(working)

    def cancelled_first(machine):
        if early.state == "loading":
            working.cancel(early)
        return suitable(machine)

    monkeypatch.setattr(working, "_suitable", cancelled_first)
    working.submit(early)
    until(lambda: early.state == "cancelled" and working.current is None)
    assert not any(process.orders for process in Pretended.made)


def test_paintings_are_bounded_by_their_bytes_too(working, monkeypatch):
    some = [job(working) for _ in range(3)]
    for one in some:
        working.submit(one)
        Pretended.made[0].go.release()
        until(lambda one=one: one.state == "done" and working.current is None)
        monkeypatch.setattr(limits, "KEPT_PAINTED_BYTES", 2 * one.bytes)
    assert working.jobs.keys() == {one.id for one in some[1:]}
    assert not some[0].folder.exists()
