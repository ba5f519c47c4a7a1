"""`/api/videos/{id}/files`, `/api/meta/{id}` and posters."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from lxml import etree

from core.contracts import object_keys
from core.domain.media.pictures import jpeg_size
from tests.fixtures.compatible_site import CompatibleSite
from tests.fixtures.pictures import picture

pytestmark = pytest.mark.stack

VTT = b"\xef\xbb\xbfWEBVTT\r\n\r\nNOTE a note\r\n\r\n1\r\n00:01.000 --> 00:02.500 line:10%\r\n<v Ann>Hello\r\n"
CLEAN = b"WEBVTT\n\nNOTE a note\n\n1\n00:01.000 --> 00:02.500 line:10%\n<v Ann>Hello\n"
MPD = "{urn:mpeg:dash:schema:mpd:2011}"
FILE_KEYS = {
    *("id", "name", "size", "time", "enabled", "format", "height", "width", "bitrate", "video_codec", "audio_codec"),
    *("encryption_type", "lang", "isDownloadable", "isDeletable", "params"),
}


@pytest.fixture
async def video_id(vdocipher: CompatibleSite) -> str:
    return (await vdocipher.site.published(vdocipher.tenant)).target.video_id


async def send(vdocipher: CompatibleSite, video_id: str, data: bytes, slash: str = "", **query: str) -> httpx.Response:
    files = {"file": ("dir/name.vtt", data, "text/plain")}
    return await vdocipher.call("POST", f"/videos/{video_id}/files{slash}", files=files, params=query)


async def add(vdocipher: CompatibleSite, video_id: str, data: bytes, **query: str) -> Any:
    return vdocipher.body(await send(vdocipher, video_id, data, **query))


async def test_the_list_has_uploads_tracks_and_posters(vdocipher: CompatibleSite, video_id: str) -> None:
    files = await vdocipher.get(f"/videos/{video_id}/files/")
    assert all(set(each) == FILE_KEYS for each in files)
    assert await vdocipher.get(f"/videos/{video_id}/files") == files
    assert len({each["id"] for each in files}) == len(files)
    original, *_ = files
    assert (original["name"], original["size"], original["format"]) == ("sintel.mp4", 5, "mp4")
    assert (original["isDownloadable"], original["isDeletable"], original["encryption_type"]) == (True, False, None)
    video = next(each for each in files if each["video_codec"])
    assert (video["name"], video["encryption_type"], video["isDownloadable"]) == ("360p", "cbcs", False)
    assert video["params"]["streams"][0]["mimeType"] == "video/mp4"
    poster = next(each for each in files if each["format"] == "jpeg")
    assert (poster["width"], poster["height"], poster["enabled"], poster["isDeletable"]) == (640, 360, 1, False)
    assert all(datetime.fromisoformat(each["time"]).tzinfo for each in files)


async def test_captions_are_kept_listed_downloaded_and_deleted(vdocipher: CompatibleSite, video_id: str) -> None:
    for slash in ("", "/"):
        made = vdocipher.body(await send(vdocipher, video_id, VTT, slash, language="EN"))
        assert set(made) == {"id", "time", "size", "lang"}
        assert (made["size"], made["lang"]) == ("1 kB", "en")
    captions = [each for each in await vdocipher.get(f"/videos/{video_id}/files") if each["name"] == "[EN] name.vtt"]
    assert [(each["format"], each["lang"], each["size"]) for each in captions] == [("vtt", "en", len(CLEAN))] * 2
    file_id = captions[0]["id"]
    address = (await vdocipher.get(f"/videos/{video_id}/files/{file_id}/"))["redirect"]
    async with httpx.AsyncClient() as http:
        fetched = await http.get(address)
        assert fetched.content == CLEAN
        assert "name.vtt" in fetched.headers["content-disposition"]
        deleted = vdocipher.body(await vdocipher.call("DELETE", f"/videos/{video_id}/files/{file_id}"))
        assert deleted == {"message": "Deleted"}
        assert (await http.get(address)).status_code == 404
    again = await vdocipher.call("DELETE", f"/videos/{video_id}/files/{file_id}/")
    assert (again.status_code, again.json()["message"]) == (404, "File not found")
    left = [each["id"] for each in await vdocipher.get(f"/videos/{video_id}/files")]
    assert captions[1]["id"] in left
    assert file_id not in left


async def test_players_are_offered_the_captions(vdocipher: CompatibleSite, video_id: str) -> None:
    site = vdocipher.site
    session = await site.session(vdocipher.tenant, video_id)
    english = (await add(vdocipher, video_id, VTT, language="en"))["id"]
    greek = (await add(vdocipher, video_id, VTT, language="ell"))["id"]
    root = etree.fromstring((await site.http.get(session["dash_url"])).content)
    texts = [each for each in root.iter(f"{MPD}AdaptationSet") if each.get("contentType") == "text"]
    assert [(each.get("lang"), each.findtext(f"{MPD}Label")) for each in texts] == [("en", "English"), ("el", "Greek")]
    base = session["dash_url"].partition("manifest.mpd")[0]
    name = texts[0].findtext(f"{MPD}Representation/{MPD}BaseURL")
    assert name == f"captions/{english}.vtt"
    fetched = await site.http.get(base + name)
    assert (fetched.status_code, fetched.content, fetched.headers["content-type"][:8]) == (200, CLEAN, "text/vtt")
    master = (await site.http.get(session["hls_url"])).text.splitlines()
    media = [line for line in master if line.startswith("#EXT-X-MEDIA:TYPE=SUBTITLES")]
    assert len(media) == 2
    assert f'URI="captions/{greek}.m3u8?licence=' in media[1]
    assert [line for line in master if 'SUBTITLES="captions"' in line and line.startswith("#EXT-X-STREAM-INF")]
    playlist = await site.http.get(base + media[1].partition('URI="')[2].partition('"')[0])
    assert f"#EXTINF:2.500,\n{greek}.vtt\n" in playlist.text
    await vdocipher.call("DELETE", f"/videos/{video_id}/files/{english}")
    assert (await site.http.get(base + name)).status_code == 404
    assert f"captions/{english}" not in (await site.http.get(session["hls_url"])).text


async def test_what_is_no_webvtt_is_refused_with_its_reason(vdocipher: CompatibleSite, video_id: str) -> None:
    for data, reason in (
        (b"1\n00:00:01,000 --> 00:00:02,000\nx", "begin with WEBVTT"),
        (b"WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nx", "line 3"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", "line 3"),
        (b"WEBVTT\n\xff", "UTF-8"),
        (b"WEBVTT\n\0", "NUL"),
        (b"WEBVTT\n", "no cue"),
        (b"WEBVTT\n" + b"x" * 2**21, "larger"),
    ):
        answer = await send(vdocipher, video_id, data, language="en")
        assert (answer.status_code, answer.json()["code"]) == (400, "CAPTIONS_INVALID")
        assert reason in answer.json()["message"]
    for language in ("", "english!", "und", "x" * 200):
        answer = await send(vdocipher, video_id, VTT, language=language)
        assert (answer.status_code, answer.json()["message"][:9]) == (400, "language:")


async def test_a_poster_is_made_in_several_sizes_and_shown(
    vdocipher: CompatibleSite, video_id: str, tmp_path: Path
) -> None:
    before = (await vdocipher.get(f"/videos/{video_id}"))["posters"]
    for name in ("a.png", "b.jpg", "c.webp"):
        made = await add(vdocipher, video_id, await asyncio.to_thread(picture, tmp_path / name))
        assert [(each["video_width"], each["video_height"], each["format"]) for each in made] == [
            (1280, 720, "jpeg"),
            (720, 405, "jpeg"),
            (480, 270, "jpeg"),
        ]
        assert all(set(each) == {"id", "format", "video_height", "video_width", "time", "size"} for each in made)
    video = await vdocipher.get(f"/videos/{video_id}")
    assert [each["width"] for each in video["posters"]] == [1280, 720, 480]
    assert video["poster"] == video["posters"][0]["posterUrl"]
    for poster in video["posters"]:
        shown = await vdocipher.site.http.get(urlsplit(poster["posterUrl"]).path)
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.headers["access-control-allow-origin"] == "*"
        assert jpeg_size(shown.content) == (poster["width"], poster["height"])
    files = [each for each in await vdocipher.get(f"/videos/{video_id}/files") if each["format"] == "jpeg"]
    assert len(files) == 2 * len(made) + len(before) + len(made)
    assert [each["id"] for each in files if each["enabled"]] == [each["id"] for each in made]
    for each in made:
        await vdocipher.call("DELETE", f"/videos/{video_id}/files/{each['id']}")
    assert (await vdocipher.get(f"/videos/{video_id}"))["posters"] == before


async def test_small_pictures_are_not_enlarged(vdocipher: CompatibleSite, video_id: str, tmp_path: Path) -> None:
    made = await add(vdocipher, video_id, await asyncio.to_thread(picture, tmp_path / "s.png", "101x3"))
    assert [(each["video_width"], each["video_height"]) for each in made] == [(101, 3)]


async def test_what_is_no_picture_is_refused(vdocipher: CompatibleSite, video_id: str, tmp_path: Path) -> None:
    good = await asyncio.to_thread(picture, tmp_path / "a.png")
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    for data in (b"text", playlist, b"GIF89a" + bytes(50), good[:60], b"\x89PNG\r\n\x1a\n" + playlist, b"RIFF0000WEBP"):
        answer = await send(vdocipher, video_id, data)
        assert (answer.status_code, answer.json()["code"]) == (400, "PICTURE_INVALID"), data[:20]
    for request in (
        {"content": b""},
        {"files": {"other": ("x", b"x")}},
        {"data": {"file": "text"}, "files": {"x": ("x", b"x")}},
        {"content": b"garbage", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"garbage", "headers": {"Content-Type": "multipart/form-data"}},
    ):
        answer = await vdocipher.call("POST", f"/videos/{video_id}/files", **request)
        assert answer.status_code == 400, request
        assert answer.json()["message"].startswith("file: ")
    large = await send(vdocipher, video_id, b"\xff\xd8\xff" + bytes(11 * 2**20))
    assert (large.status_code, "message" in large.json()) == (413, True)


async def test_tracks_and_uploads_stay(vdocipher: CompatibleSite, video_id: str) -> None:
    files = await vdocipher.get(f"/videos/{video_id}/files")
    for each in files:
        answer = await vdocipher.call("DELETE", f"/videos/{video_id}/files/{each['id']}")
        assert (answer.status_code, answer.json()["code"]) == (400, "NOT_DELETABLE")
        answer = await vdocipher.call("GET", f"/videos/{video_id}/files/{each['id']}")
        assert answer.status_code == (200 if each["isDownloadable"] else 400)
    assert await vdocipher.get(f"/videos/{video_id}/files") == files


async def test_other_tenants_files_are_not_there(vdocipher: CompatibleSite, video_id: str) -> None:
    stranger = CompatibleSite(vdocipher.site, await vdocipher.site.tenant())
    own = (await vdocipher.site.published(stranger.tenant)).target.video_id
    file_id = (await add(vdocipher, video_id, VTT, language="en"))["id"]
    for method in ("GET", "DELETE"):
        for video, file, message in (
            (video_id, file_id, "Video not found"),
            (uuid4().hex, file_id, "Video not found"),
            (own, file_id, "File not found"),
            (own, 10**17, "File not found"),
            (own, "x", "File not found"),
        ):
            answer = await stranger.call(method, f"/videos/{video}/files/{file}")
            assert (answer.status_code, answer.json()["message"]) == (404, message)
    for answer in (await stranger.call("GET", f"/videos/{video_id}/files"), await send(stranger, video_id, VTT)):
        assert (answer.status_code, answer.json()["message"]) == (404, "Video not found")


async def test_anybody_may_read_a_published_videos_facts(vdocipher: CompatibleSite, video_id: str) -> None:
    http = vdocipher.site.http
    for slash in ("", "/"):
        answer = await http.get(f"/api/meta/{video_id}{slash}")
        assert answer.headers["access-control-allow-origin"] == "*"
        meta = answer.json()
        posters = (await vdocipher.get(f"/videos/{video_id}"))["posters"]
        assert meta == {
            "title": "Sintel",
            "duration": 12,
            "aspectRatio": 1.7778,
            "posters": [{"url": each["posterUrl"], "height": 360, "width": 640} for each in posters],
        }
    for other in (await vdocipher.add(), uuid4().hex, "x"):
        answer = await http.get(f"/api/meta/{other}")
        assert (answer.status_code, answer.json()["message"]) == (404, "Video not found")


async def test_what_belonged_to_a_deleted_video_goes(vdocipher: CompatibleSite, video_id: str) -> None:
    poster = urlsplit((await vdocipher.get(f"/videos/{video_id}"))["poster"]).path
    assert (await vdocipher.site.http.get(poster)).status_code == 200
    assert (await vdocipher.site.http.get(poster + "x")).status_code == 404
    await vdocipher.call("DELETE", "/videos", params={"videos": video_id})
    assert (await vdocipher.site.http.get(poster)).status_code == 404
    assert (await vdocipher.site.http.get(f"/api/meta/{video_id}")).status_code == 404


def test_captions_lie_beside_the_versions() -> None:
    assert object_keys.caption("o", "v", "1.vtt") == "o/v/files/captions/1.vtt"
