"""A session with a watermark goes on only while its player says that it shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack

MARK = [{"type": "rtext", "text": "viewer@example.test"}]
SHOWN = {"state": "shown", "checks": 9, "finding": None}
TAMPERED = {"state": "tampered", "checks": 0, "finding": "COVERED"}


async def open_marked(site: ApiSite, annotate: list[dict[str, str]]) -> tuple[Tenant, dict[str, Any]]:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    otp = await site.http.post(f"/api/videos/{video_id}/otp", json={"annotate": annotate}, headers=tenant.headers)
    redeemed = await site.http.post("/api/playback/redeem", json=otp.json())
    session: dict[str, Any] = redeemed.json()
    return tenant, session


async def beat(site: ApiSite, session: dict[str, Any], seconds: int, watermark: object = None) -> str | None:
    """The reason to stop, at so many seconds of the session."""
    site.clock.ahead = timedelta(seconds=seconds)
    body = {"position": seconds} | ({} if watermark is None else {"watermark": watermark})
    answer = await site.http.post(
        "/api/playback/heartbeat", json=body, headers={"Authorization": f"Bearer {session['token']}"}
    )
    assert answer.status_code == 200, answer.text
    reason: str | None = answer.json()["reason"]
    return reason


async def test_a_shown_watermark_goes_on(site: ApiSite) -> None:
    _, session = await open_marked(site, MARK)
    assert [await beat(site, session, seconds, SHOWN) for seconds in (0, 10, 3600)] == [None] * 3


@pytest.mark.parametrize("proof", [None, TAMPERED, SHOWN | {"checks": 0}], ids=["none", "tampered", "unlooked"])
async def test_without_its_proof_a_session_ends_after_the_grace(site: ApiSite, proof: dict[str, Any] | None) -> None:
    tenant, session = await open_marked(site, MARK)
    assert await beat(site, session, 0, SHOWN) is None
    assert [await beat(site, session, seconds, proof) for seconds in (10, 20, 30)] == [None] * 3
    assert await beat(site, session, 31, proof) == "WATERMARK_MISSING"
    assert await beat(site, session, 32, SHOWN) == "WATERMARK_MISSING"
    seen = await site.http.get(f"/v1/playback-sessions/{session['session_id']}", headers=tenant.headers)
    assert seen.json()["ended_reason"] == "WATERMARK_MISSING"
    licence = await site.http.post(session["licence_url"], json={"kids": ["A" * 22], "type": "temporary"})
    assert (licence.status_code, licence.json()["code"]) == (403, "SESSION_ENDED")


async def test_a_mark_that_comes_back_in_time_is_forgiven(site: ApiSite) -> None:
    _, session = await open_marked(site, MARK)
    said = [await beat(site, session, seconds, SHOWN if seconds % 20 else None) for seconds in range(0, 200, 10)]
    assert said == [None] * 20


@pytest.mark.parametrize("annotate", [[], [{"type": "hologram"}], [{"type": "rtext", "text": " "}]], ids=str)
async def test_where_there_is_nothing_to_show_nothing_is_asked(site: ApiSite, annotate: list[dict[str, str]]) -> None:
    _, session = await open_marked(site, annotate)
    assert [await beat(site, session, seconds) for seconds in (0, 60, 3600)] == [None] * 3


async def test_tampering_is_logged_without_what_the_mark_says(site: ApiSite) -> None:
    _, session = await open_marked(site, MARK)
    with capture_logs() as logs:
        await beat(site, session, 0, TAMPERED)
    [entry] = [entry for entry in logs if entry["event"] == "watermark tampered with"]
    assert (entry["log_level"], entry["finding"], entry["session"]) == ("warning", "COVERED", session["session_id"])
    assert "viewer@example.test" not in str(logs)


@pytest.mark.parametrize(
    "watermark",
    [7, {}, SHOWN | {"checks": -1}, SHOWN | {"checks": "9"}, SHOWN | {"state": "x"}, SHOWN | {"finding": "a\nb"}],
    ids=range(6),
)
async def test_what_is_no_report_is_refused(site: ApiSite, watermark: object) -> None:
    _, session = await open_marked(site, MARK)
    answer = await site.http.post(
        "/api/playback/heartbeat",
        json={"watermark": watermark},
        headers={"Authorization": f"Bearer {session['token']}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
