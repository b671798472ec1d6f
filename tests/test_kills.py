"""Kills at random moments: the trial finds what a careless program loses, and nothing that ours do."""

import json
from pathlib import Path

import pytest

from benchmarks import kills
from benchmarks.killed import Activity

# Both write twenty lines; the first goes on where it was, the second begins anew behind what is there.
CAREFUL = """
import pathlib, time
log = pathlib.Path("lines.txt")
for number in range(len(log.read_text().split()) if log.exists() else 0, 20):
    with log.open("a") as file:
        file.write(f"{number}\\n")
    time.sleep(0.01)
"""
CARELESS = CAREFUL.replace("log.exists()", "False")


def writing(program: str) -> Activity:
    def lines(folder: Path) -> list[str]:
        return (folder / "lines.txt").read_text().split() if (folder / "lines.txt").exists() else []

    return Activity(
        "write",
        ("-S", "-c", program),
        lambda folder: None,
        lambda folder: {"lines": " ".join(lines(folder))},
        lambda folder: len(lines(folder)),
    )


@pytest.mark.parametrize(("program", "well"), [(CAREFUL, True), (CARELESS, False)])
def test_what_a_kill_changes_is_found(program, well, tmp_path, monkeypatch):
    monkeypatch.setattr(kills, "ACTIVITIES", [writing(program)])
    monkeypatch.setattr(kills, "SHARES", {"write": 1.0})
    log = tmp_path / "log.jsonl"
    made = list(kills.trials(6, tmp_path, log))
    assert sum(len(one.kills) for one in made) >= 6
    assert all(one.exit_code == 0 and one.lost == 0 for one in made)
    assert all(one.went_well() for one in made) == well
    assert kills.logged(log) == made
    assert list(kills.trials(6, tmp_path, log)) == [], "what is logged is not done again"


def test_the_log_that_is_committed_has_nothing_lost():
    every = kills.logged(Path(kills.__file__).with_name("kills.jsonl"))
    assert sum(len(one.kills) for one in every) >= 200
    assert {one.activity for one in every} == set(kills.SHARES)
    assert all(one.went_well() for one in every)


@pytest.mark.slow
def test_two_kills_of_every_long_command(tmp_path, monkeypatch):
    monkeypatch.setattr(kills, "SHARES", dict.fromkeys(kills.SHARES, 1 / 6))
    monkeypatch.setattr(kills, "KILLS", 2)
    for one in kills.trials(12, tmp_path, tmp_path / "log.jsonl"):
        assert one.went_well(), json.dumps(one.__dict__)
