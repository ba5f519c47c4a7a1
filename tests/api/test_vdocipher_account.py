"""The usage report, the operator's demo, and version 2 of the API."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.compatible_site import CompatibleSite
from tests.fixtures.otps import REDEEM

pytestmark = pytest.mark.stack


def configure(vdocipher: CompatibleSite, **settings: object) -> None:
    services = vdocipher.site.services
    vdocipher.site.app.state.services = replace(services, settings=services.settings.model_copy(update=settings))


async def test_the_usage_report_has_the_columns_that_were_chosen(vdocipher: CompatibleSite) -> None:
    await vdocipher.site.published(vdocipher.tenant)
    for columns, header in ((2, "video,bandwidth"), (4, "date,video,requests,bandwidth")):
        configure(vdocipher, usage_columns=columns)
        for slash in ("", "/"):
            answer = await vdocipher.call("POST", f"/account/video-usage{slash}", json={"date": "2026-01-01"})
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
            assert answer.text == header
    for wrong in ({}, {"date": "01.01.2026"}, {"date": "2026-02-30"}, {"date": 20260101}):
        answer = await vdocipher.call("POST", "/account/video-usage", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_INPUT")


async def test_the_demo_is_off_until_the_operator_names_a_video(vdocipher: CompatibleSite) -> None:
    http, path = vdocipher.site.http, "/api/site/homepage_video"
    video_id = (await vdocipher.site.published(vdocipher.tenant)).target.video_id
    for none in (None, uuid4().hex):
        configure(vdocipher, demo_video=none)
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["message"]) == (404, "Video not found")
    configure(vdocipher, demo_video=video_id)
    for slash in ("", "/"):
        issued = (await http.get(path + slash)).json()
        assert set(issued) == {"otp", "playbackInfo"}
        assert (await http.post(REDEEM, json=issued)).status_code == 200


async def ask(vdocipher: CompatibleSite, video_id: str, secret: str, slash: str = "", **more: str) -> httpx.Response:
    form = {"clientSecretKey": secret, **more}
    return await vdocipher.site.http.post(f"/v2/otp{slash}", params={"video": video_id}, data=form)


async def test_version_2_issues_otps_to_a_form(vdocipher: CompatibleSite) -> None:
    video_id = (await vdocipher.site.published(vdocipher.tenant)).target.video_id
    annotate = json.dumps([{"type": "rtext", "text": "for {name}", "alpha": "0.6"}])
    for slash in ("", "/"):
        issued = await ask(vdocipher, video_id, vdocipher.tenant.secret, slash, annotate=annotate, forcedBitrate="600")
        assert issued.status_code == 200
        assert set(issued.json()) == {"otp"}
        assert len(issued.json()["otp"]) == 64
    stranger = await vdocipher.site.tenant()
    for video, secret in ((video_id, stranger.secret), (uuid4().hex, stranger.secret), ("x", stranger.secret)):
        answer = await ask(vdocipher, video, secret)
        assert (answer.status_code, answer.json()) == (404, {"error": "No video found"})
    for secret in ("", "0" * 64):
        answer = await ask(vdocipher, video_id, secret)
        assert (answer.status_code, set(answer.json())) == (401, {"error"})
    waiting = await vdocipher.add()
    answer = await ask(vdocipher, waiting, vdocipher.tenant.secret)
    assert (answer.status_code, set(answer.json())) == (400, {"error"})
