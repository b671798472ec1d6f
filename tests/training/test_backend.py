"""A run goes on as it began: by the same convolutions, and with oneDNN as it was."""

import pytest

from gan_style.experiment.runs import Run
from gan_style.system.errors import UserError
from gan_style.system.processor import onednn_in_use
from gan_style.training.session import refuse_other_backend


@pytest.mark.parametrize("told", [{}, {"onednn": onednn_in_use()}])
def test_the_same_backend_goes_on(tmp_path, told):
    refuse_other_backend(Run(tmp_path), told)


def test_another_backend_is_refused_with_what_to_type(tmp_path):
    then = not onednn_in_use()
    with pytest.raises(UserError, match=f"TF_ENABLE_ONEDNN_OPTS={int(then)} before the command"):
        refuse_other_backend(Run(tmp_path), {"onednn": then})
