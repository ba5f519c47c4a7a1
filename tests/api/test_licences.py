"""ClearKey licences: who gets which keys, and what is kept of it."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from core.contracts.version_ref import VersionRef
from core.db.engine import create_engine
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from core.services.playback.signing_keys import SigningKeys
from core.services.playback.token import PlaybackClaims, issue_token
from core.services.videos.mark_deleted import mark_deleted
from tests.fixtures.api_site import ApiSite
from tests.fixtures.key_store import TEST_USE

pytestmark = pytest.mark.stack

ROUTE = "/api/licences/clearkey"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_b64(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


async def ask(site: ApiSite, token: str, kids: tuple[str, ...] | list[str], **headers: str) -> httpx.Response:
    body = json.dumps({"kids": [b64(bytes.fromhex(kid)) for kid in kids], "type": "temporary"}).encode()
    return await site.http.post(ROUTE, content=body, headers={"Authorization": f"Bearer {token}"} | headers)


async def audit(site: ApiSite, session_id: str) -> list[dict[str, Any]]:
    engine = create_engine(site.services.settings.database_url)
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT license_type, restrictions FROM drm_licenses WHERE session_id = CAST(:id AS uuid)"),
            {"id": session_id},
        )
        found = [{"type": row[0], "kids": row[1]["kids"]} for row in rows]
    await engine.dispose()
    return found


async def test_a_session_gets_the_keys_of_its_version_and_a_record_is_kept(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    answer = await ask(site, session["token"], published.kids)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json()["type"] == "temporary"
    got = {from_b64(key["kid"]).hex(): from_b64(key["k"]) for key in answer.json()["keys"]}
    async with site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.services.vault, published.target, TEST_USE)
    assert got == {key.kid: key.key for key in kept.values()}
    assert {key["kty"] for key in answer.json()["keys"]} == {"oct"}
    [record] = await audit(site, session["session_id"])
    assert (record["type"], set(record["kids"])) == ("clearkey", set(published.kids))


@pytest.mark.parametrize("content_type", ["", "application/json", "application/octet-stream", "text/plain; x"])
async def test_the_content_type_does_not_matter(site: ApiSite, content_type: str) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    answer = await ask(site, session["token"], published.kids[:1], **{"Content-Type": content_type})
    assert len(answer.json()["keys"]) == 1


async def test_keys_of_others_are_left_out_and_alone_are_refused(site: ApiSite) -> None:
    tenant, other = await site.tenant(), await site.tenant()
    mine, sibling, foreign = await site.published(tenant), await site.published(tenant), await site.published(other)
    session = await site.session(tenant, mine.target.video_id)
    strangers = [*sibling.kids, *foreign.kids, "0" * 32]
    mixed = await ask(site, session["token"], [mine.kids[0], *strangers])
    assert [from_b64(key["kid"]).hex() for key in mixed.json()["keys"]] == [mine.kids[0]]
    refused = await ask(site, session["token"], strangers)
    assert (refused.status_code, refused.json()["code"]) == (403, "KEYS_REFUSED")
    assert len(await audit(site, session["session_id"])) == 1


async def test_an_expired_session_gets_nothing(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id, ttl_seconds=60)
    site.clock.ahead = timedelta(seconds=61)
    assert (await ask(site, session["token"], published.kids)).status_code == 401
    # A token that outlives its session does not help either.
    longer = PlaybackClaims(published.target, session["session_id"], int(site.clock.now().timestamp()) + 999)
    forged = issue_token(site.services.signing_keys.token, longer)
    answer = await ask(site, forged, published.kids)
    assert (answer.status_code, answer.json()["code"]) == (403, "SESSION_ENDED")
    assert await audit(site, session["session_id"]) == []


async def test_an_ended_session_gets_nothing(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    async with site.services.uow() as uow:
        row = await uow.sessions.get(tenant.organisation_id, session["session_id"])
        assert row is not None
        row.ended_at = site.clock.now()
        await uow.commit()
    answer = await ask(site, session["token"], published.kids)
    assert (answer.status_code, answer.json()["code"]) == (403, "SESSION_ENDED")
    headers = {"Authorization": f"Bearer {session['token']}"}
    assert (await site.http.get("/api/playback/session", headers=headers)).status_code == 403


async def test_a_deletion_waits_for_running_sessions_and_then_refuses_them(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    headers = {"Authorization": f"Bearer {session['token']}"}
    await site.http.delete(f"/v1/videos/{published.target.video_id}", headers=tenant.headers)
    assert (await site.http.get("/api/playback/session", headers=headers)).status_code == 200
    assert (await ask(site, session["token"], published.kids)).status_code == 200
    async with site.services.uow() as uow:
        await mark_deleted(uow, tenant.organisation_id, published.target.video_id)
        await uow.commit()
    assert (await site.http.get("/api/playback/session", headers=headers)).status_code == 404
    assert (await ask(site, session["token"], published.kids)).status_code == 404


async def test_destroyed_keys_are_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    async with site.services.uow() as uow:
        await destroy_content_keys(uow.keys, published.target)
        await uow.commit()
    answer = await ask(site, session["token"], published.kids)
    assert (answer.status_code, answer.json()["code"]) == (403, "KEYS_REFUSED")


async def test_a_row_moved_between_tenants_does_not_open(site: ApiSite) -> None:
    """The wrapped key is bound to its organisation and key id: a swapped value is no key, but an outage."""
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    engine = create_engine(site.services.settings.database_url)
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE content_keys SET wrapped_key = (SELECT wrapped_key FROM content_keys WHERE kid ="
                " CAST(:b AS uuid)) WHERE kid = CAST(:a AS uuid)"
            ),
            {"a": published.kids[0], "b": published.kids[1]},
        )
    await engine.dispose()
    answer = await ask(site, session["token"], published.kids[:1])
    assert answer.status_code == 503
    assert await audit(site, session["session_id"]) == []


async def test_tokens_that_are_not_ours_are_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    header, payload, signature = session["token"].split(".")
    none = b64(b'{"alg":"none","typ":"JWT"}')
    claims = PlaybackClaims(published.target, session["session_id"], int(site.clock.now().timestamp()) + 60)
    media_token = session["dash_url"].split("/media/")[1].split("/")[0]
    for token in (
        f"{none}.{payload}.",
        f"{header}.{payload}.{signature[:-2]}AA",
        f"{header}.{b64(from_b64(payload).replace(b'sealcast-playback', b'sealcast-xxxxxxxx'))}.{signature}",
        issue_token(SigningKeys.derive(b"x" * 32).token, claims),
        issue_token(site.services.signing_keys.media_path, claims),
        media_token,
        "x" * 5000,
    ):
        answer = await ask(site, token, published.kids)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED"), token[:40]


def good_token(site: ApiSite) -> str:
    """Of a session that nobody opened."""
    expires = int(site.clock.now().timestamp()) + 60
    claims = PlaybackClaims(VersionRef("0" * 32, "1" * 32, 1), "2" * 32, expires)
    return issue_token(site.services.signing_keys.token, claims)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"kids": []}',
        b'{"kids": "AAAA"}',
        b'{"kids": [1]}',
        b'{"kids": ["AAAA"]}',
        b'{"kids": ["\xc3\xa9"]}',
        b'{"kids": ["AAAAAAAAAAAAAAAAAAAAAA"], "type": "persistent-license"}',
        b"\xff\xfe",
        b"[" * 20000,
        json.dumps({"kids": ["AAAAAAAAAAAAAAAAAAAAAA"] * 65}).encode(),
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
async def test_requests_that_are_none_are_refused(site: ApiSite, body: bytes) -> None:
    token = good_token(site)
    answer = await site.http.post(ROUTE, content=body, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")


async def test_an_endless_request_is_cut_off(site: ApiSite) -> None:
    token = good_token(site)
    answer = await site.http.post(ROUTE, content=b" " * 70_000, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 413
