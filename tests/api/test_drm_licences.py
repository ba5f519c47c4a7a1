"""Widevine, FairPlay and PlayReady licences through the API, with strict doubles for whoever makes them."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures import playready_messages, widevine_messages
from tests.fixtures.fairplay_device import CERTIFICATE, FairPlayDevice
from tests.fixtures.licence_site import LicenceSite, Viewing

pytestmark = pytest.mark.stack

HARDWARE_SD = {"tracks": {"SD": {"securityLevel": "HW_ALL"}}}
OFFLINE = {"canPersist": True, "rentalDuration": 15 * 86_400, "offlineDevices": 1, "offlineDownloads": 2}


async def keys_of(site: LicenceSite, viewing: Viewing) -> dict[str, bytes]:
    async with site.site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.site.services.vault, viewing.published.target)
    return {key.kid: key.key for key in kept.values()}


async def sd_of(site: LicenceSite, viewing: Viewing) -> str:
    async with site.site.services.uow() as uow:
        records = await uow.keys.content_keys(viewing.published.target)
    return next(record.kid for record in records if record.label == "SD")


def clearkey(kids: tuple[str, ...]) -> bytes:
    return json.dumps(
        {"kids": [base64.urlsafe_b64encode(bytes.fromhex(kid)).rstrip(b"=").decode() for kid in kids]}
    ).encode()


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    problem = answer.json()
    return answer.status_code, problem["code"], problem["fields"].get("player_code", "")


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
            ("clearkey", clearkey(tuple(kids))),
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
    answer = await licence_site.post(viewing, "clearkey", clearkey(viewing.published.kids))
    sd = await sd_of(licence_site, viewing)
    got = {base64.urlsafe_b64decode(key["kid"] + "==").hex() for key in answer.json()["keys"]}
    assert got == set(viewing.published.kids) - {sd}
    over = await licence_site.viewing({"rentalDuration": 60}, of=viewing)
    licence_site.site.clock.ahead = timedelta(seconds=61)
    answer = await licence_site.post(over, "clearkey", clearkey(viewing.published.kids))
    assert refusal(answer) == (403, "LICENCE_WINDOW_OVER", "2023")


async def test_rules_that_cannot_be_followed_give_nothing(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing({"rentalDuration": "soon"})
    answer = await licence_site.post(viewing, "clearkey", clearkey(viewing.published.kids))
    assert refusal(answer) == (422, "LICENCE_RULES_INVALID", "2024")
    assert await licence_site.audit(viewing) == []


async def test_a_clearkey_licence_is_one_reading_and_one_writing(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    statements: list[str] = []
    engine = licence_site.site.services.uow()._session.get_bind()

    def count(*args: Any) -> None:
        statements.append(args[2].split()[0])

    event.listen(engine, "before_cursor_execute", count)
    answer = await licence_site.post(viewing, "clearkey", clearkey(viewing.published.kids))
    event.remove(engine, "before_cursor_execute", count)
    assert (answer.status_code, statements) == (200, ["SELECT", "INSERT"])


async def test_nobody_waits_for_a_service_with_a_database_connection(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing(OFFLINE | HARDWARE_SD)
    await set_callback(licence_site, viewing)
    pool = licence_site.site.services.uow()._session.get_bind().pool  # type: ignore[union-attr]
    held: list[int] = []
    answer, ask = licence_site.google.answer, licence_site.customer.post

    def answer_and_look(request: httpx.Request) -> httpx.Response:
        held.append(pool.checkedout())  # type: ignore[attr-defined]
        return answer(request)

    async def ask_and_look(*args: Any) -> tuple[int, bytes]:
        held.append(pool.checkedout())  # type: ignore[attr-defined]
        return await ask(*args)

    object.__setattr__(licence_site.google, "answer", answer_and_look)
    object.__setattr__(licence_site.customer, "post", ask_and_look)
    assert (await offline(licence_site, viewing)).status_code == 200
    assert held == [0, 0, 0]


# Offline


async def offline(site: LicenceSite, viewing: Viewing, salt: int = 0) -> httpx.Response:
    body = widevine_messages.challenge(list(viewing.published.kids), offline=True)
    return await site.post(viewing, "widevine", body + widevine_messages.number(9, salt))


async def test_offline_copies_are_counted_by_device_and_download(licence_site: LicenceSite) -> None:
    viewer = {"viewer_id": "viewer-1"}
    first = await licence_site.viewing(OFFLINE, **viewer)
    kept = await offline(licence_site, first)
    policy = json.loads(kept.content)["policy"]
    assert policy["can_persist"] is True
    assert 15 * 86_400 - 60 < policy["rental_duration_seconds"] <= 15 * 86_400
    assert (await offline(licence_site, first)).status_code == 200  # the same request again: a broken connection
    assert (await offline(licence_site, first, 2)).status_code == 200
    assert refusal(await offline(licence_site, first, 3)) == (403, "OFFLINE_DOWNLOADS_USED", "2024")
    answer = await licence_site.site.http.get(copies := copies_of(first), headers=first.tenant.headers)
    [copy] = answer.json()
    assert (copy["holder"], copy["device_id"], copy["downloads"]) == ("viewer-1", "53657269616c", 2)

    # Another device of the same viewer: no place, until the first one is taken off the ledger.
    serial = second_device(licence_site)
    second = await licence_site.viewing(OFFLINE, of=first, **viewer)
    assert refusal(await offline(licence_site, second)) == (403, "OFFLINE_DEVICES_FULL", "2024")
    removed = await licence_site.site.http.delete(f"{copies}/{copy['id']}", headers=first.tenant.headers)
    assert removed.status_code == 204
    assert (await offline(licence_site, second)).status_code == 200
    listed = (await licence_site.site.http.get(copies, headers=first.tenant.headers)).json()
    assert {item["device_id"]: item["released_at"] is None for item in listed} == {"53657269616c": False, serial: True}

    # And the device itself gives its copy back.
    released = await licence_site.post(second, "widevine", widevine_messages.renewal(release=True))
    assert released.content == b"released"
    listed = (await licence_site.site.http.get(copies, headers=first.tenant.headers)).json()
    assert all(item["released_at"] for item in listed)
    assert len([record for record in await licence_site.audit(first) if record.get("persistent")]) == 3


def copies_of(viewing: Viewing) -> str:
    return f"/api/videos/{viewing.published.target.video_id}/offline-licences"


def second_device(site: LicenceSite) -> str:
    """From now on the service reports another device."""
    reply = site.google._reply
    object.__setattr__(site.google, "_reply", lambda asked: reply(asked) | {"drm_cert_serial_number": "7365636f6e64"})
    return "7365636f6e64"


async def test_of_downloads_at_once_only_as_many_as_allowed_are_kept(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing(OFFLINE | {"offlineDownloads": 1}, viewer_id="viewer-1")
    answers = await asyncio.gather(*(offline(licence_site, viewing, salt) for salt in range(1, 6)))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403, 403]
    assert len(await licence_site.audit(viewing)) == 1


async def test_offline_use_is_for_those_who_may(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing({"rentalDuration": 86_400})
    assert refusal(await offline(licence_site, viewing)) == (403, "OFFLINE_NOT_ALLOWED", "2024")
    nameless = await licence_site.viewing(OFFLINE, of=viewing)
    body = playready_messages.challenge(list(viewing.published.kids))
    answer = await licence_site.post(nameless, "playready", body, persistent="true")
    assert refusal(answer) == (403, "OFFLINE_DEVICE_UNKNOWN", "2024")
    assert await licence_site.audit(nameless) == []
    named = await licence_site.viewing(OFFLINE, of=viewing, device_id="tv-1")
    answer = await licence_site.post(named, "playready", body, persistent="true")
    assert (answer.status_code, licence_site.playready.requests[-1][0]["persist"]) == (200, "true")


async def test_a_ledger_of_another_tenant_is_as_an_unknown_one(licence_site: LicenceSite) -> None:
    mine, other = await licence_site.viewing(OFFLINE), await licence_site.viewing()
    await offline(licence_site, mine)
    [copy] = (await licence_site.site.http.get(copies_of(mine), headers=mine.tenant.headers)).json()
    for place in (copies_of(mine), copies_of(other)):
        answer = await licence_site.site.http.delete(f"{place}/{copy['id']}", headers=other.tenant.headers)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such offline licence.")
    [kept] = (await licence_site.site.http.get(copies_of(mine), headers=mine.tenant.headers)).json()
    assert kept["released_at"] is None


# The customer's own say


async def set_callback(site: LicenceSite, viewing: Viewing, **body: Any) -> httpx.Response:
    payload = {"url": "https://customer.test/licence?secret=1"} | body
    return await site.site.http.put("/api/licence-callback", json=payload, headers=viewing.tenant.headers)


async def test_a_customer_may_refuse_and_narrow(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing({"licenseDuration": 600}, viewer_id="viewer-1")
    answer = await set_callback(licence_site, viewing)
    assert answer.json()["signing_key"] == licence_site.customer.key
    body = widevine_messages.challenge(list(viewing.published.kids))
    assert (await licence_site.post(viewing, "widevine", body)).status_code == 200
    [asked] = licence_site.customer.asked
    assert (asked["videoId"], asked["viewerId"]) == (viewing.published.target.video_id, "viewer-1")
    assert (asked["system"], asked["kind"], asked["persistent"]) == ("widevine", "new", False)

    licence_site.customer.body = json.dumps({"allow": True, "rules": {"licenseDuration": 60}}).encode()
    narrowed = await licence_site.post(viewing, "widevine", body)
    assert json.loads(narrowed.content)["policy"]["license_duration_seconds"] == 60
    licence_site.customer.body = json.dumps({"allow": True, "rules": {"licenseDuration": 6000}}).encode()
    not_widened = await licence_site.post(viewing, "widevine", body)
    assert json.loads(not_widened.content)["policy"]["license_duration_seconds"] == 600

    licence_site.customer.body = b'{"allow": false}'
    issued = len(licence_site.google.requests)
    assert refusal(await licence_site.post(viewing, "widevine", body)) == (403, "CALLBACK_REFUSED", "2028")
    assert (
        refusal(await licence_site.post(viewing, "clearkey", clearkey(viewing.published.kids)))[1] == "CALLBACK_REFUSED"
    )
    assert len(licence_site.google.requests) == issued

    assert (
        await licence_site.site.http.delete("/api/licence-callback", headers=viewing.tenant.headers)
    ).status_code == 204
    assert (await licence_site.post(viewing, "widevine", body)).status_code == 200


async def test_a_customer_who_does_not_answer_stops_licences_unless_told_otherwise(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    await set_callback(licence_site, viewing)
    body = clearkey(viewing.published.kids)
    licence_site.customer.reachable = False
    assert refusal(await licence_site.post(viewing, "clearkey", body)) == (503, "CALLBACK_FAILED", "2028")
    assert await licence_site.audit(viewing) == []
    assert (await set_callback(licence_site, viewing, fail_open=True)).json()["fail_open"] is True
    assert (await licence_site.post(viewing, "clearkey", body)).status_code == 200
    # An answer that is none is not silence: it never opens anything.
    licence_site.customer.reachable, licence_site.customer.body = True, b"<html>"
    assert refusal(await licence_site.post(viewing, "clearkey", body)) == (503, "CALLBACK_FAILED", "2028")


async def test_a_callback_belongs_to_its_organisation_and_its_address_is_checked(licence_site: LicenceSite) -> None:
    mine, other = await licence_site.viewing(), await licence_site.viewing()
    await set_callback(licence_site, mine)
    read = await licence_site.site.http.get("/api/licence-callback", headers=other.tenant.headers)
    assert (read.status_code, read.json()["code"]) == (404, "NOT_FOUND")
    for url in ("http://customer.test/", "https://127.0.0.1/", "https://10.0.0.1/", "https://user:pw@customer.test/"):
        answer = await set_callback(licence_site, mine, url=url)
        assert (answer.status_code, set(answer.json()["fields"])) == (422, {"url"})
    kept = await licence_site.site.http.get("/api/licence-callback", headers=mine.tenant.headers)
    assert kept.json()["url"] == "https://customer.test/licence?secret=1"
