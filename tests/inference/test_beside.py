"""The next picture is read and the last one stored while one is painted; a large one is alone."""

import threading
import time

import numpy as np
import pytest
from PIL import Image

from gan_style.inference.beside import beside, fills_memory
from gan_style.inference.painting import MEMORY

PATIENCE = 10.0  # seconds


def test_reading_and_storing_are_beside_the_painting():
    """Each waits for the other two: in one thread it would wait in vain."""
    together = threading.Barrier(3, timeout=PATIENCE)
    stored = []

    def read(job):
        if job >= 2:
            together.wait()
        return job

    def paint(job, given):
        if 1 <= job <= 4:
            together.wait()

        def store():
            if job <= 3:
                together.wait()
            stored.append(given())

        return store

    assert list(beside(range(6), read, paint, lambda job: False)) == stored == [*range(6)]


def test_a_heavy_one_is_alone():
    at_work, seen = set(), []

    def doing(what, job):
        at_work.add((what, job))
        time.sleep(0.03)  # for others to begin, if anything lets them
        seen.append(frozenset(at_work))
        at_work.remove((what, job))

    def paint(job, given):
        given()
        doing("paint", job)
        return lambda: doing("store", job)

    jobs = ["a", "HEAVY", "b", "HEAVIER", "HEAVIEST", "c", "d"]
    list(beside(jobs, lambda job: doing("read", job), paint, str.isupper))
    assert len(seen) == 3 * len(jobs)
    assert all(len(some) == 1 for some in seen if any(job.isupper() for _, job in some))
    assert any(len(some) > 1 for some in seen), "c and d are beside each other"


def test_what_reading_raises_is_given_to_who_paints_and_what_storing_raises_ends_it():
    def read(job):
        return 1 // job

    def paint(job, given):
        with pytest.raises(ZeroDivisionError):
            given()

        def store():
            raise KeyError

        return store

    painted = beside([0, 0, 0], read, paint, lambda job: False)
    assert next(painted) == 0
    with pytest.raises(KeyError):
        list(painted)


def test_what_fills_the_memory_is_known_by_the_header(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((1200, 1600, 3), np.uint8)).save(path)
    assert not fills_memory(path, 512, MEMORY)
    assert fills_memory(path, 1600, MEMORY)
    assert fills_memory(path, 512, MEMORY // 2)
    path.write_bytes(b"no picture")
    assert not fills_memory(path, 1600, MEMORY)
