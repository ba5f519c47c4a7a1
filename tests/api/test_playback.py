"""Playback sessions and signed media paths."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from core.contracts import object_keys
from core.services.playback.sessions_left import sessions_left
from tests.fixtures.api_site import ApiSite
from tests.fixtures.published_video import OBJECTS, publish, queue_version, to_queued
from tests.fixtures.raw_request import raw_request

pytestmark = pytest.mark.stack

RANGES = [
    ("bytes=0-9", 206, "bytes 0-9/1024"),
    ("bytes=1000-", 206, "bytes 1000-1023/1024"),
    ("bytes=-4", 206, "bytes 1020-1023/1024"),
    ("bytes=0-99999", 206, "bytes 0-1023/1024"),
    ("bytes=1024-", 416, "bytes */1024"),
    ("bytes=5000-6000", 416, "bytes */1024"),
]

#: Not ranges that we serve, so they are ignored, as RFC 9110, 14.2 wants it.
IGNORED_RANGES = ["items=0-1", "bytes=a-b", "bytes=5-2", "bytes=-0", "bytes=", "bytes=0-1,4-5", "bytes=0-" + "9" * 400]

#: Ways out of the published folder, and names that packaging never gives.
ELSEWHERE = [
    "../original",
    "..%2foriginal",
    "%2e%2e/original",
    "..%252foriginal",
    "video/../../original",
    "video/..%5c..%5coriginal",
    "video\\..\\original",
    "/manifest.mpd",
    "//manifest.mpd",
    "video//360p/1.m4s",
    "./manifest.mpd",
    "manifest.mpd%00.jpg",
    "manifest.mpd/",
    "%6danifest.mpd",
    "\uff0e\uff0e/original",
    "%ef%bc%8e%ef%bc%8e/original",
    "%c0%ae%c0%ae/original",
    "../interim/plan.json",
    "../../v2/stream/manifest.mpd",
    "manifest.mpd;x=1",
    "",
    "no-such-object.m4s",
]


async def media_base(site: ApiSite) -> str:
    """The signed address of a new video's published folder, as a path."""
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    return urlsplit(session["dash_url"]).path.removesuffix("manifest.mpd")


async def test_a_player_learns_what_to_play_from_its_token(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    opened = await site.session(tenant, target.video_id, viewer_ip="2001:db8::1", viewer_user_agent="Test\u202e")
    assert opened["player_url"] == f"http://api.test/player/#{opened['token']}"
    answer = await site.http.get("/api/playback/session", headers={"Authorization": f"Bearer {opened['token']}"})
    session = answer.json()
    assert (session["title"], session["duration"]) == ("Sintel", 12.5)
    assert answer.headers["cache-control"] == "no-store"
    assert session["licence_url"].startswith("/api/licences/clearkey/")
    assert (await site.http.get(session["dash_url"].partition("?")[0])).content == OBJECTS["manifest.mpd"]
    assert (await site.http.get(session["hls_url"].partition("?")[0])).content == OBJECTS["master.m3u8"]
    assert (await site.http.get(session["poster_url"])).content == OBJECTS["thumbnails/poster.jpg"]
    assert opened["dash_url"] == "http://api.test" + session["dash_url"]


async def test_a_video_that_was_never_published_cannot_be_played(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    answer = await site.http.post(f"/v1/videos/{target.video_id}/playback-sessions", headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_READY")


async def test_a_session_ends_when_its_time_is_over(site: ApiSite) -> None:
    tenant = await site.tenant()
    opened = await site.session(tenant, (await site.published(tenant)).target.video_id, ttl_seconds=60)
    headers = {"Authorization": f"Bearer {opened['token']}"}
    site.clock.ahead = timedelta(seconds=58)
    assert (await site.http.get("/api/playback/session", headers=headers)).status_code == 200
    assert (await site.http.get(urlsplit(opened["dash_url"]).path)).status_code == 200
    site.clock.ahead = timedelta(seconds=61)
    assert (await site.http.get("/api/playback/session", headers=headers)).status_code == 401
    assert (await site.http.get(urlsplit(opened["dash_url"]).path)).status_code == 403


@pytest.mark.parametrize("ttl", [0, 59, 86401])
async def test_a_session_outside_the_allowed_times_is_refused(site: ApiSite, ttl: int) -> None:
    tenant = await site.tenant()
    answer = await site.http.post(
        f"/v1/videos/{'0' * 32}/playback-sessions", json={"ttl_seconds": ttl}, headers=tenant.headers
    )
    assert answer.status_code == 422


async def test_a_running_session_keeps_its_version_when_the_video_is_replaced(site: ApiSite) -> None:
    tenant = await site.tenant()
    first = (await site.published(tenant)).target
    running = await site.session(tenant, first.video_id)
    body = {"filename": "new.mp4", "size": 1}
    answer = await site.http.post(f"/v1/videos/{first.video_id}/replacement", json=body, headers=tenant.headers)
    second = type(first)(first.organisation_id, first.video_id, answer.json()["version"])
    await to_queued(site.services.uow, second)
    await publish(site.services.uow, site.services.storage, site.services.vault, second)
    await site.services.storage.put_bytes(object_keys.published_prefix(second) + "manifest.mpd", b"<new/>", "x/y")
    newer = await site.session(tenant, first.video_id)
    assert (await site.http.get(urlsplit(running["dash_url"]).path)).content == OBJECTS["manifest.mpd"]
    assert (await site.http.get(urlsplit(newer["dash_url"]).path)).content == b"<new/>"
    async with site.services.uow() as uow:
        left = await sessions_left(uow, first, site.clock.now())
    assert 0 < left <= site.services.settings.playback_ttl_seconds


async def test_whole_objects_come_with_their_media_type_and_may_be_kept(site: ApiSite) -> None:
    base = await media_base(site)
    kinds = {
        "manifest.mpd": "application/dash+xml",
        "master.m3u8": "application/vnd.apple.mpegurl",
        "video/360p/1.m4s": "video/mp4",
        "audio/audio-0-eng/1.m4s": "audio/mp4",
        "thumbnails/poster.jpg": "image/jpeg",
    }
    for name, kind in kinds.items():
        got = await site.http.get(base + name)
        head = await site.http.head(base + name)
        assert (got.status_code, got.content) == (200, OBJECTS[name])
        assert (head.status_code, head.content) == (200, b"")
        for answer in (got, head):
            assert answer.headers["content-type"] == kind
            assert answer.headers["content-length"] == str(len(OBJECTS[name]))
            assert answer.headers["accept-ranges"] == "bytes"
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "immutable" in answer.headers["cache-control"]


async def test_ranges_are_passed_on(site: ApiSite) -> None:
    address = await media_base(site) + "video/360p/1.m4s"
    whole = OBJECTS["video/360p/1.m4s"]
    for asked, status, content_range in RANGES:
        answer = await site.http.get(address, headers={"Range": asked})
        assert (answer.status_code, answer.headers["content-range"]) == (status, content_range), asked
        if status == 416:
            assert (answer.content, answer.headers["cache-control"]) == (b"", "no-store")
            continue
        first, last = (int(part) for part in content_range[6:].split("/")[0].split("-"))
        assert answer.content == whole[first : last + 1], asked


@pytest.mark.parametrize("ignored", IGNORED_RANGES)
async def test_what_is_no_single_range_gets_the_whole(site: ApiSite, ignored: str) -> None:
    base = await media_base(site)
    answer = await site.http.get(f"{base}video/360p/1.m4s", headers={"Range": ignored})
    assert (answer.status_code, len(answer.content)) == (200, 1024)
    assert "Content-Range" not in answer.headers


async def test_a_copy_that_is_current_is_not_sent_again(site: ApiSite) -> None:
    address = f"{await media_base(site)}video/360p/1.m4s"
    etag = (await site.http.get(address)).headers["ETag"]
    for method in ("GET", "HEAD"):
        kept = await site.http.request(method, address, headers={"If-None-Match": f'"other", W/{etag}'})
        assert (kept.status_code, kept.content, kept.headers["ETag"]) == (304, b"", etag)
        other = await site.http.request(method, address, headers={"If-None-Match": '"other"'})
        assert other.status_code == 200


async def test_a_range_of_another_object_gets_the_whole(site: ApiSite) -> None:
    address = f"{await media_base(site)}video/360p/1.m4s"
    etag = (await site.http.get(address)).headers["ETag"]
    same = await site.http.get(address, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = await site.http.get(address, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, other.status_code, len(other.content)) == (206, 200, 1024)


@pytest.mark.parametrize("address", ["fe80::1%eth0", 5, "999.1.1.1", "", "1.2.3.4/8"])
async def test_an_address_that_no_viewer_can_have_is_refused(site: ApiSite, address: object) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    body = {"viewer_ip": address}
    answer = await site.http.post(f"/v1/videos/{video_id}/playback-sessions", json=body, headers=tenant.headers)
    assert answer.status_code == 422


async def test_paths_that_lead_elsewhere_find_nothing(site: ApiSite) -> None:
    base = await media_base(site)
    assert (await raw_request(site.app, base + "manifest.mpd")).status_code == 200
    for path in ELSEWHERE:
        assert (await raw_request(site.app, base + path)).status_code == 404, path


async def test_a_forged_signature_is_refused(site: ApiSite) -> None:
    base = await media_base(site)
    token = base.split("/")[2]
    other = (await media_base(site)).split("/")[2]
    forgeries = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "A" + token[1:] if token[0] != "A" else "B" + token[1:],
        token[:60] + other[60:],
        token + "=",
        token + "AAAA",
        token[:-4],
        "x",
        "%00",
    ]
    for forged in forgeries:
        answer = await site.http.get(f"/media/{forged}/manifest.mpd")
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), forged


async def test_another_origin_may_ask_for_ranges(site: ApiSite) -> None:
    base = await media_base(site)
    answer = await site.http.options(base + "manifest.mpd", headers={"Origin": "https://elsewhere.test"})
    assert answer.status_code == 204
    assert "Range" in answer.headers["access-control-allow-headers"].split(", ")
