"""Upload credentials as VdoCipher's clients use them: a form that curl sends to the real store."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.upload_limits import upload_limits
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.ports import ObjectNotFound
from core.services.uploads.abandon_uploads import abandon_uploads
from core.services.uploads.notice_arrivals import notice_arrivals
from core.services.uploads.start_upload import UploadLimits
from tests.fixtures.api_site import ApiSite, Tenant
from tests.fixtures.served_api import api_url

__all__ = ["api_url"]

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def direct(site: ApiSite) -> None:
    """Forms go to the store itself, unless a test wants the relay."""
    settings = site.services.settings.model_copy(update={"relay_forms": False})
    site.app.state.services = replace(site.services, settings=settings)


async def credentials(site: ApiSite, tenant: Tenant, **query: str) -> dict[str, Any]:
    answer = await site.http.put("/api/videos", params={"title": "A film", **query}, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def curl(payload: dict[str, str], file: Path, **changed: str) -> tuple[int, str]:
    """The vendor's documented command, but for the field that Ceph misunderstands; the status and the answer."""
    fields = {key: value for key, value in payload.items() if key != "uploadLink"}
    fields |= {"success_action_status": "201"} | changed
    form = [part for name, value in fields.items() for part in ("-F", f"{name}={value}")]
    command = [
        "curl",
        "-sS",
        "-w",
        "\n%{http_code}",
        *form,
        "-F",
        f"file=@{file};type=text/plain",
        payload["uploadLink"],
    ]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    body, _, status = (await process.communicate())[0].decode().rpartition("\n")
    return int(status), body


async def sweep(site: ApiSite, limits: UploadLimits | None = None, after: timedelta = timedelta(minutes=1)) -> int:
    services = site.services
    limits = limits or upload_limits(services.settings)
    return await notice_arrivals(services.uow, services.storage, site.gateway, limits, datetime.now(UTC) + after)


async def status(site: ApiSite, tenant: Tenant, video_id: str) -> tuple[str, str | None]:
    video = (await site.http.get(f"/v1/videos/{video_id}", headers=tenant.headers)).json()["video"]
    return video["status"], (video["failure"] or {}).get("code")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"/path/to/clip.mp4")
    return path


async def test_what_curl_sends_is_noticed_and_published_once(site: ApiSite, clip: Path) -> None:
    tenant = await site.tenant()
    given = await credentials(site, tenant)
    target = VersionRef(tenant.organisation_id, given["videoId"], 1)
    await sweep(site)
    assert await status(site, tenant, target.video_id) == ("pre_upload", None)
    code, body = await curl(given["clientPayload"], clip)
    assert (code, "<PostResponse>" in body.replace(' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', "")) == (
        201,
        True,
    )
    assert await status(site, tenant, target.video_id) == ("pre_upload", None)
    await asyncio.gather(*(sweep(site, after=timedelta(minutes=10 + number)) for number in range(3)))
    assert site.gateway.published.count(target) == 1
    assert await status(site, tenant, target.video_id) == ("queued", None)
    assert await site.services.storage.get_bytes(object_keys.original(target)) == clip.read_bytes()
    with pytest.raises(ObjectNotFound):
        await site.services.storage.stat(object_keys.form(target))


async def test_the_payload_has_the_vendors_form(site: ApiSite) -> None:
    given = await credentials(site, await site.tenant(), folderId="root")
    assert set(given) == {"clientPayload", "videoId"}
    assert set(given["clientPayload"]) == {
        *("policy", "key", "x-amz-signature", "x-amz-algorithm", "x-amz-date", "x-amz-credential", "uploadLink")
    }
    policy = json.loads(base64.b64decode(given["clientPayload"]["policy"]))
    assert {"key": given["clientPayload"]["key"]} in policy["conditions"]
    assert ["content-length-range", 0, 5 * 1024**3] in policy["conditions"]
    for name in ("status", "redirect"):
        assert ["starts-with", f"$success_action_{name}", ""] in policy["conditions"]
    assert len(given["videoId"]) == 32


async def test_an_upload_goes_into_a_folder_of_ones_own(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    made = await site.http.post("/api/videos/folders", json={"name": "Course"}, headers=tenant.headers)
    folder = made.json()["id"]
    given = await credentials(site, tenant, folderId=folder)
    listed = await site.http.get("/api/videos", params={"folderId": folder}, headers=tenant.headers)
    assert [row["id"] for row in listed.json()["rows"]] == [given["videoId"]]
    for asker, other in ((stranger, folder), (tenant, "0" * 32), (tenant, "some-folder")):
        refused = await site.http.put(f"/api/videos?title=x&folderId={other}", headers=asker.headers)
        assert (refused.status_code, refused.json()["message"]) == (404, "Folder not found")


@pytest.mark.parametrize("body", [{}, {"content": b"{}"}, {"json": {}}], ids=["nothing", "bytes", "json"])
async def test_leniencies_of_the_request(site: ApiSite, body: dict[str, Any]) -> None:
    tenant = await site.tenant()
    answer = await site.http.request("PUT", "/api/videos/?title=x", headers=tenant.headers, **body)
    assert answer.status_code == 200
    for query in ("", "?title=", "?title=" + "x" * 501, "?title=%00"):
        refused = await site.http.put(f"/api/videos{query}", headers=tenant.headers)
        assert (refused.status_code, "message" in refused.json()) == (400, True)
    assert (await site.http.put("/api/videos?title=x")).json()["message"] == "Bad formatting of Authorization header"


async def test_the_form_is_good_for_its_own_object_and_size_only(site: ApiSite, clip: Path) -> None:
    tenant, services = await site.tenant(), site.services
    payload = (await credentials(site, tenant))["clientPayload"]
    other = (await credentials(site, tenant))["clientPayload"]
    assert (await curl(payload, clip, key=other["key"]))[0] == 403
    assert (await curl(payload, clip, key=payload["key"].replace("form", "original")))[0] == 403
    assert (await curl(payload, clip, **{"x-amz-signature": "0" * 64}))[0] == 403
    small = await services.storage.presign_form(payload["key"], 5, timedelta(minutes=1))
    assert (await curl({**small.fields, "uploadLink": small.url}, clip))[0] in {400, 403}
    with pytest.raises(ObjectNotFound):
        await services.storage.stat(payload["key"])


async def test_a_page_may_send_the_form(site: ApiSite) -> None:
    payload = (await credentials(site, await site.tenant()))["clientPayload"]
    link = payload.pop("uploadLink")
    async with httpx.AsyncClient() as store:
        data = payload | {"success_action_status": "201"}
        sent = await store.post(link, data=data, files={"file": b"x"}, headers={"Origin": "https://shop.test"})
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (201, "*")


async def test_the_vendors_command_gets_201_through_the_relay(
    site: ApiSite, api_url: str, clip: Path, tmp_path: Path
) -> None:
    tenant, services = await site.tenant(), site.services
    settings = services.settings.model_copy(update={"relay_forms": True, "public_url": api_url})
    site.app.state.services = replace(services, settings=settings)
    big = tmp_path / "big"
    big.write_bytes(bytes(3_000_000) + b"--boundary\r\nthe end")
    for file in (clip, big):
        given = await credentials(site, tenant)
        assert given["clientPayload"]["uploadLink"].startswith(api_url)
        assert (await curl(given["clientPayload"], file, success_action_redirect=""))[0] == 201
        await sweep(site)
        target = VersionRef(tenant.organisation_id, given["videoId"], 1)
        assert await services.storage.get_bytes(object_keys.original(target)) == file.read_bytes()
    again = await curl(given["clientPayload"], clip, success_action_redirect="")
    assert (again[0], json.loads(again[1])["message"]) == (404, "Video not found")
    forged = (await credentials(site, tenant))["clientPayload"] | {"x-amz-signature": "0" * 64}
    assert (await curl(forged, clip, success_action_redirect=""))[0] == 403


async def test_the_relay_takes_forms_only(site: ApiSite) -> None:
    form = {"content-type": "multipart/form-data; boundary=b"}
    for headers, body in (
        ({}, b"x"),
        (form, b""),
        (form, b"--b\r\n" * 20_000),
        (form, b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--'),
        ({"content-type": "multipart/form-data"}, b"x"),
    ):
        assert (await site.http.post("/api/upload-form", content=body, headers=headers)).status_code == 400


async def test_a_form_sent_again_does_not_change_what_is_processed(site: ApiSite, clip: Path, tmp_path: Path) -> None:
    tenant = await site.tenant()
    given = await credentials(site, tenant)
    target = VersionRef(tenant.organisation_id, given["videoId"], 1)
    await curl(given["clientPayload"], clip)
    await sweep(site)
    (tmp_path / "other").write_bytes(b"something else")
    assert (await curl(given["clientPayload"], tmp_path / "other"))[0] == 201
    await sweep(site, after=timedelta(hours=1))
    assert await site.services.storage.get_bytes(object_keys.original(target)) == clip.read_bytes()
    assert site.gateway.published.count(target) == 1


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (UploadLimits(max_source_bytes=5, scheme="cbcs"), "UPLOAD_TOO_LARGE"),
        (UploadLimits(max_source_bytes=10**9, scheme="cbcs", max_stored_bytes=5), "QUOTA_EXCEEDED"),
    ],
    ids=["size", "quota"],
)
async def test_what_is_too_large_after_all_fails_with_its_reason(
    site: ApiSite, clip: Path, limits: UploadLimits, code: str
) -> None:
    tenant = await site.tenant()
    given = await credentials(site, tenant)
    await curl(given["clientPayload"], clip)
    await sweep(site, limits)
    assert await status(site, tenant, given["videoId"]) == ("failed", code)
    target = VersionRef(tenant.organisation_id, given["videoId"], 1)
    assert await site.services.storage.list(object_keys.version_prefix(target)) == []
    assert target not in site.gateway.published


async def test_what_arrives_while_workflows_are_down_is_queued(site: ApiSite, clip: Path) -> None:
    tenant = await site.tenant()
    given = await credentials(site, tenant)
    await curl(given["clientPayload"], clip)
    site.gateway.down = True
    await sweep(site)
    assert await status(site, tenant, given["videoId"]) == ("queued", None)


async def test_a_form_nobody_sends_is_given_up_after_a_week(site: ApiSite) -> None:
    tenant = await site.tenant()
    given = await credentials(site, tenant)
    await abandon_uploads(site.services.uow, site.services.storage, datetime.now(UTC) + timedelta(days=8))
    assert await status(site, tenant, given["videoId"]) == ("cancelled", "CANCELLED")


async def test_a_quota_is_asked_before_every_kind_of_upload(site: ApiSite) -> None:
    tenant, services = await site.tenant(), site.services
    limited = services.settings.model_copy(update={"max_stored_bytes": 10, "relay_forms": False})
    site.app.state.services = replace(services, settings=limited)
    tus = {"Tus-Resumable": "1.0.0", **tenant.headers}
    assert (
        await site.http.post("/v1/tus", headers={**tus, "Upload-Length": "6", "Upload-Concat": "partial"})
    ).is_success
    over = [
        await site.http.post("/v1/uploads", json={"filename": "x", "size": 5}, headers=tenant.headers),
        await site.http.post("/v1/tus", headers={**tus, "Upload-Length": "5"}),
        await site.http.post("/v1/tus", headers={**tus, "Upload-Length": "5", "Upload-Concat": "partial"}),
    ]
    assert [(each.status_code, each.json()["code"]) for each in over] == [(413, "QUOTA_EXCEEDED")] * 3
    given = await credentials(site, tenant)
    policy = json.loads(base64.b64decode(given["clientPayload"]["policy"]))
    assert ["content-length-range", 0, 4] in policy["conditions"]
    assert (await site.http.post("/v1/uploads", json={"filename": "x", "size": 4}, headers=tenant.headers)).is_success
    refused = await site.http.put("/api/videos?title=x", headers=tenant.headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "QUOTA_EXCEEDED")
