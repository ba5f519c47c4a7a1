"""Secrets in log events, by field and by shape."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from core.log_redaction import HIDDEN, redact
from core.logging import configure_logging


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield tmp_path / "logs" / "log"
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = before, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Apisecret canary0123456789",
        "bearer canary.canary.canary",
        "eyJhbGciOiJIUzI1NiJ9.canarypayload.canarysig",
        "PUT http://s3/b/k?partNumber=1&X-Amz-Credential=canary%2F2026&X-Amz-Signature=canary",
        "POST https://pr/rightsmanager.asmx?cfg=(kid:0,contentkey:canary==,sl:2000)",
        "POST https://pr/rightsmanager.asmx?cfg=%28kid%3A0%2Ccontentkey%3Acanary%3D%3D",
        "GET /media/" + "canary" * 20 + "/video/1.m4s",
        "postgresql://user:canary@db/sealcast",
    ],
)
def test_a_secret_in_a_text_is_hidden_by_its_shape(text: str) -> None:
    shown = redact(text)
    assert "canary" not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize("field", ["token", "secret_key", "password", "Authorization", "wrapped_key", "otp", "key"])
def test_a_secret_is_hidden_by_its_field_at_any_depth(field: str) -> None:
    assert "canary" not in str(redact({"outer": [{field: "canary"}]}))


def test_bytes_are_never_shown_and_harmless_things_stay() -> None:
    assert redact(b"canary") == "[6 bytes]"
    event = {"video_id": "0" * 32, "ms": 1.5, "route": "/media/{token}/{path:path}", "none": None}
    assert redact(event) == event


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_our_events_and_those_of_libraries_go_through_the_same_net(log_file: Path, log_format: str) -> None:
    configure_logging(log_format, file=log_file)  # type: ignore[arg-type]
    structlog.get_logger("ours").info("hello", token="canary", url="http://u:canary@h/")
    logging.getLogger("library").warning("Bearer %s", "canary-token", extra={"secret": "canary"})
    try:
        int("Apisecret canary")
    except ValueError:
        structlog.get_logger("ours").exception("failed")
    text = log_file.read_text()
    assert "canary" not in text
    assert "Traceback" in text
    assert "hello" in text


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_text_from_outside_cannot_forge_a_line(log_file: Path, log_format: str) -> None:
    configure_logging(log_format, file=log_file)  # type: ignore[arg-type]
    structlog.get_logger("ours").info("upload", filename='x\r\n{"event": "forged"}\x1b[31m')
    lines = log_file.read_text().splitlines()
    assert len(lines) == 1
    assert "forged" in lines[0]
    assert "\x1b[31m" not in lines[0]
    if log_format == "json":
        assert json.loads(lines[0])["event"] == "upload"
