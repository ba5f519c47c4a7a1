"""Imports by address, in VdoCipher's way and in ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from core.contracts.version_ref import VersionRef
from core.db.models import VideoImport, VideoVersion
from core.domain.errors import NotFound
from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack

URL = "https://files.test/films/A%20film.mp4?token=canary-5b1f"


async def import_url(site: ApiSite, tenant: Tenant, **request: Any) -> httpx.Response:
    return await site.http.put("/api/videos/importUrl", headers=tenant.headers | request.pop("headers", {}), **request)


async def rows(site: ApiSite, tenant: Tenant, video_id: str) -> tuple[VideoVersion, VideoImport]:
    target = VersionRef(tenant.organisation_id, video_id, 1)
    async with site.services.uow() as uow:
        return await uow.videos.version(target), await uow.imports.lock(target)


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"url": URL, "title": "My film", "folderId": "root", "other": [1]}},
        {"data": {"url": URL, "title": "My film"}},
        {"files": {"url": (None, URL), "title": (None, "My film")}},
        {"content": b'{"url": "%s", "title": "My film"}' % URL.encode(), "headers": {"Content-Type": "text/plain"}},
    ],
    ids=["json", "form", "multipart", "json by another name"],
)
async def test_vdociphers_clients_get_a_queued_video(site: ApiSite, request_: dict[str, Any]) -> None:
    tenant = await site.tenant()
    answer = await import_url(site, tenant, **request_)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["title"], body["status"], len(body["id"])) == ("My film", "Queued", 32)
    assert site.gateway.imported == [VersionRef(tenant.organisation_id, body["id"], 1)]
    assert site.gateway.published == []
    version, row = await rows(site, tenant, body["id"])
    assert (version.import_pending, row.url, row.origin) == (True, URL, "https://files.test")


async def test_a_slash_at_the_end_is_no_difference_and_the_title_the_files_name(site: ApiSite) -> None:
    tenant = await site.tenant()
    answer = await site.http.put("/api/videos/importUrl/", json={"url": f" {URL} "}, headers=tenant.headers)
    assert (answer.status_code, answer.json()["title"]) == (200, "A film.mp4")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "INVALID_INPUT"),
        (b"[]", "INVALID_INPUT"),
        (b"{", "INVALID_INPUT"),
        (b"[" * 60_000, "INVALID_INPUT"),
        (b"\xff\xfe", "INVALID_INPUT"),
        (b'{"url": 5}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": ["https://files.test/"]}', "INVALID_INPUT"),
        (b'{"url": "https://files.test/\\u0000"}', "INVALID_INPUT"),
        (b'{"url": "https://files.test/\\ud800"}', "INVALID_INPUT"),
        (b'{"url": "https://files.test/x", "title": "\\u0000"}', "INVALID_INPUT"),
        (b'{"url": "https://files.test/x", "title": "%s"}' % (b"x" * 501), "INVALID_INPUT"),
        (b'{"url": "https://files.test/%s"}' % (b"x" * 4000), "INVALID_INPUT"),
        (b'{"url": "/etc/passwd"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "file:///etc/passwd"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "http://127.0.0.1/x"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "http://[::ffff:a9fe:a9fe]/x"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "https://user:pass@files.test/x"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "https://files.test:6379/x"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "ftp://10.0.0.1/x"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "ftp://files.test/a%0d%0aDELE%20b"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "s3://sealcast/x"}', "ADDRESS_NOT_ALLOWED"),
        (b'{"url": "https://www.youtube.com/watch?v=x"}', "SOURCE_IS_A_PAGE"),
        (b'{"url": "https://youtu.be/x"}', "SOURCE_IS_A_PAGE"),
    ],
)
async def test_what_can_never_be_imported_is_refused_at_once(site: ApiSite, body: bytes, code: str) -> None:
    tenant = await site.tenant()
    answer = await import_url(site, tenant, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert "pass" not in answer.text
    listed = await site.http.get("/v1/videos", headers=tenant.headers)
    assert listed.json()["videos"] == []


async def test_bodies_are_bounded_and_forms_hold_no_files(site: ApiSite) -> None:
    tenant = await site.tenant()
    assert (await import_url(site, tenant, content=b"x" * 70_000)).status_code == 413
    assert (await import_url(site, tenant, files={"url": ("x.txt", b"https://files.test/x")})).status_code == 400
    assert (await import_url(site, tenant, files={"url": (None, "x" * 70_000)})).status_code == 400
    broken = {"Content-Type": "multipart/form-data"}
    assert (await import_url(site, tenant, content=b"--x\r\n\r\n", headers=broken)).status_code == 400


async def test_our_own_route_takes_a_scheme_and_shows_how_it_goes(site: ApiSite) -> None:
    tenant = await site.tenant()
    body = {"url": URL, "title": "T", "description": "D", "scheme": "cenc"}
    answer = await site.http.post("/v1/imports", json=body, headers=tenant.headers)
    assert answer.status_code == 202
    video_id = answer.json()["video_id"]
    assert answer.json() == {"video_id": video_id, "version": 1, "status": "queued"}
    progress = (await site.http.get(f"/v1/videos/{video_id}/progress", headers=tenant.headers)).json()
    assert [step["step"] for step in progress["steps"]][:2] == ["fetch", "ingest"]
    video = (await site.http.get(f"/v1/videos/{video_id}", headers=tenant.headers)).json()
    assert (video["video"]["description"], video["versions"][0]["scheme"]) == ("D", "cenc")
    refused = await site.http.post("/v1/imports", json={"url": "http://0x7f000001/"}, headers=tenant.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "ADDRESS_NOT_ALLOWED")


async def test_what_temporal_could_not_start_is_started_later(site: ApiSite) -> None:
    tenant = await site.tenant()
    site.gateway.down = True
    answer = await import_url(site, tenant, json={"url": URL})
    assert (answer.status_code, site.gateway.imported) == (200, [])
    site.gateway.down = False
    video_id = answer.json()["id"]
    # What the sweep does, and what a client does who confuses imports with uploads.
    again = await site.http.post(f"/v1/uploads/{video_id}/complete", headers=tenant.headers)
    assert again.status_code == 202
    assert site.gateway.imported == [VersionRef(tenant.organisation_id, video_id, 1)]
    assert site.gateway.published == []


async def test_an_import_is_no_upload_and_may_be_cancelled(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await import_url(site, tenant, json={"url": URL})).json()["id"]
    parts = await site.http.post(f"/v1/uploads/{video_id}/parts", json={"parts": [1]}, headers=tenant.headers)
    assert parts.status_code == 409
    assert (await site.http.post(f"/v1/videos/{video_id}/cancel", headers=tenant.headers)).status_code == 202
    assert site.gateway.cancelled == [VersionRef(tenant.organisation_id, video_id, 1)]


async def test_tenants_see_their_own_imports_only(site: ApiSite) -> None:
    owner, stranger = await site.tenant(), await site.tenant()
    video_id = (await import_url(site, owner, json={"url": URL})).json()["id"]
    for method, path in (("GET", ""), ("GET", "/progress"), ("POST", "/cancel"), ("DELETE", "")):
        answer = await site.http.request(method, f"/v1/videos/{video_id}{path}", headers=stranger.headers)
        assert answer.status_code == 404
    with pytest.raises(NotFound):
        await rows(site, stranger, video_id)


async def test_addresses_are_in_no_answer_and_no_log(site: ApiSite, log_file: Path) -> None:
    tenant = await site.tenant()
    video_id = (await import_url(site, tenant, json={"url": URL})).json()["id"]
    await import_url(site, tenant, json={"url": URL.replace("https", "gopher")})
    for path in ("", "/progress"):
        assert "canary" not in (await site.http.get(f"/v1/videos/{video_id}{path}", headers=tenant.headers)).text
    assert "canary" not in log_file.read_text()


async def test_nobody_imports_without_a_key(site: ApiSite) -> None:
    assert (await site.http.put("/api/videos/importUrl", json={"url": URL})).status_code == 401
    assert (await site.http.post("/v1/imports", json={"url": URL})).status_code == 401


async def test_an_import_goes_into_a_folder_of_ones_own(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    folders = "/api/videos/folders"
    mine = (await site.http.post(folders, json={"name": "Course"}, headers=tenant.headers)).json()["id"]
    body = {"url": URL, "folderId": mine}
    started = await site.http.put("/api/videos/importUrl", json=body, headers=tenant.headers)
    listed = await site.http.get("/api/videos", params={"folderId": mine}, headers=tenant.headers)
    assert [row["id"] for row in listed.json()["rows"]] == [started.json()["id"]]
    for folder, asker in ((mine, stranger), ("0" * 32, tenant), ("some-folder", tenant)):
        refused = await site.http.put(
            "/api/videos/importUrl", json={"url": URL, "folderId": folder}, headers=asker.headers
        )
        assert (refused.status_code, refused.json()["message"]) == (404, "Folder not found")
