"""Sources over HTTP, from servers that are honest, weak, or hostile."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.adapters.egress.resolution import Resolve
from core.domain.egress.destination import EgressPolicy
from core.domain.failures import FailureCode, VideoRejected
from core.domain.imports import ImportPolicy
from core.domain.progress import StepProgress
from core.ports import PeerFailed
from tests.fixtures.private_server import private_server
from tests.fixtures.source_server import SourceServer, source_server
from tests.integration.imports.conftest import Importer

pytestmark = pytest.mark.stack

PART = 8 * 1024**2
DATA = random.Random(1).randbytes(2 * PART + 12_345)
OTHER = random.Random(2).randbytes(2 * PART + 999)


SMALL = DATA[:300_000]


@pytest.fixture
async def source() -> AsyncIterator[SourceServer]:
    async with source_server(SMALL) as running:
        yield running


@pytest.fixture
async def long_source() -> AsyncIterator[SourceServer]:
    """Of more than one part."""
    async with source_server(DATA) as running:
        yield running


async def refused(importer: Importer, url: str) -> FailureCode:
    target = await importer.start(url)
    with pytest.raises(VideoRejected) as rejected:
        await importer.fetch(target)
    assert "?" not in str(rejected.value)
    version, _ = await importer.rows(target)
    assert version.import_pending
    return rejected.value.failure


async def test_a_source_is_stored_as_it_is_and_told_of(importer: Importer, source: SourceServer) -> None:
    target = await importer.start(source.url())
    assert await importer.fetch(target) == len(SMALL)
    assert await importer.stored(target) == SMALL
    assert source.starts == [0]
    assert importer.readings[-1] == StepProgress(1.0, note=f"{len(SMALL)} of {len(SMALL)} bytes")
    assert await importer.fetch(target) == len(SMALL)
    assert source.starts == [0]


async def test_broken_connections_are_gone_on_from(importer: Importer, long_source: SourceServer) -> None:
    """Also when each brings less than a part."""
    source = long_source
    source.hang_up_after = 3_000_000
    target = await importer.start(source.url())
    await importer.fetch(target)
    assert await importer.stored(target) == DATA
    assert len(source.starts) == 6
    assert source.sent < len(DATA) + 6 * source.piece


async def test_a_lost_worker_costs_less_than_a_part(importer: Importer, long_source: SourceServer) -> None:
    """What is stored is not fetched again."""
    source = long_source

    def lost(reading: StepProgress) -> None:
        if int(reading.note.split()[0]) > PART + 4_000_000:
            raise KeyboardInterrupt

    target = await importer.start(source.url())
    with pytest.raises(KeyboardInterrupt):
        await importer.fetch(target, lost)
    await importer.fetch(target)
    assert await importer.stored(target) == DATA
    assert source.starts == [0, PART]


async def test_a_source_that_changed_is_begun_again(importer: Importer, long_source: SourceServer) -> None:
    source = long_source
    source.hang_up_after = PART + 4_000_000

    async def change(at: int) -> None:
        if at > PART:
            source.data, source.etag, source.hang_up_after = OTHER, '"two"', None

    source.before_piece = change
    target = await importer.start(source.url())
    await importer.fetch(target)
    assert await importer.stored(target) == OTHER
    assert source.starts == [0, 0]


async def test_a_changed_source_between_two_tries_is_begun_again(importer: Importer, long_source: SourceServer) -> None:
    source = long_source

    def lost(reading: StepProgress) -> None:
        if int(reading.note.split()[0]) > PART:
            raise KeyboardInterrupt

    target = await importer.start(source.url())
    with pytest.raises(KeyboardInterrupt):
        await importer.fetch(target, lost)
    before, _ = await importer.rows(target)
    source.data, source.etag = OTHER, '"two"'
    await importer.fetch(target)
    assert await importer.stored(target) == OTHER
    _, row = await importer.rows(target)
    assert (before.upload_id is None, row.validator, row.beginnings) == (False, '"two"', 2)
    assert source.starts == [0, 0]


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
async def test_without_a_strong_validator_nothing_is_patched_together(
    importer: Importer, long_source: SourceServer, etag: str | None
) -> None:
    source = long_source
    source.etag, source.hang_up_after = etag, PART + 1000
    target = await importer.start(source.url())

    async def then_whole(at: int) -> None:
        if at >= PART:
            source.hang_up_after = None

    source.before_piece = then_whole
    await importer.fetch(target)
    assert await importer.stored(target) == DATA
    assert source.starts == [0, 0]


async def test_a_server_without_ranges_is_not_asked_for_ever(importer: Importer, source: SourceServer) -> None:
    source.ranges, source.hang_up_after = False, 100_000
    importer.limits = replace(importer.limits, most_restarts=3)
    assert await refused(importer, source.url()) is FailureCode.SOURCE_REFUSED
    assert source.starts == [0] * 5


async def test_without_a_length_the_end_is_the_end(importer: Importer, source: SourceServer) -> None:
    source.with_length = False
    target = await importer.start(source.url())
    await importer.fetch(target)
    assert await importer.stored(target) == SMALL
    assert importer.readings[-1] == StepProgress(0.0, note=f"{len(SMALL)} bytes")


async def test_a_source_of_whole_parts_is_completed_though_its_end_was_lost(
    importer: Importer, long_source: SourceServer
) -> None:
    source = long_source
    source.data = DATA[: 2 * PART]
    source.length = 2 * PART + 1  # a lie: the end never comes
    target = await importer.start(source.url())
    await importer.fetch(target)
    assert await importer.stored(target) == source.data
    assert (source.starts, source.sent) == ([0, 2 * PART], 2 * PART)


@pytest.mark.parametrize("lie", [10 * 1024**3, 65 * 1024**2])
async def test_what_is_announced_too_large_is_not_fetched(importer: Importer, source: SourceServer, lie: int) -> None:
    source.length = lie
    assert await refused(importer, source.url()) is FailureCode.SOURCE_TOO_LARGE
    assert source.sent <= len(SMALL)


async def test_what_is_too_large_in_fact_is_not_stored(importer: Importer, long_source: SourceServer) -> None:
    source = long_source
    source.with_length = False
    importer.limits = replace(importer.limits, max_bytes=PART)
    assert await refused(importer, source.url()) is FailureCode.SOURCE_TOO_LARGE


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, FailureCode.SOURCE_NOT_FOUND),
        (410, FailureCode.SOURCE_NOT_FOUND),
        (401, FailureCode.SOURCE_FORBIDDEN),
        (403, FailureCode.SOURCE_FORBIDDEN),
        (400, FailureCode.SOURCE_REFUSED),
        (204, FailureCode.SOURCE_REFUSED),
        (304, FailureCode.SOURCE_REFUSED),
    ],
)
async def test_answers_that_will_not_change_are_final(
    importer: Importer, source: SourceServer, status: int, code: FailureCode
) -> None:
    source.status = status
    assert await refused(importer, source.url("/film.mp4?token=secret")) is code


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_in_trouble_is_tried_again_until_patience_ends(
    importer: Importer, source: SourceServer, status: int
) -> None:
    source.status = status
    target = await importer.start(source.url())
    with pytest.raises(PeerFailed):
        await importer.fetch(target)
    importer.impatient()
    with pytest.raises(VideoRejected) as rejected:
        await importer.fetch(target)
    assert rejected.value.failure is FailureCode.SOURCE_UNREACHABLE


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "text/html; charset=utf-8"}, FailureCode.SOURCE_IS_A_PAGE),
        ({"Content-Encoding": "gzip"}, FailureCode.SOURCE_REFUSED),
    ],
)
async def test_what_is_no_file_is_not_fetched(
    importer: Importer, source: SourceServer, headers: dict[str, str], code: FailureCode
) -> None:
    source.headers = headers
    assert await refused(importer, source.url()) is code


async def test_an_empty_file_is_empty(importer: Importer, source: SourceServer) -> None:
    source.data = b""
    assert await refused(importer, source.url()) is FailureCode.EMPTY


async def test_a_slow_server_is_given_up(importer: Importer, source: SourceServer) -> None:
    source.piece, source.pause = 10, 0.01
    importer.limits = replace(importer.limits, speed_window=0.2)
    importer.impatient()
    assert await refused(importer, source.url()) is FailureCode.SOURCE_TOO_SLOW


async def test_an_import_does_not_take_for_ever(importer: Importer, source: SourceServer) -> None:
    importer.limits = replace(importer.limits, longest=timedelta(0))
    assert await refused(importer, source.url()) is FailureCode.SOURCE_TOO_SLOW


async def test_redirects_are_followed(importer: Importer, source: SourceServer) -> None:
    source.redirects = {"/a": "/b", "/b": source.url("/film.mp4")}
    target = await importer.start(source.url("/a"))
    await importer.fetch(target)
    assert await importer.stored(target) == SMALL


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "http://127.1:{port}/",
        "http://2130706434:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "http://inside.test:{port}/",
        "http://user@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/x",
        "ftp://127.0.0.1:{port}/x",
        "s3://sealcast/original",
    ],
)
async def test_redirects_lead_nowhere_inside(
    importer: Importer, source: SourceServer, leading_to: Callable[..., Resolve], location: str
) -> None:
    """127.0.0.1 alone is public here; all else of this host is not."""
    importer.resolve = leading_to(inside="127.0.0.2")
    async with private_server() as inside:
        source.redirects = {"/film.mp4": location.format(port=inside.port)}
        assert await refused(importer, source.url()) is FailureCode.SOURCE_NOT_ALLOWED
    assert inside.connections == 0


async def test_redirects_end(importer: Importer, source: SourceServer) -> None:
    source.redirects = {"/film.mp4": "/film.mp4"}
    assert await refused(importer, source.url()) is FailureCode.SOURCE_REFUSED


async def test_redirects_to_pages_of_videos_are_told_as_such(importer: Importer, source: SourceServer) -> None:
    source.redirects = {"/film.mp4": "https://www.youtube.com/watch?v=x"}
    assert await refused(importer, source.url()) is FailureCode.SOURCE_IS_A_PAGE


async def test_what_may_no_longer_be_called_is_not(importer: Importer, source: SourceServer) -> None:
    """The address is judged again where it is called, and the name each time."""
    target = await importer.start(source.url())
    importer.policy = ImportPolicy(EgressPolicy(ports=None))
    with pytest.raises(VideoRejected) as rejected:
        await importer.fetch(target)
    assert rejected.value.failure is FailureCode.SOURCE_NOT_ALLOWED
    assert source.starts == []


async def test_nobody_listening_is_nobody_answering(importer: Importer, source: SourceServer) -> None:
    target = await importer.start("http://127.0.0.1:1/film.mp4")
    with pytest.raises(PeerFailed):
        await importer.fetch(target)
