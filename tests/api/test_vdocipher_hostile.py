"""Whatever is sent to the compatible routes: an answer with a message, and never a server error."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.compatible_site import CompatibleSite

pytestmark = pytest.mark.stack

VIDEO = "0123456789abcdef" * 2
HUGE = "9" * 5000
DEEP = "[" * 30_000

#: What each route reads of a query or a body, by method and path with places for what names something.
ROUTES: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/api/videos"): ("page", "limit", "q", "tags", "folderId"),
    ("DELETE", "/api/videos"): ("videos",),
    ("GET", "/api/videos/{id}"): (),
    ("POST", "/api/videos/{id}"): ("title", "description", "tags"),
    ("POST", "/api/videos/{id}/otp"): ("ttl",),
    ("POST", "/api/videos/tags"): ("videos", "tags"),
    ("PUT", "/api/videos/tags"): ("videos", "tags"),
    ("POST", "/api/videos/folders"): ("name", "parent"),
    ("POST", "/api/videos/folders/search"): ("name", "searchExact"),
    ("GET", "/api/videos/folders/{id}"): (),
    ("PUT", "/api/videos/folders/{id}"): ("name",),
    ("DELETE", "/api/videos/folders/{id}"): (),
    ("POST", "/api/videos/{id}/files"): ("language",),
    ("GET", "/api/videos/{id}/files/{id}"): (),
    ("DELETE", "/api/videos/{id}/files/{id}"): (),
    ("GET", "/api/meta/{id}"): (),
    ("POST", "/api/account/video-usage"): ("date",),
    ("POST", "/v2/otp"): ("video", "clientSecretKey"),
    ("GET", "/posters/{id}/{id}"): (),
}
IN_QUERY = {("POST", "/api/videos/{id}/files")}
IDS = ["x", "%00", "%ED%A0%80", "%ff", "..%2f..", HUGE[:40], "-1"]
QUERIES = ["%00", "%ED%A0%80", "%ff", HUGE, "-1", "NaN", "%25%5F%5C", "'", ",,,"]
VALUES = ["\0", "\ud800", 10**400, -1, 1.5, True, None, [], {}, [[]], ["\0"], {"a": {"b": []}}, "x" * 70_000]
BODIES = [
    b"\0",
    b"\xff\xfe",
    b"{",
    b"[1]",
    b'"text"',
    b"1",
    b"null",
    DEEP.encode(),
    b'{"a":' * 30_000,
    b'{"title": ' + HUGE.encode() + b"}",
    b"title=%00&tags=%ED%A0%80&name=%ff&videos[]=%00",
    b"&".join(b"title=x" for _ in range(2000)),
    b"=&=&=",
    b"title",
]
TYPES = ["application/json", "multipart/form-data", "\u00ff"]


def requests() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for (method, path), names in ROUTES.items():
        plain = path.replace("{id}", VIDEO)
        for each in IDS if "{id}" in path else ():
            yield method, path.replace("{id}", each), {}
        if method in {"GET", "DELETE"} or (method, path) in IN_QUERY:
            yield from ((method, f"{plain}?{name}={each}", {}) for name in names for each in QUERIES)
        if method in {"POST", "PUT"}:
            yield from ((method, plain, body) for body in bodies(names))


def bodies(names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for content, kind in zip(BODIES, itertools.cycle(TYPES), strict=False):
        yield {"content": content, "headers": {"Content-Type": kind.encode("latin-1")}}
    for name in names:
        for value in VALUES:
            given = {"title": "t", "name": "n", "videos": [VIDEO], "tags": ["t"], "date": "2026-01-01", name: value}
            yield {"content": json.dumps(given).encode()}


async def test_nothing_that_is_sent_is_a_server_error(vdocipher: CompatibleSite) -> None:
    await vdocipher.add(video_id=VIDEO)
    tried = 0
    for method, path, request in requests():
        headers = {**vdocipher.tenant.headers, **request.get("headers", {})}
        content = request.get("content")
        answer = await vdocipher.site.http.request(method, path, content=content, headers=headers)
        tried += 1
        shown = (method, path[:100], (content or b"")[:60], request.get("headers"))
        assert answer.status_code < 500, shown
        if answer.status_code >= 400:
            body = answer.json()
            assert answer.status_code in {400, 401, 404, 405, 413}, shown
            assert {"message", "error", "detail"} & body.keys(), shown
    assert tried > 500


async def test_a_body_may_come_in_any_form_or_none(vdocipher: CompatibleSite) -> None:
    video_id = await vdocipher.add("Old")
    for content, kind in (
        (b'{"title": "New"}', "application/json"),
        (b'{"title": "New"}', "text/plain"),
        (b'{"title": "New"}', None),
        (b"title=New", "application/x-www-form-urlencoded"),
        (b"title=New", None),
    ):
        headers = {} if kind is None else {"Content-Type": kind}
        answer = await vdocipher.call("POST", f"/videos/{video_id}", content=content, headers=headers)
        assert vdocipher.body(answer) == {"message": "Successfully updated"}
        assert (await vdocipher.get(f"/videos/{video_id}"))["title"] == "New"
        await vdocipher.send("POST", f"/videos/{video_id}", title="Old")
