"""tus headers, as clients and attackers write them."""

from __future__ import annotations

import base64
import hashlib

import pytest

from core.domain.errors import InvalidInput
from core.domain.tus.checksum import ALGORITHMS, ChecksumMismatch, ExpectedChecksum
from core.domain.tus.concatenation import Concatenation, parse_concatenation, spans
from core.domain.tus.kind import UploadKind
from core.domain.tus.metadata import parse_metadata

ID = "0123456789abcdef" * 2


def test_metadata_of_the_specifications_example() -> None:
    header = "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential"
    assert parse_metadata(header) == {"filename": "world_domination_plan.pdf", "is_confidential": ""}
    assert parse_metadata("") == {}
    assert parse_metadata("a YQ==, b") == {"a": "a", "b": ""}


@pytest.mark.parametrize(
    "header",
    ["filename !!", "a YQ==,a YQ==", ",", "filename /w==", "filename AA==", "x " + "A" * 9000, "ü YQ==", "a," * 65],
    ids=["no base64", "twice", "no key", "no UTF-8", "NUL", "too long", "no ASCII", "too many"],
)
def test_metadata_that_makes_no_sense(header: str) -> None:
    with pytest.raises(InvalidInput):
        parse_metadata(header)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_checksum_is_that_of_the_whole_body(name: str) -> None:
    header = f"{name} {base64.b64encode(hashlib.new(name, b'abc').digest()).decode()}"
    expected = ExpectedChecksum.parse(header)
    expected.update(b"ab")
    with pytest.raises(ChecksumMismatch):
        expected.verify()
    expected.update(b"c")
    expected.verify()


@pytest.mark.parametrize("header", ["crc32 AAAA", "sha1", "sha1 !!", "sha1 YWJj", "", "sha1 " + "A" * 5000])
def test_a_checksum_that_is_none(header: str) -> None:
    with pytest.raises(InvalidInput):
        ExpectedChecksum.parse(header)


def test_concatenations() -> None:
    assert parse_concatenation(None) == Concatenation(UploadKind.WHOLE)
    assert parse_concatenation("partial") == Concatenation(UploadKind.PARTIAL)
    other = ID[::-1]
    header = f"final;https://video.test/v1/tus/{ID} /v1/tus/{other}"
    assert parse_concatenation(header) == Concatenation(UploadKind.FINAL, (ID, other))


@pytest.mark.parametrize(
    "header",
    [
        *("final", "final;", "other", "", "partial;x", "final;http://evil.test/x", "final;/v1/tus/1"),
        f"final;/v1/tus/{ID} /v1/tus/{ID}",
        "final;" + " ".join(f"/v1/tus/{number:032x}" for number in range(1001)),
    ],
    ids=range(9),
)
def test_a_concatenation_that_is_none(header: str) -> None:
    with pytest.raises(InvalidInput):
        parse_concatenation(header)


@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
def test_spans_cover_every_byte_once_and_in_order(step: int) -> None:
    pieces = (b"abc", b"", b"d", b"efghij", b"")
    whole, sizes = b"".join(pieces), tuple(map(len, pieces))
    joined = b"".join(
        pieces[piece][first : last + 1]
        for begin in range(0, len(whole), step)
        for piece, first, last in spans(sizes, begin, min(begin + step, len(whole)))
    )
    assert joined == whole
