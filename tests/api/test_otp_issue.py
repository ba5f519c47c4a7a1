"""`POST /api/videos/{id}/otp`, as VdoCipher's clients call it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.app import create_app
from core.db.models import Otp
from core.ports import CountriesUnavailable
from core.services.playback.otp_secret import hash_of
from tests.fixtures.otps import BrokenCountries, OtpSite
from tests.fixtures.published_video import queue_version

pytestmark = pytest.mark.stack


async def stored(otps: OtpSite, otp: str) -> Otp:
    async with otps.site.services.uow() as uow:
        found = await uow.otps.by_hash(otps.tenant.organisation_id, hash_of(otp))
    assert found is not None
    return found


BODIES = [
    (b"", None),
    (b"{}", "application/json"),
    (b"{}", None),
    (b"{}", "text/plain"),
    (b"{}", "application/x-www-form-urlencoded"),
    (b"[]", "application/json"),
    (b'{"ttl": "300"}', "application/json; charset=utf-8"),
]

HOSTILE = [
    b"[1]",
    b"{",
    b"\xff",
    b"[" * 30_000,
    b'{"ttl": ' + b"9" * 5000 + b"}",
    b'{"userId": "\\ud800"}',
    b'{"annotate": "' + b"[" * 30_000 + b'"}',
    b'{"ipGeoRules": "' + b"{'action':" * 3_000 + b'"}',
]


async def test_an_otp_has_vdociphers_form_whatever_the_content_type(otps: OtpSite) -> None:
    for content, kind in BODIES:
        headers = {**otps.tenant.headers, **({} if kind is None else {"Content-Type": kind})}
        for slash in ("", "/"):
            route = f"/api/videos/{otps.video_id}/otp{slash}"
            answer = await otps.site.http.post(route, content=content, headers=headers)
            assert answer.status_code == 200, answer.text
            assert answer.headers["cache-control"] == "no-store"
            body = answer.json()
            assert set(body) == {"otp", "playbackInfo"}
            assert len(body["otp"]) == 64
            assert json.loads(base64.b64decode(body["playbackInfo"])) == {"videoId": otps.video_id}


async def test_only_a_hash_of_it_is_kept(otps: OtpSite) -> None:
    issued = await otps.issue(ttl=600, uses=2, userId="u-1", watermark={"ignored": True})
    row = await stored(otps, issued["otp"])
    assert (row.expires_at - row.created_at).total_seconds() == 600
    assert row.uses_left == 2
    assert row.policy == {"ttl": 600, "uses": 2, "userId": "u-1", "whenFull": "oldest_wins"}
    assert issued["otp"] not in repr(row)
    assert issued["otp"] not in json.dumps(row.policy) + row.otp_hash


async def test_thirty_years_are_a_lifetime(otps: OtpSite) -> None:
    row = await stored(otps, (await otps.issue(ttl=946_080_000))["otp"])
    assert row.expires_at.year == row.created_at.year + 29 or row.expires_at.year == row.created_at.year + 30


async def test_who_has_no_key_reads_it_in_the_message(otps: OtpSite) -> None:
    garbled = "Bad formatting of Authorization header"
    for authorization, message in (
        (None, garbled),
        ("Bearer x.y.z", garbled),
        ("Apisecret", garbled),
        ("Apisecret " + "f" * 64, "The API key is not valid."),
    ):
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = await otps.site.http.post(f"/api/videos/{otps.video_id}/otp", headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (401, message)


async def test_foreign_unknown_and_impossible_videos_get_one_answer(otps: OtpSite) -> None:
    stranger = await otps.site.tenant()
    answers = [await otps.ask(headers=stranger.headers)]
    answers += [await otps.ask(video_id) for video_id in (uuid4().hex, "x", "A" * 32, "0" * 31 + "%00")]
    for answer in answers:
        assert (answer.status_code, answer.json()) == (404, {"message": "Video not found", "code": "NOT_FOUND"})


async def test_a_video_that_cannot_be_played_yet_is_refused_with_a_message(otps: OtpSite) -> None:
    services = otps.site.services
    waiting = await queue_version(services.uow, services.storage, otps.tenant.organisation_id)
    answer = await otps.ask(waiting.video_id)
    assert (answer.status_code, answer.json()["code"]) == (400, "NOT_READY")
    assert "queued" in answer.json()["message"]


async def test_a_deleted_video_is_not_found(otps: OtpSite) -> None:
    await otps.site.http.delete(f"/v1/videos/{otps.video_id}", headers=otps.tenant.headers)
    assert (await otps.ask()).status_code == 404


async def test_a_wrong_field_is_named_in_the_message(otps: OtpSite) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"ttl": 0}, "ttl"),
        ({"userId": "no spaces"}, "userId"),
        ({"ipGeo": {"allow": ["XX"]}}, "ipGeo.allow[0]"),
        ({"whitelisthref": "("}, "whitelisthref"),
        ({"annotate": "[{'type':"}, "annotate"),
        ({"licenseRules": "\u0000"}, "licenseRules"),
        ({"variables": {"ip": "127.0.0.1"}}, "variables.ip"),
    ]
    for fields, field in wrong:
        answer = await otps.ask(json=fields)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_INPUT")
        assert answer.json()["message"].startswith(f"{field}: ")


async def test_hostile_bodies_are_refused_with_a_message(otps: OtpSite) -> None:
    for content in HOSTILE:
        answer = await otps.ask(content=content)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_INPUT"), content[:20]


async def test_a_body_above_the_limit_is_cut_off(otps: OtpSite) -> None:
    answer = await otps.ask(content=b" " * 70_000)
    assert answer.status_code == 413
    assert "message" in answer.json()


async def test_a_rule_on_countries_needs_a_database(otps: OtpSite) -> None:
    rules = {"ipGeo": {"allow": ["DE"]}}
    refused = await otps.ask(json=rules)
    assert (refused.status_code, refused.json()["code"]) == (400, "GEOIP_UNAVAILABLE")
    assert "SEALCAST_GEOIP_DATABASE" in refused.json()["message"]
    otps.configure(countries=BrokenCountries())
    assert (await otps.ask(json=rules)).status_code == 200


async def test_an_api_whose_database_of_countries_cannot_be_read_does_not_start(otps: OtpSite, tmp_path: Path) -> None:
    settings = otps.site.services.settings.model_copy(update={"geoip_database": tmp_path / "none.mmdb"})
    with pytest.raises(CountriesUnavailable):
        create_app(settings, gateway=otps.site.gateway)
