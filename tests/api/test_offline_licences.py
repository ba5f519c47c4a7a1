"""The ledger of licences that devices keep."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.fixtures import playready_messages, widevine_messages
from tests.fixtures.licence_site import OFFLINE, LicenceSite, Viewing, offline, refusal

pytestmark = pytest.mark.stack


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
    return f"/v1/videos/{viewing.published.target.video_id}/offline-licences"


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
