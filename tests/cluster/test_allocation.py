"""Who trains together, as TF_CONFIG or Slurm tells."""

import json
from pathlib import Path

import pytest

from gan_style.cluster.allocation import tasks_of, workers
from gan_style.system.errors import UserError


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "{}",
        "[]",
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": "a:1"}, "task": {"type": "worker", "index": 0}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
    ],
)
def test_a_wrong_tf_config_is_one_clear_error(config, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(UserError, match=r"TF_CONFIG: .*; expected "):
        workers()


def test_without_either_it_is_said_what_is_missing(monkeypatch):
    for name in ("TF_CONFIG", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError, match="neither TF_CONFIG nor an allocation of Slurm"):
        workers()


def test_of_slurm_every_task_gets_a_port_on_its_node(tmp_path: Path, monkeypatch):
    tool = tmp_path / "scontrol"
    tool.write_text("#!/bin/sh\nprintf 'n1\\nn2\\nn3\\n'\n")
    tool.chmod(0o755)
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    for name, value in {
        "SLURM_STEP_NODELIST": "n[1-3]",
        "SLURM_STEP_TASKS_PER_NODE": "2(x2),1",
        "SLURM_JOB_ID": "3",
        "SLURM_PROCID": "4",
    }.items():
        monkeypatch.setenv(name, value)
    found = workers()
    assert found.addresses == ("n1:20192", "n1:20193", "n2:20192", "n2:20193", "n3:20192")
    assert json.loads(found.tf_config())["task"] == {"type": "worker", "index": 4}
    monkeypatch.delenv("SLURM_STEP_NODELIST")
    with pytest.raises(UserError, match="start the workers by srun"):
        workers()


def test_tasks_of_each_node():
    assert tasks_of("1") == [1]
    assert tasks_of("2(x3),1") == [2, 2, 2, 1]
