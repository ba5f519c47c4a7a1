"""The object store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class ObjectStat:
    """`sha256` is the checksum we stored as metadata when we wrote the object, if we did."""

    key: str
    size: int
    etag: str
    content_type: str
    sha256: str | None = None


@dataclass(frozen=True)
class UploadedPart:
    """Part numbers count from 1; `etag` is what the store answered to the part's PUT; `size` is known when listed."""

    number: int
    etag: str
    size: int = 0


@dataclass(frozen=True)
class PostForm:
    """A form that sends one object: `fields` go before the file, to `url`. Whoever has it may send."""

    url: str
    fields: Mapping[str, str] = field(repr=False)


class ObjectNotFound(Exception):
    """No object at that key."""


class StorageUnavailable(Exception):
    """The object store did not answer, or answered 5xx: worth another try later."""


class ObjectBody(Protocol):
    """A readable slice of an object: HTTP facts and the bytes."""

    status: int
    size: int
    content_length: int
    content_range: str | None
    content_type: str
    etag: str

    def chunks(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None:
        """Let the connection go; harmless when everything has been read."""
        ...


class ObjectStorage(Protocol):
    """An S3 bucket. Raises ObjectNotFound and StorageUnavailable; everything else is a bug."""

    async def create_multipart(self, key: str, content_type: str) -> str:
        """Open a multipart upload and return its id."""
        ...

    async def presign_part(self, key: str, upload_id: str, part: int, expires: timedelta) -> str:
        """A URL to which anyone may PUT this one part until it expires."""
        ...

    async def presign_form(self, key: str, most_bytes: int, expires: timedelta) -> PostForm:
        """A form by which anyone may send this one object until it expires."""
        ...

    async def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> UploadedPart:
        """Store one part, in the place of any before. Raises ObjectNotFound when there is no such upload."""
        ...

    async def copy_part(self, key: str, upload_id: str, part: int, source: str, first: int, last: int) -> None:
        """The same from bytes `first` to `last`, inclusive, of another object, without fetching them."""
        ...

    async def copy(self, source: str, key: str, etag: str) -> None:
        """Copy an object of at most 5 GiB if it still is the one with `etag`; otherwise raises ObjectNotFound."""
        ...

    async def presign_download(self, key: str, filename: str, expires: timedelta) -> str:
        """A URL from which anyone may save the object, under this name, until it expires."""
        ...

    async def list_parts(self, key: str, upload_id: str) -> list[UploadedPart]: ...

    async def complete_multipart(self, key: str, upload_id: str, parts: Sequence[UploadedPart]) -> None: ...

    async def abort_multipart(self, key: str, upload_id: str) -> None:
        """Drop the upload and its parts; an unknown upload is not an error."""
        ...

    async def put_file(self, key: str, path: Path, content_type: str, sha256: str | None = None) -> ObjectStat: ...

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> ObjectStat: ...

    async def get_bytes(self, key: str) -> bytes: ...

    async def download(self, key: str, path: Path) -> str:
        """Write the object to `path` and return the hex SHA-256 of what was written."""
        ...

    async def open(self, key: str, byte_range: str | None = None) -> ObjectBody:
        """Open for streaming; `byte_range` is an HTTP Range header value and is passed on."""
        ...

    async def stat(self, key: str) -> ObjectStat: ...

    async def list(self, prefix: str) -> list[ObjectStat]: ...

    async def delete_prefix(self, prefix: str) -> int:
        """Delete all objects and open multipart uploads below the prefix; return how many objects went."""
        ...
