"""OAuth 2.0 client credentials, asked for by another's client library and by hand."""

from __future__ import annotations

import base64
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from core.domain.auth.permissions import Role
from core.services.organisations.api_key_secret import hash_of
from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack

URL = "http://api.test/oauth/token"


async def client_id(site: ApiSite, tenant: Tenant) -> str:
    async with site.services.uow() as uow:
        key = await uow.organisations.api_key_by_hash(hash_of(tenant.secret))
    assert key is not None
    return key.id


@asynccontextmanager
async def authlib(site: ApiSite, tenant: Tenant, **more: Any) -> AsyncIterator[Any]:
    with warnings.catch_warnings():
        # Its own import of httpx.
        warnings.simplefilter("ignore")
        from authlib.integrations.httpx_client import AsyncOAuth2Client  # noqa: PLC0415
    transport = httpx.ASGITransport(site.app)
    async with AsyncOAuth2Client(await client_id(site, tenant), tenant.secret, transport=transport, **more) as client:
        yield client


async def ask(site: ApiSite, form: dict[str, str] | str, **headers: str) -> tuple[int, str]:
    content = form if isinstance(form, str) else urlencode(form)
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await site.http.post(URL, content=content, headers=form_type | headers)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.status_code != 401 or answer.headers["www-authenticate"] == "Basic"
    return answer.status_code, answer.json().get("error", "")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_another_library_gets_a_token_and_uses_it(site: ApiSite, method: str) -> None:
    tenant = await site.tenant(Role.EDITOR)
    async with authlib(site, tenant, token_endpoint_auth_method=method) as client:
        token = await client.fetch_token(URL, grant_type="client_credentials")
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
        assert (await client.get("http://api.test/v1/videos")).status_code == 200
        seen = (await client.get("http://api.test/auth/verify")).json()
        assert (seen["kind"], seen["roles"]) == ("client", ["editor"])
        assert sorted(token["scope"].split()) == seen["permissions"]
        assert (await client.get("http://api.test/v1/members")).status_code == 403


async def test_a_token_for_less_can_do_less(site: ApiSite) -> None:
    tenant = await site.tenant(Role.EDITOR)
    async with authlib(site, tenant, scope="usage:read video:read") as client:
        token = await client.fetch_token(URL, grant_type="client_credentials")
        assert token["scope"] == "usage:read video:read"
        assert (await client.get("http://api.test/v1/videos")).status_code == 200
        upload = await client.post("http://api.test/v1/uploads", json={"filename": "x.mp4", "size": 1})
        assert upload.status_code == 403
    # The same key all the same: what one token may not, another may.
    async with authlib(site, tenant) as client:
        await client.fetch_token(URL, grant_type="client_credentials")
        upload = await client.post("http://api.test/v1/uploads", json={"filename": "x.mp4", "size": 1})
        assert upload.status_code == 201


async def test_refusals_are_those_of_the_rfc(site: ApiSite) -> None:
    tenant = await site.tenant(Role.VIEWER)
    me = {"client_id": await client_id(site, tenant), "client_secret": tenant.secret}
    grant = {"grant_type": "client_credentials"}
    wrong = {"client_secret": tenant.secret[:-1] + "x"}
    basic = {"Authorization": "Basic " + base64.b64encode(f"{me['client_id']}:{tenant.secret}".encode()).decode()}
    assert await ask(site, grant | me) == (200, "")
    assert await ask(site, grant, **basic) == (200, "")
    cases: list[tuple[dict[str, str] | str, dict[str, str], tuple[int, str]]] = [
        (grant, {}, (401, "invalid_client")),
        (grant | me | wrong, {}, (401, "invalid_client")),
        (grant | me | {"client_id": uuid4().hex}, {}, (401, "invalid_client")),
        (grant, {"Authorization": "Bearer x"}, (401, "invalid_client")),
        (grant, {"Authorization": "Basic ???"}, (401, "invalid_client")),
        (grant | me, basic, (400, "invalid_request")),
        (me | {"grant_type": "password", "username": "a", "password": "b"}, {}, (400, "unsupported_grant_type")),
        (me, {}, (400, "invalid_request")),
        (grant | me | {"scope": "video:read root"}, {}, (400, "invalid_scope")),
        (grant | me | {"scope": "video:edit"}, {}, (400, "invalid_scope")),
        (urlencode(grant | me) + "&client_id=x", {}, (400, "invalid_request")),
        ("", {}, (400, "invalid_request")),
        ('{"grant_type": "client_credentials"}', {}, (400, "invalid_request")),
        ("&".join(f"a{number}=1" for number in range(30)), {}, (400, "invalid_request")),
        ("grant_type=\u00e9", {}, (400, "invalid_request")),
    ]
    for form, headers, expected in cases:
        assert await ask(site, form, **headers) == expected, form


async def test_a_token_ends_with_its_key(site: ApiSite) -> None:
    admin = await site.tenant()
    body = {
        "name": "machine",
        "networks": ["127.0.0.1"],
        "expires_at": (site.clock.now() + timedelta(seconds=60)).isoformat(),
    }
    created = (await site.http.post("/v1/api-keys", json=body, headers=admin.headers)).json()
    async with authlib(site, Tenant(admin.organisation_id, created["secret"])) as client:
        token = await client.fetch_token(URL, grant_type="client_credentials")
        assert token["expires_in"] == 60
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
    elsewhere = httpx.ASGITransport(site.app, client=("192.0.2.1", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://api.test") as http:
        assert (await http.get("/v1/videos", headers=bearer)).json()["code"] == "ADDRESS_NOT_ALLOWED"
    assert (await site.http.get("/v1/videos", headers=bearer)).status_code == 200
    await site.http.delete(f"/v1/api-keys/{created['key']['id']}", headers=admin.headers)
    site.clock.ahead += timedelta(seconds=site.services.settings.api_key_cache_seconds)
    assert (await site.http.get("/v1/videos", headers=bearer)).status_code == 401
