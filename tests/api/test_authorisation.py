"""Every route against callers without a key, with a bad one, and with another tenant's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import _ROUTERS as ROUTERS
from core.services.organisations.api_key_secret import hash_of
from tests.fixtures.api_site import ApiSite
from tests.fixtures.published_video import queue_version

pytestmark = pytest.mark.stack

#: Bodies that are valid, so that a refusal is about the caller.
BODIES = {
    "/v1/uploads": {"filename": "x.mp4", "size": 1},
    "/v1/uploads/{video_id}/parts": {"parts": [1]},
    "/v1/imports": {"url": "https://files.test/x.mp4"},
    "/api/videos/importUrl": {"url": "https://files.test/x.mp4"},
    "/api/videos/importUrl/": {"url": "https://files.test/x.mp4"},
    "/v1/videos/{video_id}/replacement": {"filename": "x.mp4", "size": 1},
    "/api/licences/clearkey": {"kids": ["AAAAAAAAAAAAAAAAAAAAAA"]},
    "/v1/key-signers": {"kind": "aes", "name": "x"},
    "/v1/api-keys": {"name": "x"},
    "/v1/members": {"email": "x@people.test", "role": "viewer"},
    "/v1/members/{member_id}": {"role": "viewer"},
    "/auth/otp/generate": {"video_id": "0" * 32},
    "/auth/password": {"old_password": "x", "new_password": "y"},
    "/auth/totp/confirm": {"code": "0"},
    "/v1/sso-connection": {"issuer": "https://idp.test", "client_id": "x", "client_secret": "x"},
    "/auth/totp/remove": {"code": "0"},
    "/v1/licence-callback": {"url": "https://customer.test/licence"},
    "/v1/webhook-endpoints": {"url": "https://customer.test/webhooks"},
    "/v1/webhook-endpoints/{endpoint_id}": {},
    "/v1/webhook-endpoints/{endpoint_id}/rotate-secret": {},
    "/v1/webhook-deliveries/replay": {
        "endpoint_id": "0" * 32,
        "since": "2020-01-01T00:00:00Z",
        "until": "2021-01-01T00:00:00Z",
    },
    "/api/hooks": {"value": "https://customer.test/hook"},
    "/api/hooks/": {"value": "https://customer.test/hook"},
}
#: What anybody may ask for.
PUBLIC = {
    "/",
    "/healthz",
    "/readyz",
    "/player",
    "/player/",
    "/v2",
    "/v2/",
    "/v2/{script}",
    "/docs",
    "/api/meta/{video_id}",
    "/api/meta/{video_id}/",
    "/api/site/homepage_video",
    "/api/site/homepage_video/",
    "/posters/{video_id}/{name}",
    "/api/playback/redeem",
    "/api/licences/fairplay/certificate",
    "/.well-known/jwks.json",
}
#: Where people, not programs, say who they are: by a password, a refresh token, what a mail to them holds; and
#: an old route that takes its key in the body.
ENTRANCES = {
    "/auth/login",
    "/auth/refresh",
    "/auth/logout",
    "/auth/password/forgotten",
    "/auth/password/set",
    "/oauth/token",
    "/v2/otp",
    "/v2/otp/",
    "/auth/sso/start",
    "/auth/sso/finish",
}
#: What the signature in the path or in the body decides about.
SIGNED = {
    "/media/{token}/{path:path}",
    "/api/upload-form",
    "/v1/storage-events",
    "/keys/widevine/{organisation_id}/getcontentkey",
    "/api/licences/clearkey/{licence}",
    "/api/licences/aes128/{licence}/{kid}",
    "/api/licences/widevine/{licence}",
    "/api/licences/fairplay/{licence}",
    "/api/licences/playready/{licence}",
}
#: What a playback token opens.
PLAYERS = {
    "/api/playback/session",
    "/api/playback/heartbeat",
    "/api/licences/clearkey",
    "/api/licences/widevine",
    "/api/licences/fairplay",
    "/api/licences/playready",
}


def routes() -> Iterator[tuple[str, str]]:
    for module in ROUTERS:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods):
                yield method, route.path


ALL = sorted(routes())
PROTECTED = [(method, path) for method, path in ALL if path not in PUBLIC | SIGNED | ENTRANCES]
OF_A_VIDEO = [(method, path) for method, path in PROTECTED if "{video_id}" in path]


async def call(
    site: ApiSite, method: str, path: str, video_id: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    body = BODIES.get(path)
    url = path.format_map(defaultdict(lambda: video_id))
    asked = {**(headers or {}), **({"Tus-Resumable": "1.0.0"} if path.startswith("/v1/tus") else {})}
    return await site.http.request(method, url, headers=asked, json=body)


def test_the_tables_above_name_real_routes() -> None:
    paths = {path for _, path in ALL}
    assert PUBLIC | SIGNED | PLAYERS | ENTRANCES | set(BODIES) <= paths
    assert len(OF_A_VIDEO) >= 10


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_a_route_without_credentials_is_refused(site: ApiSite, method: str, path: str) -> None:
    for authorization in (None, "", "Apisecret", "Apisecret " + "f" * 64, "Bearer x.y.z", "Basic YTpi", "Apisecret \0"):
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = await call(site, method, path, "0" * 32, headers)
        assert answer.status_code == 401, authorization
        assert method == "HEAD" or answer.json()["code"] == "UNAUTHENTICATED"
        assert "www-authenticate" in answer.headers


@pytest.mark.parametrize(("method", "path"), OF_A_VIDEO)
async def test_another_tenants_video_looks_like_one_that_never_was(site: ApiSite, method: str, path: str) -> None:
    owner, stranger = await site.tenant(), await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, owner.organisation_id)
    video_id = target.video_id
    foreign = await call(site, method, path, video_id, stranger.headers)
    unknown = await call(site, method, path, "0" * 32, stranger.headers)
    assert foreign.status_code == unknown.status_code == 404
    without_id = [{**answer.json(), "request_id": ""} for answer in (foreign, unknown)]
    assert without_id[0] == without_id[1]
    assert site.gateway.deleted == site.gateway.cancelled == []
    assert (await site.http.get(f"/v1/videos/{video_id}", headers=owner.headers)).status_code == 200


async def test_a_revoked_key_is_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    assert (await site.http.get("/v1/videos", headers=tenant.headers)).status_code == 200
    async with site.services.uow() as uow:
        key = await uow.organisations.api_key_by_hash(hash_of(tenant.secret))
        assert key is not None
        assert key.last_used_at is not None
        key.revoked_at = site.clock.now()
        await uow.commit()
    site.clock.ahead += timedelta(seconds=site.services.settings.api_key_cache_seconds)
    assert (await site.http.get("/v1/videos", headers=tenant.headers)).status_code == 401


@pytest.mark.parametrize("path", sorted(PLAYERS))
async def test_an_api_key_is_no_playback_token_and_the_reverse(site: ApiSite, path: str) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    method = {path: method for method, path in ALL}[path]
    assert (await call(site, method, path, "", tenant.headers)).status_code == 401
    as_key = {"Authorization": f"Apisecret {session['token']}"}
    assert (await site.http.get("/v1/videos", headers=as_key)).status_code == 401


async def test_problems_and_pages_carry_request_id_and_security_headers(site: ApiSite) -> None:
    given = await site.http.get("/healthz", headers={"X-Request-ID": "caller-12345"})
    assert given.headers["x-request-id"] == "caller-12345"
    for path in ("/healthz", "/no/such/route", "/v1/videos"):
        answer = await site.http.get(path, headers={"X-Request-ID": "bad id\x7f"})
        assert len(answer.headers["x-request-id"]) == 32
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        if answer.status_code >= 400:
            assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_unknown_routes_and_methods_are_problems_too(site: ApiSite) -> None:
    missing = await site.http.get("/no/such/route")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    wrong = await site.http.put("/v1/videos")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["allow"] == "GET"
    several = await site.http.put(f"/v1/videos/{'0' * 32}")
    assert several.headers["allow"] == "DELETE, GET"


async def test_a_body_above_the_limit_is_refused_announced_or_not(site: ApiSite) -> None:
    tenant = await site.tenant()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65536

    announced = await site.http.post("/v1/uploads", content=b" " * (2**20 + 1), headers=tenant.headers)
    streamed = await site.http.post("/v1/uploads", content=endless(), headers=tenant.headers)
    assert (announced.status_code, streamed.status_code) == (413, 413)


async def test_openapi_names_every_route_and_its_refusals(site: ApiSite) -> None:
    described = (await site.http.get("/openapi.json")).json()
    for method, path in PROTECTED:
        name = path.replace(":path", "")
        # What clients may write with a slash at its end is described without.
        names = (described["paths"].get(each, {}) for each in (name, name.removesuffix("/")))
        operation = next(found[method.lower()] for found in names if method.lower() in found)
        assert {"401"} <= set(operation["responses"]), path
        assert operation["tags"]
        assert operation["security"]
    page = await site.http.get("/docs")
    assert "/v1/uploads/{video_id}/complete" in page.text


async def test_root_leads_people_to_the_description(site: ApiSite) -> None:
    answer = await site.http.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/docs")


async def test_readiness_needs_database_and_store(site: ApiSite) -> None:
    assert (await site.http.get("/readyz")).json() == {"status": "ready"}
