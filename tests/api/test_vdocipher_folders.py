"""`/api/videos/folders`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from core.domain.folders import MOST_DEPTH
from tests.fixtures.compatible_site import CompatibleSite

pytestmark = pytest.mark.stack

ROOT = {"id": "root", "name": "root", "parent": None}
NOT_FOUND = (404, {"message": "Folder not found", "code": "FOLDER_NOT_FOUND"})


async def make(vdocipher: CompatibleSite, name: str, parent: str | None = "root") -> str:
    made = await vdocipher.send("POST", "/videos/folders", name=name, parent=parent)
    in_root = parent in (None, "root")
    assert made == {
        "id": made["id"],
        "name": name,
        "parent": None if in_root else parent,
        "videosCount": 0,
        "foldersCount": 0,
    }
    return str(made["id"])


def folder(folder_id: str, name: str, parent: str | None, videos: int, folders: int) -> dict[str, Any]:
    return {"id": folder_id, "name": name, "parent": parent, "videosCount": videos, "foldersCount": folders}


async def test_a_tree_is_listed_level_by_level_with_counts(vdocipher: CompatibleSite) -> None:
    top, other = await make(vdocipher, "Courses"), await make(vdocipher, "archive", None)
    inner = await make(vdocipher, "Maths", top)
    for place in (top, top, inner):
        await vdocipher.add(folder_id=place)
    await vdocipher.add("loose")
    gone = await vdocipher.add(folder_id=top)
    await vdocipher.call("DELETE", "/videos", params={"videos": gone})
    listed = [folder(other, "archive", None, 0, 0), folder(top, "Courses", None, 2, 1)]
    for path in ("/videos/folders", "/videos/folders/", "/videos/folders/root", "/videos/folders/root/"):
        assert await vdocipher.get(path) == {"folderList": listed, "current": ROOT, "parent": None}
    assert await vdocipher.get(f"/videos/folders/{top}") == {
        "folderList": [folder(inner, "Maths", top, 1, 0)],
        "current": {"id": top, "name": "Courses", "parent": None},
        "parent": ROOT,
    }
    assert await vdocipher.get(f"/videos/folders/{inner}/") == {
        "folderList": [],
        "current": {"id": inner, "name": "Maths", "parent": top},
        "parent": {"id": top, "name": "Courses", "parent": None},
    }
    assert (await vdocipher.get("/videos", folderId=top))["count"] == 2
    assert [row["title"] for row in (await vdocipher.get("/videos", folderId="root"))["rows"]] == ["loose"]
    assert (await vdocipher.get("/videos"))["count"] == 4


async def test_what_is_in_a_deleted_folder_moves_to_its_parent(vdocipher: CompatibleSite) -> None:
    top = await make(vdocipher, "top")
    middle = await make(vdocipher, "middle", top)
    inner = await make(vdocipher, "inner", middle)
    video_id = await vdocipher.add(folder_id=middle)
    deleted = {"message": "Folder Deleted"}
    assert vdocipher.body(await vdocipher.call("DELETE", f"/videos/folders/{middle}")) == deleted
    assert (await vdocipher.get(f"/videos/folders/{top}"))["folderList"] == [folder(inner, "inner", top, 0, 0)]
    assert [row["id"] for row in (await vdocipher.get("/videos", folderId=top))["rows"]] == [video_id]
    assert vdocipher.body(await vdocipher.call("DELETE", f"/videos/folders/{top}/")) == deleted
    assert (await vdocipher.get("/videos/folders"))["folderList"] == [folder(inner, "inner", None, 0, 0)]
    assert (await vdocipher.get("/videos", folderId="root"))["count"] == 1
    again = await vdocipher.call("DELETE", f"/videos/folders/{top}")
    assert (again.status_code, again.json()) == NOT_FOUND


async def test_a_folder_is_renamed(vdocipher: CompatibleSite) -> None:
    folder_id = await make(vdocipher, "old")
    renamed = await vdocipher.send("PUT", f"/videos/folders/{folder_id}", name="  new ")
    assert renamed == {"message": "Folder has been updated"}
    assert (await vdocipher.get(f"/videos/folders/{folder_id}"))["current"]["name"] == "new"


async def test_folders_are_found_by_name_with_what_they_are_in(vdocipher: CompatibleSite) -> None:
    top = await make(vdocipher, "Physics 100%")
    middle = await make(vdocipher, "second", top)
    inner = await make(vdocipher, "physics", middle)
    path = [{"name": "second", "id": middle}, {"name": "Physics 100%", "id": top}]
    found = (await vdocipher.send("POST", "/videos/folders/search", name="PHYS"))["folders"]
    assert {each["id"]: each["folderPath"] for each in found} == {inner: path, top: []}
    assert all(set(each) == {"name", "id", "folderPath", "createdAt"} for each in found)
    assert datetime.fromisoformat(found[0]["createdAt"]).tzinfo is not None
    for exact in (True, "true", 1):
        found = (await vdocipher.send("POST", "/videos/folders/search/", name="physics", searchExact=exact))["folders"]
        assert [each["id"] for each in found] == [inner]
    for nothing in ("hysics", "physics 1_0", "%"):
        assert await vdocipher.send("POST", "/videos/folders/search", name=nothing) == {"folders": []}


async def test_other_tenants_folders_are_not_there(vdocipher: CompatibleSite) -> None:
    stranger = CompatibleSite(vdocipher.site, await vdocipher.site.tenant())
    theirs = await make(vdocipher, "theirs")
    for folder_id in (theirs, uuid4().hex, "x", "ROOT", theirs.upper()):
        for method, body in (("GET", None), ("PUT", {"name": "mine"}), ("DELETE", None)):
            answer = await stranger.call(method, f"/videos/folders/{folder_id}", json=body)
            assert (answer.status_code, answer.json()) == NOT_FOUND
        for answer in (
            await stranger.call("POST", "/videos/folders", json={"name": "x", "parent": folder_id}),
            await stranger.call("GET", "/videos", params={"folderId": folder_id}),
        ):
            assert (answer.status_code, answer.json()) == NOT_FOUND
    assert await stranger.send("POST", "/videos/folders/search", name="theirs") == {"folders": []}
    assert (await vdocipher.get(f"/videos/folders/{theirs}"))["current"]["name"] == "theirs"


async def test_the_root_stays_and_names_are_needed(vdocipher: CompatibleSite) -> None:
    for answer in (
        await vdocipher.call("DELETE", "/videos/folders/root"),
        await vdocipher.call("PUT", "/videos/folders/root", json={"name": "x"}),
        await vdocipher.call("POST", "/videos/folders"),
        await vdocipher.call("POST", "/videos/folders", json={"name": " "}),
        await vdocipher.call("POST", "/videos/folders", json={"name": "x" * 256}),
        await vdocipher.call("POST", "/videos/folders/search", json={"name": "x", "searchExact": "perhaps"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_INPUT")


async def test_a_tree_grows_to_its_limit_and_no_deeper(vdocipher: CompatibleSite) -> None:
    parent = "root"
    for level in range(MOST_DEPTH):
        parent = await make(vdocipher, f"level {level}", parent)
    answer = await vdocipher.call("POST", "/videos/folders", json={"name": "deeper", "parent": parent})
    assert (answer.status_code, answer.json()["code"]) == (400, "FOLDER_LIMIT")


async def test_folders_of_one_branch_can_be_deleted_at_once(vdocipher: CompatibleSite) -> None:
    parent, branch = "root", []
    for level in range(5):
        parent = await make(vdocipher, f"level {level}", parent)
        branch.append(parent)
        await vdocipher.add(folder_id=parent)
    answers = await asyncio.gather(*(vdocipher.call("DELETE", f"/videos/folders/{each}") for each in branch))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert (await vdocipher.get("/videos", folderId="root"))["count"] == 5
    assert (await vdocipher.get("/videos/folders"))["folderList"] == []
