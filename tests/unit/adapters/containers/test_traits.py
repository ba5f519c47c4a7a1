from __future__ import annotations

from pathlib import Path

import pytest

from core.adapters.containers.examine import examine_container, read_head
from core.adapters.containers.isobmff import traits_of_isobmff
from core.adapters.containers.matroska import traits_of_matroska
from core.adapters.containers.transport_stream import traits_of_transport_stream
from core.domain.media import magic
from core.domain.media.probed import ContainerTraits


def box(kind: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    return (8 + len(body) if size is None else size).to_bytes(4, "big") + kind + body


def movie(entry: bytes) -> bytes:
    body = box(b"stsd", bytes(7) + b"\x01" + box(entry, bytes(78)))
    for kind in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        body = box(kind, body)
    return body


def element(kind: str, body: bytes = b"", size: bytes | None = None) -> bytes:
    length = (len(body) | 1 << 56).to_bytes(8, "big") if size is None else size
    return bytes.fromhex(kind) + length + body


def test_plain_movie_is_indexed_and_clear() -> None:
    assert traits_of_isobmff(box(b"ftyp", b"isom") + movie(b"avc1") + box(b"mdat", bytes(9))) == ContainerTraits(
        indexed=True
    )


@pytest.mark.parametrize("entry", [b"encv", b"enca", b"drms"])
def test_protected_sample_entry_is_seen(entry: bytes) -> None:
    assert traits_of_isobmff(movie(entry)).encrypted


def test_fragments_are_not_an_exact_index() -> None:
    assert not traits_of_isobmff(movie(b"avc1") + box(b"moof") + box(b"mdat")).indexed


def test_header_that_claims_more_than_the_file_is_not_whole() -> None:
    assert not traits_of_isobmff(box(b"ftyp") + box(b"moov", bytes(100), size=2**31 - 1)).header_whole
    assert traits_of_isobmff(movie(b"avc1") + box(b"mdat", bytes(100), size=500)).header_whole
    assert traits_of_isobmff(movie(b"avc1") + b"PK\x03\x04 and so on").header_whole


def test_damage_inside_the_header_is_left_to_the_demuxer() -> None:
    damaged = box(b"moov", box(b"trak", box(b"mdia", bytes(20), size=7)))
    assert traits_of_isobmff(damaged) == ContainerTraits(indexed=True)


def test_endless_empty_boxes_end_the_walk_in_time() -> None:
    traits_of_isobmff(box(b"free") * 300_000)
    traits_of_isobmff(box(b"moov", box(b"free") * 300_000))


def test_matroska_index_and_encryption_are_seen() -> None:
    encryption = element("AE", element("6D80", element("6240", element("5035", bytes(4)))))
    tracks, cues, cluster = element("1654AE6B", bytes(0)), element("1C53BB6B", b"x"), element("1F43B675", bytes(50))
    head = element("1A45DFA3", bytes(10))
    assert traits_of_matroska(head + element("18538067", tracks + cluster + cues)) == ContainerTraits(indexed=True)
    assert traits_of_matroska(head + element("18538067", tracks + cluster)) == ContainerTraits()
    hidden = head + element("18538067", element("1654AE6B", encryption))
    assert traits_of_matroska(hidden) == ContainerTraits(encrypted=True)


def test_live_matroska_of_unknown_size_has_no_index() -> None:
    unknown = b"\x01" + b"\xff" * 7
    live = element("18538067", element("1F43B675", element("1C53BB6B", b"x"), size=unknown), size=unknown)
    assert traits_of_matroska(live) == ContainerTraits()


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 50, b"\xff" * 50, bytes.fromhex("18538067"), bytes.fromhex("1853806701")]
)
def test_damaged_matroska_ends_the_walk(data: bytes) -> None:
    assert traits_of_matroska(data) == ContainerTraits()


def test_scrambled_transport_packets_are_seen() -> None:
    clear, scrambled = b"\x47\x01\x00\x10" + bytes(184), b"\x47\x01\x00\x90" + bytes(184)
    assert not traits_of_transport_stream(clear * 100 + scrambled).encrypted
    assert traits_of_transport_stream(clear * 50 + scrambled * 50).encrypted
    assert not traits_of_transport_stream(b"").encrypted


async def test_file_is_examined_by_its_family(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(movie(b"encv"))
    assert (await examine_container(path, magic.ISO_BMFF)).encrypted
    assert await examine_container(path, magic.AVI) == ContainerTraits()
    head, size = await read_head(path)
    assert head == path.read_bytes()
    assert size == len(head)
