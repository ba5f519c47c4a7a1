"""A customer's own say at licence time."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.fixtures import widevine_messages
from tests.fixtures.licence_site import HARDWARE_SD, OFFLINE, LicenceSite, Viewing, clearkey_request, offline, refusal

pytestmark = pytest.mark.stack


async def set_callback(site: LicenceSite, viewing: Viewing, **body: Any) -> httpx.Response:
    payload = {"url": "https://customer.test/licence?secret=1"} | body
    return await site.site.http.put("/v1/licence-callback", json=payload, headers=viewing.tenant.headers)


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
        refusal(await licence_site.post(viewing, "clearkey", clearkey_request(viewing.published.kids)))[1]
        == "CALLBACK_REFUSED"
    )
    assert len(licence_site.google.requests) == issued

    assert (
        await licence_site.site.http.delete("/v1/licence-callback", headers=viewing.tenant.headers)
    ).status_code == 204
    assert (await licence_site.post(viewing, "widevine", body)).status_code == 200


async def test_a_customer_who_does_not_answer_stops_licences_unless_told_otherwise(licence_site: LicenceSite) -> None:
    viewing = await licence_site.viewing()
    await set_callback(licence_site, viewing)
    body = clearkey_request(viewing.published.kids)
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
    read = await licence_site.site.http.get("/v1/licence-callback", headers=other.tenant.headers)
    assert (read.status_code, read.json()["code"]) == (404, "NOT_FOUND")
    for url in ("http://customer.test/", "https://127.0.0.1/", "https://10.0.0.1/", "https://user:pw@customer.test/"):
        answer = await set_callback(licence_site, mine, url=url)
        assert (answer.status_code, set(answer.json()["fields"])) == (422, {"url"})
    kept = await licence_site.site.http.get("/v1/licence-callback", headers=mine.tenant.headers)
    assert kept.json()["url"] == "https://customer.test/licence?secret=1"


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
