"""tus 1.0.0, request by request; what clients of others do is in test_tus_clients.py."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from core.domain.upload_parts import MEBIBYTE
from core.services.uploads.resumable.expire_uploads import expire_uploads
from core.services.uploads.resumable.finish_received import finish_received
from tests.fixtures.api_site import ApiSite
from tests.fixtures.tus_client import TusClient, metadata

pytestmark = pytest.mark.stack

PART = 8 * MEBIBYTE


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def checksum(body: bytes, name: str = "sha1") -> str:
    return f"{name} {base64.b64encode(hashlib.new(name, body).digest()).decode()}"


async def test_discovery_needs_no_key_and_tells_all(site: ApiSite) -> None:
    answer = await site.http.options("/v1/tus")
    assert answer.status_code == 204
    assert answer.headers["tus-resumable"] == answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-max-size"] == str(site.services.settings.max_source_bytes)
    assert set(answer.headers["tus-extension"].split(",")) == {
        *("creation", "creation-with-upload", "expiration", "checksum", "termination", "concatenation")
    }
    assert answer.headers["tus-checksum-algorithm"].startswith("sha1")


async def test_a_page_may_upload(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    asked = {"Origin": "https://shop.test", "Access-Control-Request-Method": "PATCH"}
    preflight = await site.http.options("/v1/tus/" + "0" * 32, headers=asked)
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert "Upload-Offset" in preflight.headers["access-control-allow-headers"]
    for answer in (await client.create(3), await client.ask("HEAD", "/v1/tus/" + "0" * 32)):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Upload-Offset" in answer.headers["access-control-expose-headers"]


async def test_a_file_in_odd_pieces_arrives_whole_and_is_published_once(site: ApiSite) -> None:
    client, content = await TusClient.of_new_tenant(site), noise(2 * PART + 4321)
    url = await client.created(len(content), Upload_Metadata=metadata(filename="a.mp4", title="Ünser Film"))
    at = 0
    for size in (1, 5, PART - 3, 10, PART, len(content)):
        piece = content[at : at + size]
        answer = await client.send(url, at, piece)
        assert answer.status_code == 204, answer.text
        at += len(piece)
        assert int(answer.headers["upload-offset"]) == at == await client.offset(url)
    assert await client.original() == content
    assert len(site.gateway.published) == 1
    assert [(video["title"], video["status"]) for video in await client.videos()] == [("Ünser Film", "queued")]
    assert await client.kept() == []


async def test_a_finished_upload_can_be_asked_and_sent_to_again_without_effect(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(3, b"abc")
    assert await client.offset(url) == 3
    assert (await client.send(url, 3, b"")).status_code == 204
    assert (await client.send(url, 3, b"d")).status_code == 413
    assert len(site.gateway.published) == 1


async def test_an_empty_file_is_whole_at_once(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    assert (await client.create(0)).headers["upload-offset"] == "0"
    assert await client.original() == b""


async def test_head_tells_what_was_announced_and_is_not_cached(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    header = metadata(filename="a.mp4") + ",is_confidential"
    url = await client.created(10, Upload_Metadata=header)
    answer = await client.ask("HEAD", url)
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.headers["upload-metadata"], answer.headers["upload-length"]) == (header, "10")
    assert answer.headers["upload-expires"].endswith(" GMT")


async def test_a_wrong_offset_a_wrong_type_and_too_much_change_nothing(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(5, b"ab")
    for offset in (0, 1, 3, 5, 2**62):
        wrong = await client.send(url, offset, b"")
        assert (wrong.status_code, wrong.json()["code"]) == (409, "OFFSET_MISMATCH")
    assert (await client.send(url, 2, b"cde", Content_Type="video/mp4")).status_code == 415
    assert (await client.send(url, 2, b"cdef")).status_code == 413
    for offset in ("-1", "x", "", "1e3"):
        assert (await client.send(url, 2, b"c", Upload_Offset=offset)).status_code == 422
    assert await client.offset(url) == 2


async def test_a_body_of_unknown_length_is_taken_up_to_the_end_and_no_further(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)

    async def pieces(*given: bytes) -> AsyncIterator[bytes]:
        for piece in given:
            yield piece

    url = await client.created(6)
    assert (await client.send(url, 0, pieces(b"ab", b"cdefg"))).status_code == 413
    assert await client.offset(url) == 2
    assert (await client.send(url, 2, pieces(b"cd", b"ef"))).status_code == 204
    assert await client.original() == b"abcdef"


async def test_a_checksum_that_does_not_fit_keeps_all_of_the_body_out(site: ApiSite) -> None:
    client, content = await TusClient.of_new_tenant(site), noise(2 * PART + 7)
    url = await client.created(len(content), content[:9])
    damaged = bytes(len(content) - 9)
    refused = await client.send(url, 9, damaged, Upload_Checksum=checksum(content[9:]))
    assert (refused.status_code, refused.json()["code"]) == (460, "CHECKSUM_MISMATCH")
    assert await client.offset(url) == 9
    assert site.gateway.published == []
    assert (await client.send(url, 9, content[9:], Upload_Checksum=checksum(content[9:]))).status_code == 204
    assert await client.original() == content


async def test_a_terminated_upload_is_gone_with_all_it_held(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(PART + 5, b"ab")
    assert await client.kept() != []
    assert (await client.ask("DELETE", url)).status_code == 204
    for again in (await client.ask("HEAD", url), await client.send(url, 2, b"c"), await client.ask("DELETE", url)):
        assert again.status_code == 404
    assert await client.kept() == []
    assert [video["status"] for video in await client.videos()] == ["cancelled"]


async def test_what_has_become_a_video_is_not_terminated(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(3, b"abc")
    assert (await client.ask("DELETE", url)).status_code == 409
    assert await client.original() == b"abc"


async def test_an_upload_whose_video_was_given_up_takes_nothing_more(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(3, b"a")
    (video,) = await client.videos()
    assert (await site.http.delete(f"/v1/uploads/{video['id']}", headers=client.tenant.headers)).status_code == 204
    assert (await client.send(url, 1, b"bc")).status_code in {404, 409}
    assert site.gateway.published == []


async def test_an_expired_upload_is_gone_and_swept(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url, done = await client.created(3, b"a"), await client.created(1, b"x")
    ttl = timedelta(seconds=site.services.settings.resumable_ttl_seconds)
    site.clock.ahead += ttl - timedelta(seconds=1)
    assert await client.offset(url) == 1
    site.clock.ahead += timedelta(seconds=1)
    assert (await client.send(url, 1, b"bc")).status_code == 404
    await expire_uploads(site.services.uow, site.services.storage, site.clock.now())
    assert await client.kept() == []
    assert sorted(video["status"] for video in await client.videos()) == ["cancelled", "queued"]
    assert (await client.ask("HEAD", done)).status_code == 404
    assert await client.original() == b"x"


async def test_two_requests_at_once_do_not_mix(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(6)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"abc"
        reached.set()
        await go_on.wait()
        yield b"def"

    first = asyncio.create_task(client.send(url, 0, slow()))
    await reached.wait()
    locked = await client.send(url, 0, b"uvwxyz")
    assert (locked.status_code, locked.json()["code"]) == (423, "UPLOAD_LOCKED")
    go_on.set()
    assert (await first).status_code == 204
    assert await client.original() == b"abcdef"


async def test_a_request_that_stands_still_can_be_taken_over_from_and_changes_nothing_then(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(6)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield b"abc"
        reached.set()
        await go_on.wait()
        yield b"XYZ"

    first = asyncio.create_task(client.send(url, 0, stuck()))
    await reached.wait()
    site.clock.ahead += timedelta(seconds=21)
    assert (await client.send(url, 0, b"abcdef")).status_code == 204
    go_on.set()
    assert (await first).status_code == 423
    assert await client.original() == b"abcdef"


async def test_pieces_are_joined_in_the_order_of_the_final_upload(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    sizes = (PART + 5, 3, 2 * PART, 0, 11)
    parts = [noise(size, seed) for seed, size in enumerate(sizes)]
    urls = [await client.created(len(part), part, Upload_Concat="partial") for part in parts]
    assert await client.videos() == []
    order = [1, 2, 0, 3, 4]
    joined = await client.create(None, Upload_Concat="final;" + " ".join(urls[index] for index in order))
    assert joined.status_code == 201, joined.text
    final = await client.ask("HEAD", joined.headers["location"])
    assert final.headers["upload-offset"] == final.headers["upload-length"] == str(sum(sizes))
    assert final.headers["upload-concat"] == "final"
    assert await client.original() == b"".join(parts[index] for index in order)
    assert await client.kept() == []
    assert (await client.send(joined.headers["location"], 0, b"")).status_code == 403


async def test_a_join_that_was_interrupted_is_finished_by_the_sweep(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, content = await TusClient.of_new_tenant(site), noise(2 * PART + 9)
    monkeypatch.setattr("core.services.uploads.resumable.join_pieces.MOST_AT_ONCE", 1)
    piece = await client.created(len(content), content, Upload_Concat="partial")
    final = await client.created(None, Upload_Concat=f"final;http://api.test{piece}")
    assert "upload-offset" not in (await client.ask("HEAD", final)).headers
    services = site.services
    while "upload-offset" not in (await client.ask("HEAD", final)).headers:
        await finish_received(services.uow, services.storage, services.gateway, services.clock)
    assert await client.original() == content


async def test_what_is_no_finished_piece_cannot_be_joined(site: ApiSite) -> None:
    client, other = await TusClient.of_new_tenant(site), await TusClient.of_new_tenant(site)
    unfinished = await client.created(3, b"a", Upload_Concat="partial")
    whole = await client.created(1, b"a")
    theirs = await other.created(1, b"a", Upload_Concat="partial")
    used = await client.created(1, b"a", Upload_Concat="partial")
    await client.created(None, Upload_Concat=f"final;{used}")
    for url, status in ((unfinished, 409), (whole, 409), (theirs, 404), (used, 404), ("/v1/tus/" + "0" * 32, 404)):
        assert (await client.create(None, Upload_Concat=f"final;{url}")).status_code == status, url


async def test_a_file_above_the_limit_is_refused(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    for size in (site.services.settings.max_source_bytes + 1, 2**63):
        answer = await client.create(size)
        assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")


async def test_headers_that_make_no_sense_create_and_change_nothing(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    refused = [
        await client.create(None),
        *[await client.create(None, Upload_Length=wrong) for wrong in ("", "-1", "x", "1.5", "0x10", "9" * 25)],
        *[await client.create(3, Upload_Concat=wrong) for wrong in ("final", "final;http://evil.test/x", "other")],
        *[
            await client.create(3, Upload_Metadata=wrong)
            for wrong in ("filename !!", "a YQ==,a YQ==", "x " + "A" * 9000)
        ],
        *[await client.create(3, Upload_Metadata=metadata(**{name: "x" * 501})) for name in ("title", "filename")],
        await client.create(3, Upload_Metadata=metadata(scheme="rot13")),
        await client.create(3, Upload_Metadata=metadata(filetype="text/html\r\nX-Evil: 1")),
    ]
    assert [answer.status_code for answer in refused] == [422] * len(refused)
    assert await client.videos() == []
    url = await client.created(3)
    for wrong in ("crc32 AAAA", "sha1", "sha1 !!", "sha1 YWJj"):
        answer = await client.send(url, 0, b"abc", Upload_Checksum=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "CHECKSUM_UNKNOWN")
    assert await client.offset(url) == 0


async def test_a_checksum_that_fits_lets_the_bytes_in(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(12)
    for offset, name in ((0, "sha1"), (3, "md5"), (6, "sha256"), (9, "sha512")):
        assert (await client.send(url, offset, b"abc", Upload_Checksum=checksum(b"abc", name))).status_code == 204
    assert await client.original() == b"abc" * 4


async def test_another_version_is_refused(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    for method in ("POST", "HEAD", "PATCH", "DELETE"):
        answer = await client.ask(method, "/v1/tus/" + "0" * 32, Tus_Resumable="0.2.2")
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")


async def test_creation_with_upload_takes_what_comes(site: ApiSite) -> None:
    for body in (b"", b"ab", b"abc"):
        client = await TusClient.of_new_tenant(site)
        answer = await client.create(3, body)
        assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(len(body)))
        await client.send(answer.headers["location"], len(body), b"abc"[len(body) :])
        assert await client.original() == b"abc"


async def test_a_proxy_that_knows_no_patch_can_be_passed(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    url = await client.created(3)
    override = {
        "X_HTTP_Method_Override": "PATCH",
        "Upload_Offset": "0",
        "Content_Type": "application/offset+octet-stream",
    }
    assert (await client.ask("POST", url, b"abc", **override)).status_code == 204
    assert await client.original() == b"abc"


async def test_a_tenant_never_reaches_another_ones_upload(site: ApiSite) -> None:
    owner, stranger = await TusClient.of_new_tenant(site), await TusClient.of_new_tenant(site)
    url = await owner.created(3, b"a")
    nobody = "/v1/tus/" + "0" * 32
    ways: list[Callable[[str], object]] = [
        lambda address: stranger.ask("HEAD", address),
        lambda address: stranger.send(address, 1, b"bc"),
        lambda address: stranger.ask("DELETE", address),
    ]
    for way in ways:
        theirs, unknown = await way(url), await way(nobody)  # type: ignore[misc]
        assert theirs.status_code == unknown.status_code == 404
    assert await owner.offset(url) == 1
    assert (await site.http.get("/v1/uploads", headers=stranger.tenant.headers)).json()["uploads"] == []


async def test_without_a_key_nothing_is_done(site: ApiSite) -> None:
    for method in ("POST", "HEAD", "PATCH", "DELETE"):
        path = "/v1/tus" if method == "POST" else "/v1/tus/" + "0" * 32
        answer = await site.http.request(method, path, headers={"Tus-Resumable": "1.0.0"})
        assert answer.status_code == 401
        assert answer.headers["tus-resumable"] == "1.0.0"


async def test_unfinished_uploads_are_listed_newest_first_and_by_the_page(site: ApiSite) -> None:
    client = await TusClient.of_new_tenant(site)
    urls = []
    for size in (3, 4, 5):
        urls.append(await client.created(size, b"ab"))
        site.clock.ahead += timedelta(seconds=1)
    await client.created(1, b"x")
    first = (await site.http.get("/v1/uploads", params={"limit": 2}, headers=client.tenant.headers)).json()
    rest = (
        await site.http.get("/v1/uploads", params={"cursor": first["next_cursor"]}, headers=client.tenant.headers)
    ).json()
    shown = first["uploads"] + rest["uploads"]
    assert [f"/v1/tus/{each['upload_id']}" for each in shown] == urls[::-1]
    assert [(each["offset"], each["length"]) for each in shown] == [(2, 5), (2, 4), (2, 3)]
    assert rest["next_cursor"] is None
