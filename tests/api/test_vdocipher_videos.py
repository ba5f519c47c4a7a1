"""`/api/videos` as VdoCipher's clients call it: lists, one video, changes, deletion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.domain.video import VideoState
from tests.fixtures.compatible_site import CompatibleSite

pytestmark = pytest.mark.stack

KEYS = {
    "id",
    "title",
    "description",
    "upload_time",
    "length",
    "status",
    "public",
    "ipGeoRules",
    "whitelisthref",
    "posters",
    "poster",
    "tags",
    "totalSizeBytes",
}
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def titles(listed: dict[str, Any]) -> list[str]:
    return [row["title"] for row in listed["rows"]]


async def test_a_published_video_has_every_documented_key(vdocipher: CompatibleSite) -> None:
    video_id = (await vdocipher.site.published(vdocipher.tenant)).target.video_id
    for slash in ("", "/"):
        video = await vdocipher.get(f"/videos/{video_id}{slash}")
        assert set(video) == KEYS
        assert (video["id"], video["title"], video["status"], video["length"]) == (video_id, "Sintel", "ready", 12)
        assert isinstance(video["upload_time"], int)
        assert video["totalSizeBytes"] > 5
        assert await vdocipher.get(f"/videos{slash}") == {"count": 1, "rows": [video]}


async def test_states_are_spelt_as_vdocipher_does(vdocipher: CompatibleSite) -> None:
    for state, spelt in (
        (VideoState.PRE_UPLOAD, "PRE-Upload"),
        (VideoState.QUEUED, "Queued"),
        (VideoState.PROCESSING, "Processing"),
        (VideoState.READY, "ready"),
        (VideoState.CANCELLED, "Encoding error"),
    ):
        assert (await vdocipher.get(f"/videos/{await vdocipher.add(status=state)}"))["status"] == spelt
    for code, spelt in (
        ("NOT_A_VIDEO", "Not a media file"),
        ("EMPTY", "Not a media file"),
        ("CORRUPT", "Encoding error"),
    ):
        video_id = await vdocipher.add()
        await vdocipher.fail(video_id, code)
        assert (await vdocipher.get(f"/videos/{video_id}"))["status"] == spelt


async def test_pages_are_the_newest_first_and_all_are_counted(vdocipher: CompatibleSite) -> None:
    for number in range(25):
        await vdocipher.add(f"{number:02d}", created_at=WHEN + timedelta(minutes=number))
    newest_first = [f"{number:02d}" for number in reversed(range(25))]
    listed = await vdocipher.get("/videos")
    assert (listed["count"], titles(listed)) == (25, newest_first[:20])
    second = await vdocipher.get("/videos", page="2", limit="10")
    assert (second["count"], titles(second)) == (25, newest_first[10:20])
    assert await vdocipher.get("/videos", page=9, limit=10) == {"count": 25, "rows": []}
    for lenient in ({"page": 0}, {"page": -3}, {"limit": 0}, {"limit": ""}, {"page": ""}):
        assert titles(await vdocipher.get("/videos", **lenient)) == newest_first[:20]
    assert len((await vdocipher.get("/videos", limit=10_000))["rows"]) == 25


async def test_tags_all_have_to_match_letter_by_letter(vdocipher: CompatibleSite) -> None:
    await vdocipher.add("both", tags=["Maths", "year 1"], status=VideoState.READY)
    await vdocipher.add("one", tags=["Maths"], status=VideoState.READY)
    await vdocipher.add("other case", tags=["maths"], status=VideoState.READY)
    for name in ("tags", "tag"):
        assert set(titles(await vdocipher.get("/videos", **{name: "Maths"}))) == {"both", "one"}
        assert titles(await vdocipher.get("/videos", **{name: "year 1, Maths"})) == ["both"]
        assert await vdocipher.get("/videos", **{name: "MATHS"}) == {"count": 0, "rows": []}


async def test_videos_without_a_file_are_found_by_a_word_of_a_clients(vdocipher: CompatibleSite) -> None:
    await vdocipher.add("waiting")
    await vdocipher.add("ready", status=VideoState.READY)
    assert titles(await vdocipher.get("/videos", tags="PRE-Upload")) == ["waiting"]


async def test_a_search_finds_parts_of_titles_and_ids(vdocipher: CompatibleSite) -> None:
    video_id = await vdocipher.add("Lesson 7: 100% Ümlaut_x")
    await vdocipher.add("Something else")
    for text in (
        "lesson",
        "LESSON 7",
        "100%",
        "ümlaut_",
        "_x",
        "on",
        video_id,
        video_id[5:20],
        video_id[:2] + video_id[2],
    ):
        found = await vdocipher.get("/videos", q=text)
        assert video_id in [row["id"] for row in found["rows"]], text
    for text in ("lesson_7", "1%0", "lesson 8", "x" + video_id[:3] + "\x01"):
        assert (await vdocipher.get("/videos", q=text))["count"] == 0, text


async def test_only_what_is_named_changes(vdocipher: CompatibleSite) -> None:
    video_id = await vdocipher.add("Old", description="Kept", tags=["kept"])
    done = {"message": "Successfully updated"}
    assert await vdocipher.send("POST", f"/videos/{video_id}", title="New") == done
    video = await vdocipher.get(f"/videos/{video_id}")
    assert (video["title"], video["description"], video["tags"]) == ("New", "Kept", ["kept"])
    assert await vdocipher.send("POST", f"/videos/{video_id}/", description="", tags=["a", "b", "a"], x=1) == done
    video = await vdocipher.get(f"/videos/{video_id}")
    assert (video["title"], video["description"], video["tags"]) == ("New", "", ["a", "b"])
    # As PHP sends it, with a content type or without.
    for headers in ({"Content-Type": "application/x-www-form-urlencoded"}, {}):
        form = b"title=A+form&tags[]=x&tags[]=y"
        assert (
            vdocipher.body(await vdocipher.call("POST", f"/videos/{video_id}", content=form, headers=headers)) == done
        )
        video = await vdocipher.get(f"/videos/{video_id}")
        assert (video["title"], video["tags"]) == ("A form", ["x", "y"])
    for nothing in (b"", b"{}", b"[]", b"null"):
        assert vdocipher.body(await vdocipher.call("POST", f"/videos/{video_id}", content=nothing)) == done
    assert (await vdocipher.get(f"/videos/{video_id}"))["title"] == "A form"


async def test_videos_are_deleted_by_their_ids_and_counted(vdocipher: CompatibleSite) -> None:
    first, second, kept = [await vdocipher.add() for _ in range(3)]
    for videos, number in ((f"{first}, {second},{uuid4().hex},none", 2), (first, 0), ("none", 0)):
        deleted = vdocipher.body(await vdocipher.call("DELETE", "/videos", params={"videos": videos}))
        assert deleted == {"code": 200, "message": f"Successfully deleted {number} videos"}
    assert {message.video_id for message in vdocipher.site.gateway.deleted} == {first, second}
    assert [row["id"] for row in (await vdocipher.get("/videos"))["rows"]] == [kept]
    assert (await vdocipher.call("GET", f"/videos/{first}")).status_code == 404
    one = vdocipher.body(await vdocipher.call("DELETE", f"/videos/?videos={kept}"))
    assert one["message"] == "Successfully deleted 1 videos"


async def test_a_deletion_counts_although_workflows_are_away(vdocipher: CompatibleSite) -> None:
    video_id = await vdocipher.add()
    vdocipher.site.gateway.down = True
    deleted = vdocipher.body(await vdocipher.call("DELETE", "/videos", params={"videos": video_id}))
    assert deleted["message"] == "Successfully deleted 1 videos"
    assert (await vdocipher.get("/videos"))["count"] == 0


async def test_other_tenants_videos_are_not_there(vdocipher: CompatibleSite) -> None:
    stranger = CompatibleSite(vdocipher.site, await vdocipher.site.tenant())
    video_id = await vdocipher.add("Mine", tags=["t"])
    for query in ({}, {"q": "Mine"}, {"q": video_id}, {"tags": "t"}):
        assert await stranger.get("/videos", **query) == {"count": 0, "rows": []}
    answers = [await stranger.call(method, f"/videos/{video_id}") for method in ("GET", "POST")]
    answers += [await stranger.call(method, f"/videos/{uuid4().hex}") for method in ("GET", "POST")]
    for answer in answers:
        assert (answer.status_code, answer.json()) == (404, {"message": "Video not found", "code": "NOT_FOUND"})
    nothing = stranger.body(await stranger.call("DELETE", "/videos", params={"videos": video_id}))
    assert nothing["message"] == "Successfully deleted 0 videos"
    assert (await vdocipher.get(f"/videos/{video_id}"))["title"] == "Mine"


async def test_who_has_no_key_reads_why(vdocipher: CompatibleSite) -> None:
    for headers, message in (
        ({"Authorization": ""}, "Bad formatting of Authorization header"),
        ({"Authorization": "Apisecret " + "0" * 64}, "The API key is not valid."),
    ):
        answer = await vdocipher.call("GET", "/videos", headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (401, message)
