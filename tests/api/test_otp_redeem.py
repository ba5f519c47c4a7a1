"""Redeeming an OTP: what a player gets, and everything that is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from core.adapters.geoip import MaxMindCountries
from core.domain.playback.session_policy import SessionPolicy, WhenFull
from core.services.playback.forget_otps import forget_otps
from core.services.playback.otp_secret import hash_of, new_otp
from core.services.playback.token import read_token
from tests.api.test_licences import ask
from tests.fixtures.api_site import ApiSite
from tests.fixtures.mmdb import write_countries
from tests.fixtures.otps import REDEEM, BrokenCountries, OtpSite
from tests.fixtures.published_video import OBJECTS

pytestmark = pytest.mark.stack

NONCE = "0123456789abcdef"


def refused(answer: httpx.Response, code: str, number: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (403, code), answer.text
    assert problem["fields"] == {"vdocipher_code": number}
    assert answer.headers["cache-control"] == "no-store"
    assert "token" not in answer.text


async def test_a_redeemed_otp_plays(otps: OtpSite) -> None:
    issued = await otps.issue(
        userId="u-1",
        annotate="[{'type':'rtext','text':'{name} {ip} {id} {other}','alpha':'0.60'}]",
        variables={"name": "Ann"},
        licenseRules='{"canPersist": false}',
        forcedBitrate="800",
        maxStreams=2,
        whenFull="newest_wins",
        maxDevices=3,
        bindIp=True,
    )
    answer = await otps.redeem(issued, at="198.51.100.7", device_id="device-1", nonce=NONCE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    watermark = [{"type": "rtext", "text": "Ann 198.51.100.7 u-1 {other}", "alpha": "0.60"}]
    assert body["watermark"] == watermark
    assert body["forced_bitrate"] == 800
    assert body["licence_urls"] == {"org.w3.clearkey": body["licence_url"]}
    bearer = {"Authorization": f"Bearer {body['token']}"}
    described = (await otps.site.http.get("/api/playback/session", headers=bearer)).json()
    assert {name: body[name] for name in described} == described
    assert (await otps.site.http.get(body["dash_url"].partition("?")[0])).content == OBJECTS["manifest.mpd"]
    same = {"User-Agent": "Test player", "X-Forwarded-For": "198.51.100.7"}
    assert (await ask(otps.site, body["token"], otps.published.kids, **same)).status_code == 200
    for changed in ({"User-Agent": "Other"}, {"X-Forwarded-For": "198.51.100.8"}):
        assert (await ask(otps.site, body["token"], otps.published.kids, **same | changed)).status_code == 403
    async with otps.site.services.uow() as uow:
        session = await uow.sessions.get(otps.tenant.organisation_id, body["session_id"])
    assert session is not None
    assert (session.viewer_id, session.device_id, session.user_agent) == ("u-1", "device-1", "Test player")
    assert str(session.ip_address) == "198.51.100.7"
    assert session.otp is not None
    assert session.otp not in issued["otp"]
    assert SessionPolicy.from_json(session.policy) == SessionPolicy(
        2, WhenFull.NEWEST_WINS, 3, 800, {"canPersist": False}, tuple(watermark), bind_ip=True
    )


async def test_a_lost_answer_can_be_asked_for_again(otps: OtpSite) -> None:
    issued = await otps.issue(uses=1, annotate=[{"type": "text", "text": "{time}"}])
    first = await otps.redeem(issued, nonce=NONCE)
    otps.site.clock.ahead = timedelta(seconds=50)
    assert (await otps.redeem(issued, nonce=NONCE)).json() == first.json()
    refused(await otps.redeem(issued, nonce="f" * 16), "OTP_USED", "2018")
    otps.site.clock.ahead = timedelta(seconds=62)
    refused(await otps.redeem(issued, nonce=NONCE), "OTP_USED", "2018")


async def test_an_otp_lasts_until_the_player_loads_and_the_session_longer(otps: OtpSite) -> None:
    issued = await otps.issue(ttl=2)
    body = (await otps.redeem(issued)).json()
    otps.site.clock.ahead = timedelta(seconds=3)
    refused(await otps.redeem(issued), "OTP_EXPIRED", "2013")
    assert (await otps.site.http.get(urlsplit(body["dash_url"]).path)).status_code == 200


async def test_foreign_unknown_and_malformed_otps_get_one_answer(otps: OtpSite) -> None:
    issued = await otps.issue()
    stranger = await otps.site.tenant()
    other = await otps.site.published(stranger)
    theirs = OtpSite(otps.site, stranger, other)
    foreign = await theirs.issue()
    secret = issued["otp"]
    attempts: list[dict[str, Any]] = [
        {"otp": new_otp(otps.tenant.organisation_id)},
        {"otp": new_otp(uuid4().hex)},
        {"otp": stranger.organisation_id + secret[32:]},
        {"otp": secret[:32] + foreign["otp"][32:]},
        {"playbackInfo": foreign["playbackInfo"]},
        {"otp": foreign["otp"]},
        {"otp": secret[:-1] + ("0" if secret[-1] != "0" else "1")},
        {"otp": "F" * 64},
        {"otp": secret + "0"},
        {"otp": secret[:-1]},
        {"otp": ""},
        {"otp": "\u0660" * 64},
        {"otp": "' OR 1=1 --"},
        {"otp": "../" * 21 + "x"},
        {"otp": "%00" * 20},
        {"playbackInfo": ""},
        {"playbackInfo": "e30="},
        {"playbackInfo": "not base64 \u00e9"},
        {"playbackInfo": "W1tbW1tbW1tbW1tb" * 30},
    ]
    answers = []
    for attempt in attempts:
        answer = await otps.redeem(issued, **attempt)
        refused(answer, "OTP_INVALID", "2018")
        answers.append({**answer.json(), "request_id": ""})
    assert all(answer == answers[0] for answer in answers)
    assert (await otps.redeem(issued)).status_code == 200
    assert (await theirs.redeem(foreign)).status_code == 200


NO_REQUESTS = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"otp": 7, "playbackInfo": "x"}',
    b'{"otp": "x", "playbackInfo": null}',
    b'{"otp": "x", "playbackInfo": "x", "nonce": "short"}',
    b'{"otp": "x", "playbackInfo": "x", "device_id": "a b"}',
    b'{"otp": "x", "playbackInfo": "x", "user_id": "me"}',
    b'{"otp": "a\\u0000b", "playbackInfo": "x"}',
    b'{"otp": "x", "playbackInfo": "x", "\\ud800": 1}',
    b'{"otp": "x", "playbackInfo": "x", "\\u0000": 1}',
    b'{"otp": "\\ud800", "playbackInfo": "x"}',
    b'{"otp": "' + b"x" * 201 + b'", "playbackInfo": "x"}',
    b"\xff\xfe",
]


async def test_bodies_that_are_none_are_refused(site: ApiSite) -> None:
    headers = {"Content-Type": "application/json"}
    for body in NO_REQUESTS:
        answer = await site.http.post(REDEEM, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT"), body[:40]
    many = b'{"otp": "x", ' + b", ".join(b'"%d": 1' % number for number in range(50_000)) + b"}"
    crowded = await site.http.post(REDEEM, content=many, headers=headers)
    assert (crowded.status_code, len(crowded.content) < 10_000) == (422, True)
    bottomless = await site.http.post(REDEEM, content=b"[" * 30_000, headers=headers)
    assert (bottomless.status_code, bottomless.json()["code"]) == (400, "BAD_REQUEST")
    endless = await site.http.post(REDEEM, content=b" " * (2**20 + 1), headers=headers)
    assert endless.status_code == 413


async def test_a_page_that_is_not_listed_is_refused(otps: OtpSite) -> None:
    issued = await otps.issue(whitelisthref='"example.com"')
    domains = await otps.issue(whitelisthref=["example.com"])
    for href in (
        None,
        "",
        "https://elsewhere.test/",
        "https://example.com@elsewhere.test/",
        "https://a.test\\@example.com",
    ):
        for each in (issued, domains):
            refused(await otps.redeem(each, href=href), "DOMAIN_NOT_ALLOWED", "2014")
    refused(await otps.redeem(domains, href="https://example.com.elsewhere.test/"), "DOMAIN_NOT_ALLOWED", "2014")
    for each in (issued, domains):
        assert (await otps.redeem(each, href="https://shop.example.com/page?x=1")).status_code == 200


async def test_a_place_that_is_not_allowed_is_refused(otps: OtpSite, tmp_path: Path) -> None:
    networks = {"198.51.100.0/24": "DE", "203.0.113.9/32": "IN", "2001:db8::/32": "DE"}
    countries = MaxMindCountries.open(write_countries(tmp_path / "countries.mmdb", networks))
    otps.configure(countries=countries, proxies=["127.0.0.0/8"])
    geo = await otps.issue(ipGeo={"allow": ["DE", "192.0.2.0/24"], "except": ["2001:db8::/32"]})
    ordered = await otps.issue(ipGeoRules='[{"actions": false}, {"action": "true", "countrySet": ["IN"]}]')
    for at in ("198.51.100.7", "192.0.2.5", "::ffff:192.0.2.5"):
        assert (await otps.redeem(geo, at=at)).status_code == 200, at
    for at in ("203.0.113.9", "2001:db8::1", "203.0.113.10", "unknown", "192.0.2.5, 203.0.113.9"):
        refused(await otps.redeem(geo, at=at), "LOCATION_NOT_ALLOWED", "2015")
    assert (await otps.redeem(ordered, at="203.0.113.9")).status_code == 200
    refused(await otps.redeem(ordered, at="198.51.100.7"), "LOCATION_NOT_ALLOWED", "2015")
    otps.configure(countries=BrokenCountries(), proxies=["127.0.0.0/8"])
    refused(await otps.redeem(geo, at="198.51.100.7"), "GEOIP_UNAVAILABLE", "2015")
    assert (await otps.redeem(geo, at="192.0.2.5")).status_code == 200
    otps.configure(countries=None, proxies=["127.0.0.0/8"])
    refused(await otps.redeem(ordered, at="203.0.113.9"), "GEOIP_UNAVAILABLE", "2015")


async def test_who_is_no_trusted_proxy_cannot_say_where_a_viewer_is(otps: OtpSite) -> None:
    issued = await otps.issue(ipGeo={"allow": ["192.0.2.0/24"]})
    assert (await otps.redeem(issued, at="192.0.2.5")).status_code == 200
    otps.configure(proxies=["10.0.0.0/8"])
    refused(await otps.redeem(issued, at="192.0.2.5"), "LOCATION_NOT_ALLOWED", "2015")


async def test_a_limit_on_devices_wants_a_device(otps: OtpSite) -> None:
    issued = await otps.issue(userId="u", maxDevices=1)
    refused(await otps.redeem(issued), "DEVICE_UNKNOWN", "2018")
    assert (await otps.redeem(issued, device_id="d")).status_code == 200


async def test_a_viewer_has_as_many_streams_as_the_otp_allows(otps: OtpSite) -> None:
    issued = await otps.issue(userId="u", maxStreams=1, uses=2)
    assert (await otps.redeem(issued)).status_code == 200
    second = await otps.redeem(issued)
    assert (second.status_code, second.json()["code"]) == (403, "TOO_MANY_STREAMS")
    newest = await otps.issue(userId="u", maxStreams=1, whenFull="newest_wins")
    assert (await otps.redeem(newest)).status_code == 200


async def test_a_refusal_takes_no_use(otps: OtpSite) -> None:
    issued = await otps.issue(uses=1, whitelisthref="example.com")
    refused(await otps.redeem(issued, href="https://elsewhere.test/"), "DOMAIN_NOT_ALLOWED", "2014")
    assert (await otps.redeem(issued, href="https://example.com/")).status_code == 200


async def test_a_deleted_video_is_not_found(otps: OtpSite) -> None:
    issued = await otps.issue()
    await otps.site.http.delete(f"/v1/videos/{otps.video_id}", headers=otps.tenant.headers)
    answer = await otps.redeem(issued)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_policy_that_cannot_be_read_any_more_opens_nothing(otps: OtpSite) -> None:
    issued = await otps.issue()
    async with otps.site.services.uow() as uow:
        row = await uow.otps.by_hash(otps.tenant.organisation_id, hash_of(issued["otp"]))
        assert row is not None
        row.policy = {"ipGeo": "damaged"}
        await uow.commit()
    refused(await otps.redeem(issued), "OTP_INVALID", "2018")


async def test_attempts_are_logged_without_the_otp_or_the_viewer(otps: OtpSite, log_file: Path) -> None:
    issued = await otps.issue(uses=1, userId="canary-viewer")
    wrong = new_otp(otps.tenant.organisation_id)
    await otps.redeem({**issued, "otp": wrong}, at="198.51.100.7", device_id="canary-device")
    await otps.redeem({**issued, "otp": "canary-malformed"})
    token = (await otps.redeem(issued, nonce="canary-nonce-canary")).json()["token"]
    await otps.redeem(issued, href="https://canary.test/")
    log = log_file.read_text()
    for secret in (issued["otp"], wrong, "canary", "198.51.100.7", token):
        assert secret not in log
    attempts = [line for line in map(json.loads, log.splitlines()) if line["event"] == "otp refused"]
    assert [line["code"] for line in attempts] == ["OTP_INVALID", "OTP_INVALID", "OTP_USED"]
    assert attempts[2]["video"] == otps.video_id
    assert all(line["request_id"] for line in attempts)


async def test_the_token_is_one_of_a_playback_session(otps: OtpSite) -> None:
    body = (await otps.redeem(await otps.issue())).json()
    claims = read_token(otps.site.services.signing_keys.token, body["token"], otps.site.clock.now())
    assert claims.target == otps.published.target
    assert claims.session_id == body["session_id"]
    as_key = {"Authorization": f"Bearer {(await otps.issue())['otp']}"}
    assert (await otps.site.http.get("/api/playback/session", headers=as_key)).status_code == 401


async def test_otps_are_forgotten_a_month_after_their_end_and_their_sessions_stay(otps: OtpSite) -> None:
    uow, now = otps.site.services.uow, otps.site.clock.now()
    short, long = await otps.issue(ttl=60), await otps.issue(ttl=10**9)
    opened = (await otps.redeem(short)).json()

    async def known() -> list[bool]:
        async with uow() as reading:
            return [
                await reading.otps.by_hash(otps.tenant.organisation_id, hash_of(issued["otp"])) is not None
                for issued in (short, long)
            ]

    await forget_otps(uow, now + timedelta(days=29))
    assert await known() == [True, True]
    assert await forget_otps(uow, now + timedelta(days=31)) >= 1
    assert await known() == [False, True]
    refused(await otps.redeem(short), "OTP_INVALID", "2018")
    assert (await otps.site.http.get(urlsplit(opened["dash_url"]).path)).status_code == 200
