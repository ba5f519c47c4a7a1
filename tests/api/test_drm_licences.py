"""Widevine, FairPlay and PlayReady licences through the API, with strict doubles for whoever makes them."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from core.request_id import current_request_id
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures import playready_messages, widevine_messages
from tests.fixtures.fairplay_device import CERTIFICATE, FairPlayDevice
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.licence_site import HARDWARE_SD, LicenceSite, Viewing, clearkey_request, refusal

pytestmark = pytest.mark.stack


async def keys_of(site: LicenceSite, viewing: Viewing) -> dict[str, bytes]:
    async with site.site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.site.services.vault, viewing.published.target, TEST_USE)
    return {key.kid: key.key for key in kept.values()}


async def sd_of(site: LicenceSite, viewing: Viewing) -> str:
    async with site.site.services.uow() as uow:
        records = await uow.keys.content_keys(viewing.published.target)
    return next(record.kid for record in records if record.label == "SD")


# Widevine


async def test_a_widevine_licence_holds_the_sessions_keys_and_is_recorded(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing({"licenseDuration": 600})
    foreign = "f" * 32
    body = widevine_messages.challenge([*viewing.published.kids, foreign])
    answer = await licence_site.post(viewing, "widevine", body)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert answer.headers["cache-control"] == "no-store"
    licence = json.loads(answer.content)
    keys = await keys_of(licence_site, viewing)
    assert licence["keys"] == {kid: key.hex() for kid, key in keys.items()}
    assert licence["policy"]["license_duration_seconds"] == 600
    [record] = await licence_site.audit(viewing)
    assert (record["system"], set(record["kids"]), record["kind"]) == ("widevine", set(keys), "new")
    assert (record["device"], record["model"]) == ("53657269616c", "Acme Player 9")
    assert licence_site.google.refusals == []


async def test_the_certificate_is_forwarded_and_needs_no_record(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    answer = await licence_site.post(viewing, "widevine", widevine_messages.SERVICE_CERTIFICATE_REQUEST)
    assert answer.content == b"certificate of the service"
    assert await licence_site.audit(viewing) == []


async def test_a_policy_about_devices_asks_for_the_level_first(licence_site: LicenceSite) -> None:
    licence_site.google.level = 3
    viewing = await licence_site.viewing(HARDWARE_SD)
    answer = await licence_site.post(viewing, "widevine", widevine_messages.challenge(list(viewing.published.kids)))
    sd = await sd_of(licence_site, viewing)
    assert set(json.loads(answer.content)["keys"]) == set(viewing.published.kids) - {sd}
    assert [request.get("parse_only", False) for request in licence_site.google.requests] == [True, False]
    [record] = await licence_site.audit(viewing)
    assert sd not in record["kids"]
    only_sd = await licence_site.post(viewing, "widevine", widevine_messages.challenge([sd]))
    assert refusal(only_sd) == (403, "DEVICE_REFUSED", "2021")


async def test_a_renewal_is_refused_once_the_session_has_ended(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing({"renewalInterval": 30})
    renewed = await licence_site.post(viewing, "widevine", widevine_messages.renewal())
    policy = json.loads(renewed.content)["policy"]
    assert (policy["can_renew"], policy["renewal_delay_seconds"], policy["license_duration_seconds"]) == (True, 30, 60)
    async with licence_site.site.services.uow() as uow:
        session = await uow.sessions.get(viewing.tenant.organisation_id, viewing.session_id)
        assert session is not None
        session.ended_at = licence_site.site.clock.now()
        await uow.commit()
    asked = len(licence_site.google.requests)
    ended = await licence_site.post(viewing, "widevine", widevine_messages.renewal())
    assert refusal(ended) == (403, "SESSION_ENDED", "2023")
    assert len(licence_site.google.requests) == asked
    assert [record["kind"] for record in await licence_site.audit(viewing)] == ["renewal"]


async def test_a_service_that_fails_leaves_no_record(licence_site: LicenceSite) -> None:
    def broken(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("no")

    viewing = await licence_site.viewing()
    body = widevine_messages.challenge(list(viewing.published.kids))
    licence_site.google.trouble = [broken]
    failed = await licence_site.post(viewing, "widevine", body)
    assert refusal(failed) == (503, "LICENCE_SERVICE_FAILED", "2022")
    assert failed.headers["retry-after"]
    licence_site.google.status = "ACCESS_DENIED"
    assert refusal(await licence_site.post(viewing, "widevine", body)) == (403, "LICENCE_DENIED", "2021")
    assert await licence_site.audit(viewing) == []


# FairPlay


async def test_fairplay_answers_in_the_encoding_of_the_question(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    keys, kid = await keys_of(licence_site, viewing), viewing.published.kids[0]
    device = FairPlayDevice(licence_site.rsa, f"skd://{kid}".encode())
    text = base64.b64encode(device.spc())
    raw = await licence_site.post(viewing, "fairplay", device.spc())
    form = await licence_site.post(viewing, "fairplay", b"spc=" + text)
    as_json = await licence_site.post(viewing, "fairplay", json.dumps({"spc": text.decode()}).encode())
    for ckc in (raw.content, base64.b64decode(form.content), base64.b64decode(as_json.json()["ckc"])):
        assert device.content_key(ckc)[1] == keys[kid]
    assert [record["kids"] for record in await licence_site.audit(viewing)] == [[kid]] * 3


async def test_the_fairplay_certificate_is_public(licence_site: LicenceSite) -> None:
    answer = await licence_site.site.http.get("/api/licences/fairplay/certificate")
    assert (answer.content, answer.headers["content-type"]) == (CERTIFICATE, "application/pkix-cert")


async def test_fairplay_is_credited_with_what_the_operator_says(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing(HARDWARE_SD)
    device = FairPlayDevice(licence_site.rsa, (await sd_of(licence_site, viewing)).encode())
    assert refusal(await licence_site.post(viewing, "fairplay", device.spc())) == (403, "DEVICE_REFUSED", "2021")
    device.asset = b"f" * 32
    assert refusal(await licence_site.post(viewing, "fairplay", device.spc())) == (403, "KEYS_REFUSED", "2027")


# PlayReady


async def test_playready_gets_one_licence_a_key(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing({"tracks": {"SD": {"hdcp": "2.2", "securityLevel": 5}}})
    body = playready_messages.challenge(list(viewing.published.kids))
    answer = await licence_site.post(viewing, "playready", body)
    assert answer.status_code == 200
    [licences] = licence_site.playready.requests
    keys, sd = await keys_of(licence_site, viewing), await sd_of(licence_site, viewing)
    assert {item["kid"]: base64.b64decode(item["contentkey"]) for item in licences} == keys
    assert {item["sl"] for item in licences if item["kid"] == sd} == {"3000"}
    assert [record["system"] for record in await licence_site.audit(viewing)] == ["playready"]


# What every system shares


GARBAGE = [
    ("widevine", b""),
    ("widevine", b"\0" * 100),
    ("widevine", b'{"kids":[]}'),
    ("widevine", widevine_messages.challenge(["0" * 32])[:-1]),
    ("fairplay", b""),
    ("fairplay", b"\0" * 300),
    ("fairplay", b"spc=AAAA"),
    ("playready", b"<x/>"),
    ("playready", playready_messages.challenge(["0" * 32], prolog='<!DOCTYPE x [<!ENTITY a "b">]>')),
]


async def test_garbage_is_refused_by_code(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    for system, body in GARBAGE:
        answer = await licence_site.post(viewing, system, body)
        assert refusal(answer) == (422, "CHALLENGE_INVALID", "2011"), (system, body[:20])
    assert await licence_site.audit(viewing) == []


async def test_challenges_of_a_megabyte_are_cut_off(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    for system in ("widevine", "fairplay", "playready", "clearkey"):
        answer = await licence_site.post(viewing, system, b"\0" * 1_000_000)
        assert refusal(answer) == (413, "CHALLENGE_TOO_LARGE", "2011")


async def test_keys_and_sessions_of_another_tenant_are_as_unknown_ones(licence_site: LicenceSite) -> None:
    mine, other = await licence_site.viewing(), await licence_site.viewing()
    for kids in (list(other.published.kids), ["f" * 32]):
        for system, body in (
            ("widevine", widevine_messages.challenge(kids)),
            ("playready", playready_messages.challenge(kids)),
            ("fairplay", FairPlayDevice(licence_site.rsa, kids[0].encode()).spc()),
            ("clearkey", clearkey_request(tuple(kids))),
        ):
            assert refusal(await licence_site.post(mine, system, body)) == (403, "KEYS_REFUSED", "2027"), system
    assert licence_site.google.requests == licence_site.playready.requests == []
    headers = {"Authorization": f"Bearer {mine.token[:-4]}AAAA"}
    forged = await licence_site.site.http.post("/api/licences/widevine", content=b"", headers=headers)
    assert refusal(forged) == (401, "UNAUTHENTICATED", "2018")


async def test_systems_that_are_not_configured_say_so(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    object.__setattr__(licence_site.site.app.state.services, "licence_backends", {})
    for system, body in (
        ("widevine", widevine_messages.SERVICE_CERTIFICATE_REQUEST),
        ("fairplay", b"\0" * 200),
        ("playready", playready_messages.challenge(["0" * 32])),
    ):
        assert refusal(await licence_site.post(viewing, system, body)) == (404, "SYSTEM_UNSUPPORTED", "2012")


async def test_clearkey_obeys_the_policy_too(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing(HARDWARE_SD)
    answer = await licence_site.post(viewing, "clearkey", clearkey_request(viewing.published.kids))
    sd = await sd_of(licence_site, viewing)
    got = {base64.urlsafe_b64decode(key["kid"] + "==").hex() for key in answer.json()["keys"]}
    assert got == set(viewing.published.kids) - {sd}
    over = await licence_site.viewing({"rentalDuration": 60}, of=viewing)
    licence_site.site.clock.ahead = timedelta(seconds=61)
    answer = await licence_site.post(over, "clearkey", clearkey_request(viewing.published.kids))
    assert refusal(answer) == (403, "LICENCE_WINDOW_OVER", "2023")


async def test_rules_that_cannot_be_followed_give_nothing(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing({"rentalDuration": "soon"})
    answer = await licence_site.post(viewing, "clearkey", clearkey_request(viewing.published.kids))
    assert refusal(answer) == (422, "LICENCE_RULES_INVALID", "2024")
    assert await licence_site.audit(viewing) == []


async def test_a_clearkey_licence_is_one_reading_and_a_writing_that_others_share(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    statements: list[str] = []
    engine = licence_site.site.services.uow()._session.get_bind()

    def count(*args: Any) -> None:
        if current_request_id():  # not what the process asks now and then for itself
            statements.append(args[2].split()[0])

    event.listen(engine, "before_cursor_execute", count)
    answer = await licence_site.post(viewing, "clearkey", clearkey_request(viewing.published.kids))
    event.remove(engine, "before_cursor_execute", count)
    # The writing inserts the record and, for those who listen, the event.
    assert (answer.status_code, statements) == (200, ["SELECT", "INSERT", "INSERT"])
