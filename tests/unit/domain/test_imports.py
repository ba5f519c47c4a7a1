"""Addresses that videos are imported from."""

from __future__ import annotations

import pytest

from core.domain.egress.destination import DestinationRefused, EgressPolicy
from core.domain.errors import InvalidInput
from core.domain.imports import (
    ANY_ORGANISATION,
    ImportAddress,
    ImportPolicy,
    check_import_address,
    ftp_address,
    is_video_page,
)

POLICY = ImportPolicy(buckets={"films": frozenset({"ours"}), "all": frozenset({ANY_ORGANISATION})})


@pytest.mark.parametrize(
    ("url", "origin", "filename"),
    [
        ("https://cdn.test/a/b%20c.mp4?token=x", "https://cdn.test", "b c.mp4"),
        ("HTTPS://cdn.test:8443/", "https://cdn.test:8443", ""),
        ("ftp://user:pass@files.test/a/b.mov", "ftp://files.test", "b.mov"),
        ("s3://films/a/b.mov", "s3://films", "b.mov"),
        ("s3://all/b", "s3://all", "b"),
        ("https://cdn.test/" + "x" * 300, "https://cdn.test", "x" * 200),
    ],
)
def test_only_where_it_comes_from_and_the_files_name_are_shown(url: str, origin: str, filename: str) -> None:
    assert check_import_address(url, "ours", POLICY) == ImportAddress(origin, filename)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "film.mp4",
        "gopher://cdn.test/x",
        "http://127.0.0.1/x",
        "https://user:pass@cdn.test/x",
        "ftp://127.0.0.1/x",
        "ftp://user:pass@127.0.0.1/x",
        "ftp://files.test:2222/x",
        "ftp://a@b@127.0.0.1/x",
        "ftp://files.test/a%0d%0aDELE%20b",
        "ftp://us%0aer@files.test/a",
        "ftp://user:pa%00ss@files.test/a",
        "s3://",
        "s3://films",
        "s3://films/",
        "s3://Films/a",
        "s3://films@127.0.0.1/a",
        "s3://films/a\nb",
        "s3://others/a",
    ],
)
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(DestinationRefused) as refused:
        check_import_address(url, "ours", POLICY)
    assert "pass" not in str(refused.value)


def test_buckets_belong_to_organisations() -> None:
    with pytest.raises(DestinationRefused):
        check_import_address("s3://films/a", "theirs", POLICY)
    assert check_import_address("s3://all/a", "theirs", POLICY)


@pytest.mark.parametrize("host", ["youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be"])
def test_pages_of_videos_are_no_files(host: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_import_address(f"https://{host}/watch?v=x", "ours", POLICY)
    assert refused.value.code == "SOURCE_IS_A_PAGE"
    assert not is_video_page(f"not{host}.test")


def test_credentials_are_taken_out_of_an_ftp_address_and_shown_nowhere() -> None:
    address = ftp_address("ftp://us%40er:p%3Aa:ss@files.test/a%20b", EgressPolicy())
    assert (address.destination.host, address.path) == ("files.test", "/a b")
    assert (address.user, address.password) == ("us@er", "p:a:ss")
    assert "p:a:ss" not in repr(address)
