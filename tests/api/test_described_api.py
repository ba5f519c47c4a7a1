"""The API against its own description: an independent client sends what it allows and what it does not."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.fixtures.api_site import ApiSite
from tests.fixtures.served_api import api_url

__all__ = ["api_url"]

pytestmark = [
    pytest.mark.stack,
    pytest.mark.campaign,
    pytest.mark.timeout(900),
]

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,use_after_free"
)
#: Streams of events never end by themselves.
ENDLESS = "/v1/videos/{video_id}/progress/events"


async def test_nothing_that_a_client_sends_breaks_what_the_description_says(
    site: ApiSite, api_url: str, tmp_path: Path
) -> None:
    tenant = await site.tenant()
    await site.published(tenant)
    (tmp_path / "schemathesis.toml").write_text(f'[headers]\nAuthorization = "Apisecret {tenant.secret}"\n')
    full = os.environ.get("SEALCAST_CAMPAIGN") == "full"
    phases = ("coverage,fuzzing,stateful", "200") if full else ("examples,fuzzing", "4")
    budget = ("--phases", phases[0], "--max-examples", phases[1])
    tool = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(tmp_path / "schemathesis.toml")),
        *("run", f"{api_url}/openapi.json", "--checks", CHECKS, "--exclude-path", ENDLESS),
        *("--generation-deterministic", "--no-color", "--continue-on-failure"),
        *budget,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    report, _ = await tool.communicate()
    assert tool.returncode == 0, report.decode()
