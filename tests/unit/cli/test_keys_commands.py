from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.failures import CommandFailed, explain
from cli.main import app
from cli.serve import settings_or_explain
from core.domain.errors import NotFound
from core.ports import KeyUnavailable
from core.settings import load_settings


@pytest.mark.parametrize("command", ["rotate-tenant", "rotate-root", "revoke", "audit"])
def test_every_command_explains_itself(command):
    asked = CliRunner().invoke(app, ["keys", command, "--help"])
    assert asked.exit_code == 0
    assert len(asked.output.splitlines()) > 5
    assert command in CliRunner().invoke(app, ["keys", "--help"]).output


def test_a_setting_that_cannot_be_read_is_named(monkeypatch):
    monkeypatch.setenv("SEALCAST_OTHER_ROOT_KEYS", "file:/run/secrets/old.key")
    load_settings.cache_clear()
    with pytest.raises(CommandFailed, match="other_root_keys"):
        settings_or_explain()


@pytest.mark.parametrize(
    "error", [NotFound("There is no such key."), KeyUnavailable("SEALCAST_ROOT_KEY_FILE is not set")]
)
def test_what_an_operator_can_mend_is_one_sentence(error, capsys):
    with pytest.raises(SystemExit) as ended, explain():
        raise error
    assert ended.value.code == 1
    assert str(error) in capsys.readouterr().err
