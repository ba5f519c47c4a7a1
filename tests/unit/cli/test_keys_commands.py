from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.failures import explain
from cli.main import app
from core.domain.errors import NotFound
from core.ports import KeyUnavailable


@pytest.mark.parametrize("command", ["rotate-tenant", "rotate-root", "revoke", "audit"])
def test_every_command_explains_itself(command):
    asked = CliRunner().invoke(app, ["keys", command, "--help"])
    assert asked.exit_code == 0
    assert len(asked.output.splitlines()) > 5
    assert command in CliRunner().invoke(app, ["keys", "--help"]).output


@pytest.mark.parametrize(
    "error", [NotFound("There is no such key."), KeyUnavailable("SEALCAST_ROOT_KEY_FILE is not set")]
)
def test_what_an_operator_can_mend_is_one_sentence(error, capsys):
    with pytest.raises(SystemExit) as ended, explain():
        raise error
    assert ended.value.code == 1
    assert str(error) in capsys.readouterr().err
