"""What the second and the third tab are told, of run folders that may be anybody's."""

import json
import math
import os
import shutil
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from gan_style.evaluation.preferences import read_answers
from gan_style.system.errors import UserError
from gan_style.web import runs as runs_tab
from gan_style.web.app import Page, application
from gan_style.web.asking import Asking, given, pictures_in
from gan_style.web.doors import Doors


def picture(path, colour="red"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (12, 9), colour).save(path)


@pytest.fixture
def root(tmp_path):
    """Two runs, of which one is damaged here and there."""
    for seed in (0, 1):
        run = tmp_path / "runs" / "oil" / "default" / f"seed{seed}"
        (run / "samples").mkdir(parents=True)
        (run / "config.yaml").write_text("data: {}\n")
        picture(run / "samples" / "step-00000010.png")
        for name in ("cat", "dog"):
            picture(run / "painted" / f"{name}.png")
        picture(run / "painted" / "sheet.png")
        lines = [{"step": step, "generator/total": 1 / step, "learning_rate/g": 1} for step in range(1, 1001)]
        (run / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    summary = {"experiment": "oil", "step": 900, "steps": 2000, "status": "running"}
    alarm = {"name": "constant", "step": 7, "seen": "all alike", "advice": "more colour", "odd": [1]}
    (run / "summary.json").write_text(json.dumps(summary | {"alarms": [alarm]}))
    return tmp_path / "runs"


@pytest.fixture
def client(root):
    page = Page(Doors.of("127.0.0.1", None), root, Asking(root, root / "answers.jsonl", {}, None))
    yield TestClient(application(page), base_url="http://127.0.0.1", raise_server_exceptions=False)
    page.close()


def test_runs_are_told_with_alarms_sheets_and_the_step_of_the_log(client):
    told = {run["name"]: run for run in client.get("/api/runs").json()}
    run = told["oil/default/seed1"]
    assert (run["status"], run["step"], run["steps"], run["sheets"]) == ("killed", 1000, 2000, [10])
    assert run["alarms"] == [{"name": "constant", "step": 7, "seen": "all alike", "advice": "more colour"}]
    assert told["oil/default/seed0"]["status"] == "unknown"
    assert client.get("/api/runs/oil/default/seed1").json() == run
    sheet = client.get("/api/runs/oil/default/seed1/sheets/10.png")
    assert sheet.headers["content-type"] == "image/png"
    assert client.get("/api/runs/oil/default/seed1/sheets/11.png").status_code == 404
    assert client.get("/api/runs/oil/default/seed2").status_code == 404


def test_a_run_whose_name_is_no_text_is_left_out(client, root):
    odd = os.fsencode(root / "oil" / "default") + b"/seed\xff"
    os.makedirs(odd + b"/painted")
    shutil.copy(root / "oil" / "default" / "seed0" / "config.yaml", os.fsdecode(odd))
    assert len(client.get("/api/runs").json()) == 2
    assert len(Asking(root, root / "answers.jsonl", {}, None).paintings()) == 2


def test_the_list_of_runs_reads_only_the_end_of_each_log(client, root, monkeypatch):
    monkeypatch.setattr(runs_tab, "curves", None)
    log = root / "oil" / "default" / "seed0" / "metrics.jsonl"
    with log.open("a") as file:
        file.write('\n{"step": 1001, "generator/total": 2}\nhalf a li')
    steps = {run["name"][-5:]: run["step"] for run in client.get("/api/runs").json()}
    assert steps == {"seed0": 1001, "seed1": 1000}
    log.unlink()
    assert client.get("/api/runs/oil/default/seed0").json()["step"] == 0


def test_long_curves_are_thinned_to_means_and_what_is_no_number_is_left_out(client, root):
    log = root / "oil" / "default" / "seed0" / "metrics.jsonl"
    with log.open("a") as file:
        file.write('\n{"step": 1001, "generator/total": NaN, "d/x": Infinity, "d/y": 2}\nhalf a li')
    answer = client.get("/api/runs/oil/default/seed0/losses").json()
    assert answer["last"] == 1001
    assert answer["terms"].keys() == {"generator/total", "d/y"}
    curve = answer["terms"]["generator/total"]
    assert len(curve["steps"]) == len(curve["values"]) <= runs_tab.POINTS
    assert curve["values"][0] == pytest.approx(np.mean([1, 1 / 2, 1 / 3]), rel=1e-4)
    assert curve["steps"][0] == 2


def test_nothing_is_shown_through_a_link(client, root, tmp_path):
    run = root / "oil" / "default" / "seed0"
    picture(tmp_path / "secret" / "step-00000011.png")
    (run / "samples" / "step-00000011.png").symlink_to(tmp_path / "secret" / "step-00000011.png")
    assert client.get("/api/runs/oil/default/seed0").json()["sheets"] == [10]
    other = root / "oil" / "default" / "seed1"
    (other / "samples").rename(tmp_path / "moved")
    (other / "samples").symlink_to(tmp_path / "secret")
    assert client.get("/api/runs/oil/default/seed1").json()["sheets"] == []
    (run / "painted").rename(tmp_path / "painted")
    (run / "painted").symlink_to(tmp_path / "painted")
    assert client.get("/api/ask/next").json() == {}


def test_no_painting_is_shown_through_a_link(root, tmp_path):
    secret = tmp_path / "secret"
    for role in ("source", "painted"):
        picture(secret / role / "own.png")
    for seed in (0, 1):
        run = root / "oil" / "default" / f"seed{seed}"
        (run / "painted" / "link.png").symlink_to(secret / "painted" / "own.png")
        (run / "evaluation").mkdir()
        (run / "evaluation" / "linked").symlink_to(secret)
        picture(run / "evaluation" / "last" / "painted" / "own.png")
        (run / "evaluation" / "last" / "source").symlink_to(secret / "source")
    asking = Asking(root, root / "answers.jsonl", {}, None)
    paintings = asking.paintings()
    assert [sorted(shown) for shown in paintings.values()] == [["cat", "dog", "last/own"]] * 2
    assert asking.photograph_of("last/own", paintings) is None
    (run / "evaluation").rename(secret / "evaluation")
    (run / "evaluation").symlink_to(secret / "evaluation")
    assert len(asking.paintings()) == 1


def test_pairs_are_blind_balanced_and_answered_once(client, root):
    seen, sides = Counter(), Counter()
    for number in range(24):
        question = client.get("/api/ask/next").json()
        assert question.keys() == {"id", "left", "right"}
        assert "seed" not in json.dumps(question)
        choice = ("left", "right", "tie", "skip")[number % 4]
        assert (
            client.post(f"/api/ask/{question['id']}", json={"choice": choice, "voter": "v1"}).status_code
            == 201
        )
        again = client.post(f"/api/ask/{question['id']}", json={"choice": "left"})
        assert again.status_code == 404
    for answer in read_answers(root / "answers.jsonl"):
        assert {answer.left, answer.right} == {"oil/default/seed0", "oil/default/seed1"}
        seen[answer.photograph] += 1
        sides[answer.left] += 1
    assert seen == {"cat": 12, "dog": 12}
    assert len(sides) == 2, "neither is always on the left"
    scores = client.get("/api/ask/scores").json()
    assert (scores["answers"], scores["voters"], scores["tie"], scores["skip"]) == (24, 1, 6, 6)
    assert scores["alike"] is True
    assert all(one["low"] < 0.5 < one["high"] for one in scores["strengths"])
    assert client.post("/api/ask/x", json={"choice": "best"}).status_code == 422


def test_an_answer_that_cannot_be_written_may_be_given_again(client, root):
    question = client.get("/api/ask/next").json()
    (root / "answers.jsonl").mkdir()
    assert client.post(f"/api/ask/{question['id']}", json={"choice": "tie"}).status_code == 422
    (root / "answers.jsonl").rmdir()
    assert client.post(f"/api/ask/{question['id']}", json={"choice": "tie"}).status_code == 201
    assert len(read_answers(root / "answers.jsonl")) == 1


def test_the_pictures_of_a_pair_tell_nothing_but_what_they_show(client, root):
    question = client.get("/api/ask/next").json()
    sizes = set()
    for side in ("left", "right"):
        answer = client.get(question[side])
        assert answer.headers["content-type"] == "image/webp"
        assert "oil" not in str(answer.headers)
        sizes.add(Image.open(answer).size)
    assert len(sizes) == 1
    assert math.isclose(max(sizes.pop()), 900)
    assert client.get(f"/api/ask/{question['id']}/photograph.webp").status_code == 404


def test_of_an_evaluation_the_photograph_is_known(client, root):
    for seed in (0, 1):
        for role in ("source", "painted"):
            picture(root / "oil" / "default" / f"seed{seed}" / "evaluation" / "last-test" / role / "a.png")
    asking = Asking(root, root / "answers.jsonl", {}, None)
    shown = {question.photograph: question for question in (asking.next() for _ in range(3))}
    assert shown.keys() == {"cat", "dog", "last-test/a"}
    assert shown["last-test/a"].files["photograph"].parent.name == "source"


def test_given_folders_are_looked_at_once(tmp_path):
    picture(tmp_path / "Anna" / "cat.png")
    assert given((str(tmp_path / "Anna"), f"B={tmp_path / 'Anna'}")).keys() == {"Anna", "B"}
    assert pictures_in(tmp_path / "Anna").keys() == {"cat"}
    for wrong in (("x",), (f"{tmp_path}",), (str(tmp_path / "Anna"),) * 2):
        with pytest.raises(UserError, match="--paintings"):
            given(wrong)
