"""`/api/videos/tags`."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.fixtures.compatible_site import CompatibleSite

pytestmark = pytest.mark.stack

DONE = {"message": "Done"}


async def tags_of(vdocipher: CompatibleSite, video_id: str) -> list[str]:
    tags: list[str] = (await vdocipher.get(f"/videos/{video_id}"))["tags"]
    return tags


async def test_tags_are_added_replaced_and_cleared(vdocipher: CompatibleSite) -> None:
    first, second = await vdocipher.add(tags=["old"]), await vdocipher.add()
    both = [first, second]
    assert await vdocipher.send("POST", "/videos/tags", videos=both, tags=["b", "a", "b"]) == DONE
    assert await vdocipher.send("POST", "/videos/tags/", videos=both, tags=["a"]) == DONE
    assert [await tags_of(vdocipher, each) for each in both] == [["old", "b", "a"], ["b", "a"]]
    assert await vdocipher.get("/videos/tags") == {"rows": ["a", "b", "old"]}
    assert await vdocipher.send("PUT", "/videos/tags", videos=both, tags=["new"]) == DONE
    assert [await tags_of(vdocipher, each) for each in both] == [["new"], ["new"]]
    assert await vdocipher.send("PUT", "/videos/tags/", videos=[first], tags=[]) == DONE
    assert [await tags_of(vdocipher, each) for each in both] == [[], ["new"]]
    assert await vdocipher.get("/videos/tags/") == {"rows": ["new"]}


async def test_either_all_videos_change_or_none(vdocipher: CompatibleSite) -> None:
    stranger = CompatibleSite(vdocipher.site, await vdocipher.site.tenant())
    mine, foreign = await vdocipher.add(), await stranger.add(tags=["theirs"])
    for other in (foreign, uuid4().hex, "none"):
        for method in ("POST", "PUT"):
            answer = await vdocipher.call(method, "/videos/tags", json={"videos": [mine, other], "tags": ["x"]})
            assert (answer.status_code, answer.json()["message"]) == (404, "Video not found")
    assert await tags_of(vdocipher, mine) == []
    assert await tags_of(stranger, foreign) == ["theirs"]
    assert await vdocipher.get("/videos/tags") == {"rows": []}


async def test_what_cannot_be_a_tag_is_refused(vdocipher: CompatibleSite) -> None:
    video_id = await vdocipher.add()
    for tags in (
        [],
        None,
        [1.5],
        [{}],
        ["x" * 101],
        ["\0"],
        ["\ud800"],
        [f"t{n}" for n in range(101)],
        "a," * 5000 + "b" * 200,
    ):
        body = {"videos": [video_id], "tags": tags}
        answer = await vdocipher.call("POST", "/videos/tags", content=json.dumps(body))
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_INPUT"), tags
        assert answer.json()["message"].startswith("tags: ")
    for videos in (None, [], "", [[]], [5.5], ["x"] * 1001):
        answer = await vdocipher.call("PUT", "/videos/tags", json={"videos": videos, "tags": ["a"]})
        assert answer.status_code == 400, videos
        assert answer.json()["message"].startswith("videos: ")
    full = [f"t{n}" for n in range(100)]
    assert await vdocipher.send("POST", "/videos/tags", videos=[video_id], tags=full) == DONE
    answer = await vdocipher.call("POST", "/videos/tags", json={"videos": [video_id], "tags": ["one more"]})
    assert answer.status_code == 400
    assert await tags_of(vdocipher, video_id) == full
