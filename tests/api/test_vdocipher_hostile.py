"""Whatever is sent to the compatible routes: an answer with a message, and never a server error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.compatible_site import CompatibleSite

pytestmark = pytest.mark.stack

VIDEO = "0123456789abcdef" * 2
HUGE = "9" * 5000
DEEP = "[" * 30_000

#: Method and path of every route, with places for what names something.
ROUTES = [
    ("GET", "/api/videos"),
    ("DELETE", "/api/videos"),
    ("GET", "/api/videos/{id}"),
    ("POST", "/api/videos/{id}"),
    ("POST", "/api/videos/{id}/otp"),
    ("GET", "/api/videos/tags"),
    ("POST", "/api/videos/tags"),
    ("PUT", "/api/videos/tags"),
    ("GET", "/api/videos/folders"),
    ("POST", "/api/videos/folders"),
    ("POST", "/api/videos/folders/search"),
    ("GET", "/api/videos/folders/{id}"),
    ("PUT", "/api/videos/folders/{id}"),
    ("DELETE", "/api/videos/folders/{id}"),
    ("GET", "/api/videos/{id}/files"),
    ("POST", "/api/videos/{id}/files"),
    ("GET", "/api/videos/{id}/files/{id}"),
    ("DELETE", "/api/videos/{id}/files/{id}"),
    ("GET", "/api/meta/{id}"),
    ("GET", "/api/site/homepage_video"),
    ("POST", "/api/account/video-usage"),
    ("POST", "/v2/otp"),
    ("GET", "/posters/{id}/{id}"),
]
IDS = [VIDEO, VIDEO.upper(), "x", "%00", "%ED%A0%80", "%ff", "..%2f..", "1", HUGE[:40], "0x1", "root", "-1", "%20", "'"]
QUERIES = [
    "%00",
    "%ED%A0%80",
    "%ff",
    HUGE,
    "-1",
    "1e9",
    "NaN",
    "%25%5F%5C",
    "a" * 6000,
    "'",
    "root",
    "0",
    ",,,",
    "%F0%9F%8E%AC",
]
NAMES = ["page", "limit", "q", "tags", "tag", "folderId", "videos", "language", "video"]
FIELDS = ["title", "description", "tags", "videos", "name", "parent", "searchExact", "date", "ttl", "clientSecretKey"]
VALUES = [
    "\0",
    "\ud800",
    10**400,
    -1,
    1.5,
    True,
    None,
    [],
    {},
    [[]],
    [None],
    ["\0"],
    {"a": {"b": []}},
    "x" * 70_000,
    "",
]
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
TYPES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml", "\u00ff", ""]


def requests() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for method, path in ROUTES:
        for each in IDS if "{id}" in path else ():
            yield method, path.replace("{id}", each), {}
        plain = path.replace("{id}", VIDEO)
        for name in NAMES:
            for each in QUERIES:
                yield method, f"{plain}?{name}={each}", {}
        if method in {"POST", "PUT"}:
            yield from ((method, plain, body) for body in bodies())


def bodies() -> Iterator[dict[str, Any]]:
    for content in BODIES:
        for kind in TYPES:
            yield {"content": content, "headers": {"Content-Type": kind.encode("latin-1")}}
    for value in VALUES:
        # All at once: the first one that a route looks at is what it trips over.
        yield {"content": json.dumps(dict.fromkeys(FIELDS, value)).encode()}
    for field in FIELDS:
        for value in VALUES:
            given = {"title": "t", "name": "n", "videos": [VIDEO], "tags": ["t"], "date": "2026-01-01", field: value}
            yield {"content": json.dumps(given).encode()}


async def test_nothing_that_is_sent_is_a_server_error(vdocipher: CompatibleSite) -> None:
    """With a key, and with a video, a folder and a file to be found for ids that could be some."""
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
    assert tried > 4000


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
