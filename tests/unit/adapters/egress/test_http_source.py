"""How answers to range requests are taken: only what surely goes on where we stopped is gone on with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from core.adapters.egress.http_source import HttpSource
from core.domain.failures import FailureCode, VideoRejected
from core.ports import HttpAnswer, HttpStream

WHOLE = (200, {"etag": '"new"', "content-length": "10"})


@dataclass
class Stream:
    status: int
    headers: Mapping[str, str]
    redirect: str | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        yield b"x"


@dataclass
class ScriptedHttp:
    """Answers in turn; `asked` are the headers of each request."""

    answers: list[tuple[int, dict[str, str]]]
    asked: list[Mapping[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def get(
        self, url: str, headers: Mapping[str, str], *, seconds: float, idle: float
    ) -> AsyncIterator[HttpStream]:
        self.asked.append(headers)
        status, fields = self.answers.pop(0)
        yield Stream(status, fields, fields.get("location"))

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float, *, most: int = 0
    ) -> HttpAnswer:
        raise NotImplementedError


async def test_the_rest_is_asked_for_under_the_validator() -> None:
    http = ScriptedHttp([(206, {"etag": '"one"', "content-range": "bytes 5-9/10"})])
    async with HttpSource(http).open("https://a.test/", 5, '"one"') as source:
        assert (source.start, source.size, source.validator) == (5, 10, '"one"')
    assert http.asked == [{"Range": "bytes=5-", "If-Range": '"one"'}]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {"etag": '"two"', "content-range": "bytes 5-9/10"}),
        (206, {"etag": '"one"', "content-range": "bytes 4-9/10"}),
        (206, {"etag": '"one"', "content-range": "nonsense"}),
        (206, {"etag": '"one"'}),
        (416, {"etag": '"one"', "content-range": "bytes */4"}),
        (416, {}),
    ],
)
async def test_an_answer_that_does_not_go_on_is_dropped_for_the_whole(status: int, headers: dict[str, str]) -> None:
    http = ScriptedHttp([(status, headers), WHOLE])
    async with HttpSource(http).open("https://a.test/", 5, '"one"') as source:
        assert (source.start, source.size, source.validator) == (0, 10, '"new"')
    assert http.asked[1] == {}


async def test_nothing_is_left_when_everything_was_there() -> None:
    http = ScriptedHttp([(416, {"etag": '"one"', "content-range": "bytes */5"})])
    async with HttpSource(http).open("https://a.test/", 5, '"one"') as source:
        assert (source.start, source.size) == (5, 5)
        assert [chunk async for chunk in source.chunks] == []


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"etag": '"strong"'}, '"strong"'),
        ({"etag": 'W/"weak"'}, None),
        ({"etag": '"' + "x" * 400 + '"'}, None),
        (
            {"last-modified": "Wed, 25 Nov 2026 10:00:00 GMT", "date": "Wed, 25 Nov 2026 10:00:01 GMT"},
            "Wed, 25 Nov 2026 10:00:00 GMT",
        ),
        ({"last-modified": "Wed, 25 Nov 2026 10:00:00 GMT", "date": "Wed, 25 Nov 2026 10:00:00 GMT"}, None),
        ({"last-modified": "yesterday", "date": "today"}, None),
        ({"last-modified": "Wed, 25 Nov 2026 10:00:00 GMT"}, None),
    ],
)
async def test_only_strong_validators_are_kept(headers: dict[str, str], validator: str | None) -> None:
    async with HttpSource(ScriptedHttp([(200, headers)])).open("https://a.test/", 0, None) as source:
        assert source.validator == validator


async def test_https_is_not_left() -> None:
    http = ScriptedHttp([(302, {"location": "http://a.test/"})])
    with pytest.raises(VideoRejected) as rejected:
        async with HttpSource(http).open("https://a.test/", 0, None):
            pass
    assert rejected.value.failure is FailureCode.SOURCE_NOT_ALLOWED
    assert len(http.asked) == 1
