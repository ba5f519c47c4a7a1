"""Endpoints, deliveries and VdoCipher's hooks over REST."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import jsonschema_rs
import pytest

from core.services.webhooks.relay_events import BATCH, relay_events
from tests.fixtures.api_site import ApiSite, Tenant
from tests.fixtures.licence_site import clearkey_request
from tests.fixtures.published_video import publish, queue_version

pytestmark = pytest.mark.stack

URL = "https://customer.test/webhooks?token=x"


async def call(site: ApiSite, tenant: Tenant, method: str, path: str, expected: int, /, **body: Any) -> Any:
    answer = await site.http.request(method, path, headers=tenant.headers, **({"json": body} if body else {}))
    assert answer.status_code == expected, answer.text
    return answer.json() if answer.content else None


async def relay(site: ApiSite) -> None:
    """All there is to do: tests before this one may have left something."""
    while await relay_events(site.services.uow, site.gateway, site.clock.now()) == BATCH:
        pass


async def test_an_endpoint_shows_its_secret_once(site: ApiSite) -> None:
    tenant = await site.tenant()
    answer = await site.http.post("/v1/webhook-endpoints", json={"url": URL}, headers=tenant.headers)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert made["secret"].startswith("whsec_")
    assert (made["status"], made["events"], made["kind"]) == ("active", [], "standard")
    read = await call(site, tenant, "GET", f"/v1/webhook-endpoints/{made['id']}", 200)
    assert read == {name: value for name, value in made.items() if name != "secret"}
    assert await call(site, tenant, "GET", "/v1/webhook-endpoints", 200) == [read]
    async with site.services.uow() as uow:
        [(secret, _)] = await uow.webhook_endpoints.secrets(tenant.organisation_id, made["id"], site.clock.now())
    assert made["secret"].removeprefix("whsec_").encode() not in secret.wrapped_secret
    await call(site, tenant, "DELETE", f"/v1/webhook-endpoints/{made['id']}", 204)
    await call(site, tenant, "GET", f"/v1/webhook-endpoints/{made['id']}", 404)


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://127.0.0.1/"},
        {"url": "https://169.254.169.254/latest/meta-data"},
        {"url": "http://2130706433/"},
        {"url": "https://[::ffff:10.0.0.1]/"},
        {"url": "https://user:secret@customer.test/"},
        {"url": "file:///etc/passwd"},
        {"url": "https://customer.test:6379/"},
        {"url": "https://customer.test/\r\nHost: x"},
        {"url": ""},
        {"url": 7},
        {},
        {"url": URL, "events": ["video.unknown"]},
        {"url": URL, "rate_per_second": 0},
        {"url": URL, "max_in_flight": 10**30},
        {"url": URL, "description": "\0"},
        {"url": URL, "unknown": 1},
    ],
    ids=json.dumps,
)
async def test_what_cannot_be_called_is_refused(site: ApiSite, body: dict[str, Any]) -> None:
    tenant = await site.tenant()
    answer = await site.http.post("/v1/webhook-endpoints", json=body, headers=tenant.headers)
    assert answer.status_code == 422
    assert "secret" not in answer.text


async def test_an_endpoint_is_changed_disabled_and_enabled(site: ApiSite) -> None:
    tenant = await site.tenant()
    made = await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL)
    path = f"/v1/webhook-endpoints/{made['id']}"
    changed = await call(
        site, tenant, "PATCH", path, 200, events=["video.ready", "video.failed", "video.ready"], rate_per_second=3
    )
    assert (changed["events"], changed["rate_per_second"], changed["url"]) == (["video.failed", "video.ready"], 3, URL)
    off = await call(site, tenant, "PATCH", path, 200, enabled=False)
    assert (off["status"], off["disabled_reason"]) == ("disabled", "OWNER")
    assert (await call(site, tenant, "POST", f"{path}/test", 409))["code"] == "ENDPOINT_DISABLED"
    on = await call(site, tenant, "POST", f"{path}/enable", 200)
    assert (on["status"], on["disabled_reason"], on["disabled_at"]) == ("active", None, None)
    await call(site, tenant, "PATCH", path, 422, url="http://10.0.0.1/")


async def test_a_rotation_shows_another_secret(site: ApiSite) -> None:
    tenant = await site.tenant()
    made = await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL)
    path = f"/v1/webhook-endpoints/{made['id']}/rotate-secret"
    rotated = await call(site, tenant, "POST", path, 200, overlap_seconds=60)
    assert rotated["secret"] != made["secret"]
    async with site.services.uow() as uow:
        for ahead, signing in ((0, 2), (61, 1)):
            at = site.clock.now() + timedelta(seconds=ahead)
            assert len(await uow.webhook_endpoints.secrets(tenant.organisation_id, made["id"], at)) == signing
    await call(site, tenant, "POST", path, 422, overlap_seconds=10**9)


async def test_there_is_a_limit_of_endpoints(site: ApiSite) -> None:
    tenant = await site.tenant()
    for _ in range(20):
        await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL)
    assert (await call(site, tenant, "POST", "/v1/webhook-endpoints", 409, url=URL))["code"] == "TOO_MANY_ENDPOINTS"


async def test_a_test_event_is_logged_and_can_be_replayed_once_it_has_ended(site: ApiSite) -> None:
    tenant = await site.tenant()
    made = await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL, events=["video.ready"])
    sent = await call(site, tenant, "POST", f"/v1/webhook-endpoints/{made['id']}/test", 202)
    path = f"/v1/webhook-deliveries/{sent['id']}"
    detail = await call(site, tenant, "GET", path, 200)
    assert json.loads(detail["body"])["type"] == "webhook.test"
    assert detail["log"] == []
    assert (await call(site, tenant, "POST", f"{path}/replay", 409))["code"] == "DELIVERY_PENDING"
    async with site.services.uow() as uow:
        row = await uow.webhook_deliveries.lock(tenant.organisation_id, sent["id"])
        row.state, row.started_at = row.state.DELIVERED, site.clock.now()
        await uow.commit()
    again = await call(site, tenant, "POST", f"{path}/replay", 202)
    assert (again["state"], again["round"], again["event_id"]) == ("pending", 2, sent["event_id"])
    await relay(site)
    mine = [run for run in site.gateway.delivered if run.organisation_id == tenant.organisation_id]
    assert [(run.delivery_id, run.round) for run in mine] == [(sent["id"], 2)]


async def test_a_range_replays_what_failed_and_what_was_never_sent(site: ApiSite) -> None:
    tenant = await site.tenant()
    made = await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL, events=["video.queued"])
    one = await queue_by_hand(site, tenant)
    await relay(site)
    [failed] = await deliveries(site, tenant)
    async with site.services.uow() as uow:
        row = await uow.webhook_deliveries.lock(tenant.organisation_id, failed["id"])
        row.state = row.state.FAILED
        await uow.commit()
    await call(site, tenant, "PATCH", f"/v1/webhook-endpoints/{made['id']}", 200, enabled=False)
    two = await queue_by_hand(site, tenant)
    await relay(site)
    assert len(await deliveries(site, tenant)) == 1
    every = {
        "endpoint_id": made["id"],
        "since": "2020-01-01T00:00:00Z",
        "until": (site.clock.now() + timedelta(days=1)).isoformat(),
    }
    await call(site, tenant, "POST", "/v1/webhook-deliveries/replay", 409, **every)
    await call(site, tenant, "POST", f"/v1/webhook-endpoints/{made['id']}/enable", 200)
    assert await call(site, tenant, "POST", "/v1/webhook-deliveries/replay", 202, **every) == {"replayed": 2}
    assert await call(site, tenant, "POST", "/v1/webhook-deliveries/replay", 202, **every) == {"replayed": 0}
    sent = await deliveries(site, tenant)
    assert {each["state"] for each in sent} == {"pending"}
    assert sorted(each["round"] for each in sent) == [1, 2]
    details = [await call(site, tenant, "GET", f"/v1/webhook-deliveries/{each['id']}", 200) for each in sent]
    assert {json.loads(each["body"])["data"]["video_id"] for each in details} == {one, two}
    await call(site, tenant, "POST", "/v1/webhook-deliveries/replay", 422, **{**every, "until": "2019-01-01T00:00:00Z"})


async def queue_by_hand(site: ApiSite, tenant: Tenant) -> str:
    """Over REST: announce an upload, send its one part, complete it. The video's id."""
    upload = await call(site, tenant, "POST", "/v1/uploads", 201, filename="x.mp4", size=3)
    path = f"/v1/uploads/{upload['video_id']}"
    parts = await call(site, tenant, "POST", f"{path}/parts", 200, parts=[1])
    async with httpx.AsyncClient() as store:
        (await store.put(parts["parts"][0]["url"], content=b"abc")).raise_for_status()
    await call(site, tenant, "POST", f"{path}/complete", 202)
    video_id: str = upload["video_id"]
    return video_id


async def deliveries(site: ApiSite, tenant: Tenant, **query: str) -> list[dict[str, Any]]:
    answer = await site.http.get("/v1/webhook-deliveries", params=query, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


async def test_the_log_is_filtered_and_paged(site: ApiSite) -> None:
    tenant = await site.tenant()
    ids = [(await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL))["id"] for _ in range(2)]
    for number in range(3):
        site.clock.ahead = timedelta(seconds=number)
        for endpoint in ids:
            await call(site, tenant, "POST", f"/v1/webhook-endpoints/{endpoint}/test", 202)
    pages, cursor = [], None
    while True:
        query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = (await site.http.get("/v1/webhook-deliveries", params=query, headers=tenant.headers)).json()
        pages.append([each["id"] for each in page["deliveries"]])
        if (cursor := page["next_cursor"]) is None:
            break
    assert [len(page) for page in pages] == [4, 2]
    assert len({each for page in pages for each in page}) == 6
    assert len(await deliveries(site, tenant, endpoint_id=ids[0])) == 3
    assert len(await deliveries(site, tenant, state="delivered")) == 0
    assert len(await deliveries(site, tenant, event_type="webhook.test")) == 6
    assert len(await deliveries(site, tenant, since=site.clock.now().isoformat())) == 2
    assert len(await deliveries(site, tenant, until=site.clock.now().isoformat())) == 4
    for bad in ({"cursor": "x"}, {"state": "x"}, {"since": "yesterday"}, {"endpoint_id": "x"}):
        answer = await site.http.get("/v1/webhook-deliveries", params=bad, headers=tenant.headers)
        assert answer.status_code == 422, bad


async def test_what_happens_is_told_as_its_published_schema_says(site: ApiSite) -> None:
    tenant = await site.tenant()
    types = await call(site, tenant, "GET", "/v1/webhook-event-types", 200)
    schemas = {each["type"]: each["data_schema"] for each in types}
    await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL)
    video_id = await queue_by_hand(site, tenant)
    target = (site.gateway.published)[-1]
    published = await publish(site.services.uow, site.services.storage, site.services.vault, target)
    session = await site.session(tenant, video_id, viewer_id="v", device_id="tv")
    licence = await site.http.post(
        "/api/licences/clearkey",
        content=clearkey_request(published.kids),
        headers={"Authorization": f"Bearer {session['token']}"},
    )
    assert licence.status_code == 200
    await call(site, tenant, "DELETE", f"/v1/playback-sessions/{session['session_id']}", 204)
    given_up = await call(site, tenant, "POST", "/v1/uploads", 201, filename="y.mp4", size=3)
    await call(site, tenant, "DELETE", f"/v1/uploads/{given_up['video_id']}", 204)
    await relay(site)
    told: list[str] = []
    versions: dict[str, list[int]] = {}
    for each in reversed(await deliveries(site, tenant, limit="100")):
        message = json.loads((await call(site, tenant, "GET", f"/v1/webhook-deliveries/{each['id']}", 200))["body"])
        jsonschema_rs.validate(schemas[message["type"]], message["data"], validate_formats=True)
        told.append(message["type"])
        versions.setdefault(message["data"].get("session_id") or message["data"]["video_id"], []).append(
            message["data"]["object_version"]
        )
    assert sorted(told) == sorted(
        [
            "upload.created",
            "upload.finished",
            "video.queued",
            "video.processing",
            "video.ready",
            "playback_session.opened",
            "licence.granted",
            "playback_session.ended",
            "upload.created",
            "upload.aborted",
        ]
    )
    assert all(len(set(each)) == len(each) for each in versions.values())


async def test_what_nobody_listens_for_is_not_kept(site: ApiSite) -> None:
    tenant = await site.tenant()
    await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    made = await call(site, tenant, "POST", "/v1/webhook-endpoints", 201, url=URL, events=["video.deleted"])
    await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    every = {"endpoint_id": made["id"], "since": "2020-01-01T00:00:00Z", "until": "2120-01-01T00:00:00Z"}
    assert await call(site, tenant, "POST", "/v1/webhook-deliveries/replay", 202, **every) == {"replayed": 0}
    async with site.services.uow() as uow:
        kept = await uow.outbox.between(
            tenant.organisation_id, site.clock.now() - timedelta(days=1), site.clock.now() + timedelta(days=1), 0, 10
        )
    assert list(kept) == []


@pytest.mark.parametrize("path", ["/api/hooks", "/api/hooks/"])
async def test_vdociphers_hooks_are_made_listed_and_removed(site: ApiSite, path: str) -> None:
    tenant = await site.tenant()
    headers = tenant.headers | {"Content-Type": "text/plain"}
    body = json.dumps({"type": "http", "value": URL, "event": "video:readyall", "status": 1})
    made = (await site.http.post(path, content=body, headers=headers)).json()
    assert made.pop("secret").startswith("whsec_")
    assert made == {"uuid": made["uuid"], "type": "http", "value": URL, "event": "video:readyall", "status": 1}
    assert await call(site, tenant, "GET", path, 200) == [made]
    [endpoint] = await call(site, tenant, "GET", "/v1/webhook-endpoints", 200)
    assert (endpoint["kind"], endpoint["events"], endpoint["hook_event"]) == (
        "vdocipher",
        ["video.ready"],
        "video:readyall",
    )
    await call(site, tenant, "PATCH", f"/v1/webhook-endpoints/{made['uuid']}", 409, events=["video.failed"])
    assert await call(site, tenant, "DELETE", path, 200, uuid=made["uuid"]) == {"message": "Deleted"}
    assert await call(site, tenant, "DELETE", path, 404, uuid=made["uuid"]) == {
        "message": "Hook not found",
        "code": "HOOK_NOT_FOUND",
    }
    assert await call(site, tenant, "GET", path, 200) == []


async def test_a_hook_that_is_made_with_status_0_is_off(site: ApiSite) -> None:
    tenant = await site.tenant()
    made = await call(site, tenant, "POST", "/api/hooks/", 200, value=URL, status=0)
    assert made["status"] == 0
    assert (await call(site, tenant, "GET", f"/v1/webhook-endpoints/{made['uuid']}", 200))["status"] == "disabled"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\0", b'"x"', b"{}", b'{"value": 7}', b'{"value": ""}', b"[" * 5000]
    + [json.dumps({"value": url}).encode() for url in ("http://127.0.0.1/", "\0", "\ud800", "x" * 3000)]
    + [b'{"value": "https://a.test/", "event": "video:gone"}', b'{"value": "https://a.test/", "type": ["http"]}']
    + [b'{"value": "https://a.test/", "event": ["video:ready"]}', b'{"value": "https://a.test/", "event": {}}'],
    ids=lambda content: str(content[:40]),
)
async def test_bad_hooks_are_answered_with_a_message(site: ApiSite, content: bytes) -> None:
    tenant = await site.tenant()
    answer = await site.http.post("/api/hooks/", content=content, headers=tenant.headers)
    assert answer.status_code == 400
    assert answer.json()["message"]
    removed = await site.http.request("DELETE", "/api/hooks/", content=content, headers=tenant.headers)
    assert removed.status_code in {400, 404}
    assert removed.json()["message"]


async def test_a_refused_licence_is_told_once_for_each_reason(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    for each in (tenant, stranger):
        await call(site, each, "POST", "/v1/webhook-endpoints", 201, url=URL, events=["licence.refused"])
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    request = {
        "url": "/api/licences/clearkey",
        "content": clearkey_request(("0" * 32,)),
        "headers": {"Authorization": f"Bearer {session['token']}"},
    }
    for _ in range(3):
        assert (await site.http.post(**request)).status_code == 403
    await call(site, tenant, "DELETE", f"/v1/playback-sessions/{session['session_id']}", 204)
    for _ in range(3):
        refused = await site.http.post(**request)
        await site.services.refused_licences.flush()
    await relay(site)
    codes = []
    for each in await deliveries(site, tenant):
        data = json.loads((await call(site, tenant, "GET", f"/v1/webhook-deliveries/{each['id']}", 200))["body"])[
            "data"
        ]
        codes.append(data["code"])
        assert (data["session_id"], data["system"]) == (session["session_id"], "clearkey")
    assert len(codes) == len(set(codes)) == 2
    assert refused.json()["code"] == "SESSION_ENDED"
    assert "SESSION_ENDED" in codes
    assert await deliveries(site, stranger) == []
