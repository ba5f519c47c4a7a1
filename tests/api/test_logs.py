"""Nothing secret in the log, whatever a request carried."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.api.test_licences import ask, b64
from tests.fixtures import playready_messages, widevine_messages
from tests.fixtures.api_site import ApiSite
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.licence_services import SIGNING_KEY_OF_A_SESSION, WIDEVINE_KEY
from tests.fixtures.licence_site import LicenceSite

pytestmark = pytest.mark.stack


async def test_a_whole_playback_leaves_no_secret_in_the_log(site: ApiSite, log_file: Path) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    path = urlsplit(session["dash_url"]).path
    await site.http.get(path, headers={"Authorization": "Bearer canary-header"})
    await site.http.get(f"/no/such/{tenant.secret}?key={tenant.secret}")
    await site.http.get("/media/forged-canary-token/x")
    await site.http.get("/v1/videos", headers={"Authorization": f"Apisecret {'c' * 64}"})
    assert (await ask(site, session["token"], published.kids)).status_code == 200
    async with site.services.uow() as uow:
        keys = await unwrap_content_keys(uow.keys, site.services.vault, published.target, TEST_USE)
    log = log_file.read_text()
    secrets = [tenant.secret, session["token"], path.split("/")[2], "canary", "c" * 64]
    for key in keys.values():
        secrets += [key.key.hex(), b64(key.key), repr(key.key)]
    for secret in secrets:
        assert secret not in log
    lines = [json.loads(line) for line in log.splitlines()]
    access = [line for line in lines if line.get("logger") == "api.access"]
    assert {"/media/{token}/{path:path}", "/api/licences/clearkey", "unmatched"} <= {line["route"] for line in access}
    assert all(line["request_id"] and line["status"] for line in access)


async def test_licences_of_other_systems_leave_no_secret_in_the_log(licence_site: LicenceSite, log_file: Path) -> None:
    viewing = await licence_site.viewing()
    kids = list(viewing.published.kids)
    for system, body in (
        ("widevine", widevine_messages.challenge(kids)),
        ("playready", playready_messages.challenge(kids)),
        ("widevine", b"garbage"),
    ):
        await licence_site.post(viewing, system, body)
    async with licence_site.site.services.uow() as uow:
        keys = await unwrap_content_keys(uow.keys, licence_site.site.services.vault, viewing.published.target, TEST_USE)
    log = log_file.read_text()
    secrets = [SIGNING_KEY_OF_A_SESSION, viewing.token, WIDEVINE_KEY.hex()]
    for key in keys.values():
        plain = base64.b64encode(key.key).decode()
        secrets += [key.key.hex(), b64(key.key), plain, quote(plain, safe=""), repr(key.key)]
    for secret in secrets:
        assert secret not in log
    assert len(licence_site.playready.requests) == 1
    assert refusals(log) == [("/api/licences/widevine", 422, "CHALLENGE_INVALID")]


def refusals(log: str) -> list[tuple[str, int, str]]:
    """Route, status and code of the requests that were refused."""
    lines = [json.loads(line) for line in log.splitlines()]
    return [
        (line["route"], line["status"], line["code"]) for line in lines if line["event"] == "request" and "code" in line
    ]


async def test_every_refused_attempt_is_logged_with_its_code(site: ApiSite, log_file: Path) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    address = urlsplit(session["dash_url"]).path
    await site.http.get(address.replace("manifest.mpd", "..%2f..%2fmanifest.mpd"))
    await site.http.get("/media/forged/manifest.mpd")
    await ask(site, "forged", published.kids)
    await ask(site, session["token"], ["0" * 32])
    await site.http.post(f"/api/videos/{published.target.video_id}/otp", headers={"Authorization": "Apisecret x"})
    await site.http.get(f"/v1/videos/{'0' * 32}", headers=tenant.headers)
    assert refusals(log_file.read_text()) == [
        ("/media/{token}/{path:path}", 404, "NOT_FOUND"),
        ("/media/{token}/{path:path}", 403, "FORBIDDEN"),
        ("/api/licences/clearkey", 401, "UNAUTHENTICATED"),
        ("/api/licences/clearkey", 403, "KEYS_REFUSED"),
        ("/api/videos/{video_id}/otp", 401, "UNAUTHENTICATED"),
        ("/v1/videos/{video_id}", 404, "NOT_FOUND"),
    ]


async def test_an_unexpected_error_is_logged_under_the_id_that_the_caller_sees(
    site: ApiSite, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await site.tenant()

    async def broken(*_: object) -> None:
        raise RuntimeError("canary: internal detail")

    monkeypatch.setattr("api.routers.videos.get_video", broken)
    answer = await site.http.get(f"/v1/videos/{'0' * 32}", headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "canary" not in answer.text
    lines = [json.loads(line) for line in log_file.read_text().splitlines()]
    [failure] = [line for line in lines if line["event"] == "request failed"]
    assert failure["request_id"] == answer.json()["request_id"]
    assert "internal detail" in failure["exception"]
