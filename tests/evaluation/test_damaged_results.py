"""Small files of evaluations and ablations, damaged in every way: told in one line, or made anew."""

import json
import shutil
from types import SimpleNamespace

import pytest

from gan_style.ablation import halving
from gan_style.ablation.cells import Cell
from gan_style.evaluation import budget
from gan_style.evaluation.result import Result
from gan_style.report.collect import read_cells, read_timed
from gan_style.system.errors import UserError
from tests.report.synthetic import Laboratory
from tests.training.test_damage import DAMAGES

TIMED = budget.Frozen(
    minutes=5, hardware="a laptop", threads=2, variants={"default": budget.Timed(ms_per_step=9, steps=33)}
)
RUNGS = {"0.25": {"a": 0.5, "b": 0.25}}


def hurt(path, content: bytes, damage: str) -> None:
    shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)
    path.mkdir() if DAMAGES[damage] is None else path.write_bytes(DAMAGES[damage](content))


def in_one_line(problem: str, path) -> None:
    assert problem.startswith(f"{path}: this is no ")
    assert "\n" not in problem
    assert "[type=" not in problem


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_result_is_left_out_by_reports_and_made_again_by_ablations(damage, tmp_path):
    lab = Laboratory(tmp_path)
    path = lab.add(lab.result("default", 0, 0.5))
    hurt(path, path.read_bytes(), damage)
    with pytest.raises(UserError) as caught:
        Result.read(path)
    in_one_line(str(caught.value), path)
    assert read_cells("oil", lab.results, lab.runs) == ([], [str(caught.value)])
    assert not Cell.is_finished(SimpleNamespace(result=path))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_budget_is_told(damage, tmp_path):
    path, left_out = tmp_path / "budget-5min.json", []
    hurt(path, TIMED.model_dump_json().encode(), damage)
    with pytest.raises(UserError) as caught:
        budget.read(path, 5)
    in_one_line(str(caught.value), path)
    assert str(caught.value).endswith("without the file the variants are timed anew")
    assert read_timed(tmp_path, left_out) == {}
    assert left_out == [str(caught.value)]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_of_halving_is_made_anew_from_the_logs(damage, tmp_path):
    record = halving.Record(tmp_path / "halving-a.json", 1, {"a": "1", "b": "2"})
    record.add(0.25, RUNGS["0.25"])
    assert record.rungs() == RUNGS
    hurt(record.path, record.path.read_bytes(), damage)
    assert record.rungs() in ({}, RUNGS)
    if DAMAGES[damage]:
        record.add(0.25, RUNGS["0.25"])
        assert record.rungs() == RUNGS


@pytest.mark.parametrize("rungs", [[], None, {"0.25": 3}, {"0.25": {"a": "x"}}, {"0.25": {"a": None}}])
def test_a_record_of_another_shape_holds_nothing(rungs, tmp_path):
    record = halving.Record(tmp_path / "halving-a.json", 1, {})
    record.add(0.25, {})
    record.path.write_text(json.dumps(json.loads(record.path.read_text()) | {"rungs": rungs}))
    assert record.rungs() == {}


def test_halving_reads_past_bad_lines_of_a_log(tmp_path):
    lines = [{"step": step, halving.FIGURE: value} for step, value in ((2, 0.5), (4, 0.25))]
    bad = ["[1]", json.dumps({"step": "x", halving.FIGURE: 9}), "{}}", '{"step": 1}}']
    text = "\n".join([json.dumps(lines[0]), *bad, json.dumps(lines[1])])
    (tmp_path / "metrics.jsonl").write_text(text + "\n")
    cell = SimpleNamespace(run=SimpleNamespace(folder=tmp_path), step=lambda: 8)
    assert [halving.figure(cell, step) for step in (1, 2, 3, 4, 8)] == [None, 0.5, 0.5, 0.25, 0.25]
