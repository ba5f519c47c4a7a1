"""Addresses that videos are imported from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from core.domain.egress.destination import Destination, DestinationRefused, EgressPolicy, parse_destination
from core.domain.errors import InvalidInput
from core.domain.failures import SENTENCES, FailureCode

ANY_ORGANISATION = "*"
_S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.{1,1024})", re.ASCII)
_VIDEO_PAGES = ("youtube.com", "youtu.be", "youtube-nocookie.com")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class ImportPolicy:
    """`buckets` of the operator's store, each with the organisations that may import from it, or ANY_ORGANISATION."""

    egress: EgressPolicy = field(default_factory=EgressPolicy)
    buckets: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportAddress:
    """`origin` is what may be shown of it; `filename` is empty when the address ends without one."""

    origin: str
    filename: str


@dataclass(frozen=True)
class FtpAddress:
    """RFC 1738, 3.2. `path` begins with a slash; `user` is empty for anonymous."""

    destination: Destination
    path: str
    user: str = field(repr=False)
    password: str = field(repr=False)


def check_import_address(url: str, organisation_id: str, policy: ImportPolicy) -> ImportAddress:
    """Raises DestinationRefused, InvalidInput (SOURCE_IS_A_PAGE)."""
    scheme = url.partition(":")[0].lower()
    if scheme == "s3":
        bucket, key = s3_address(url)
        if not {ANY_ORGANISATION, organisation_id} & policy.buckets.get(bucket, frozenset()):
            raise DestinationRefused("is not in a bucket that this organisation may import from")
        return ImportAddress(f"s3://{bucket}", _filename(key))
    if scheme == "ftp":
        ftp = ftp_address(url, policy.egress)
        return ImportAddress(f"ftp://{ftp.destination.authority}", _filename(ftp.path))
    destination = parse_destination(url, policy.egress)
    if is_video_page(destination.host):
        sentence = SENTENCES[FailureCode.SOURCE_IS_A_PAGE]
        raise InvalidInput(sentence, code=FailureCode.SOURCE_IS_A_PAGE.value, fields={"url": "a web page"})
    return ImportAddress(
        f"{scheme}://{destination.authority}", _filename(unquote(destination.target.partition("?")[0]))
    )


def is_video_page(host: str) -> bool:
    """Sites that show videos and give out no files."""
    return any(host == site or host.endswith(f".{site}") for site in _VIDEO_PAGES)


def s3_address(url: str) -> tuple[str, str]:
    """Bucket and key. Raises DestinationRefused."""
    found = _S3.fullmatch(url)
    if found is None or not url.isprintable():
        raise DestinationRefused("must look like s3://bucket/key")
    return found[1], found[2]


def ftp_address(url: str, policy: EgressPolicy) -> FtpAddress:
    """FTP alone may hold credentials, for it has no other place for them. Raises DestinationRefused."""
    authority, slash, path = url.partition("://")[2].partition("/")
    login, _, host = authority.rpartition("@")
    bare = f"ftp://{host}{slash}{path}"
    destination = parse_destination(bare, policy, schemes={"ftp"})
    user, _, password = login.partition(":")
    # As sent: what was percent-encoded in the path stays so, and is decoded once.
    address = FtpAddress(destination, unquote(urlsplit(bare).path) or "/", unquote(user), unquote(password))
    if not all(text.isprintable() for text in (address.path, address.user, address.password)):
        raise DestinationRefused("is not an address")
    return address


def _filename(path: str) -> str:
    name = path.rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[:_LONGEST_NAME]
