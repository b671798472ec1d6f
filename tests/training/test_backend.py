"""A run goes on as it began: by the same convolutions, and with oneDNN as it was."""

import pytest

from gan_style.experiment.find import read_recipe
from gan_style.experiment.runs import Run
from gan_style.system.errors import UserError
from gan_style.system.processor import onednn_in_use
from gan_style.training.session import open_session, refuse_other_backend


@pytest.mark.parametrize("told", [{}, {"onednn": onednn_in_use()}])
def test_the_same_backend_goes_on(tmp_path, told):
    refuse_other_backend(Run(tmp_path), told)


def test_a_run_keeps_its_convolutions(tmp_path, small_recipe):
    (tmp_path / "summary.json").write_text('{"convolutions": "direct"}')
    session = open_session(read_recipe(str(small_recipe), None, ()), 0, Run(tmp_path))
    assert session.machine.convolutions == session.identity["convolutions"] == "direct"


def test_another_backend_is_refused_with_what_to_type(tmp_path):
    then = not onednn_in_use()
    with pytest.raises(UserError, match=f"TF_ENABLE_ONEDNN_OPTS={int(then)} before the command"):
        refuse_other_backend(Run(tmp_path), {"onednn": then})
