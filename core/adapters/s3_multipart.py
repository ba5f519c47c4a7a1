"""Multipart uploads. The `minio` library has these calls but hides them; this is the one place that reaches in."""
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from minio import Minio
from minio.datatypes import Part
from minio.error import S3Error

from core.ports import StorageUnavailable, UploadedPart


def create(client: Minio, bucket: str, key: str, content_type: str) -> str:
    return str(client._create_multipart_upload(bucket, key, {"Content-Type": content_type}))


@dataclass(frozen=True)
class Source:
    """Bytes `first` to `last`, inclusive, of another object in the bucket."""

    key: str
    first: int
    last: int


def put_part(
    client: Minio, bucket: str, key: str, upload_id: str, number: int, data: bytes | bytearray
) -> UploadedPart:
    """The request carries a checksum of the part, which the store compares with what arrived."""
    # The library hashes and sends any buffer; a copy would cost another part's memory.
    etag = client._upload_part(bucket, key, data, None, upload_id, number)  # type: ignore[arg-type]
    return UploadedPart(number, etag, len(data))


def copy_part(client: Minio, bucket: str, key: str, upload_id: str, number: int, source: Source) -> None:
    headers: dict[str, str | list[str] | tuple[str]] = {
        "x-amz-copy-source": quote(f"/{bucket}/{source.key}"),
        "x-amz-copy-source-range": f"bytes={source.first}-{source.last}",
    }
    client._upload_part_copy(bucket, key, upload_id, number, headers)


def parts(client: Minio, bucket: str, key: str, upload_id: str) -> list[UploadedPart]:
    """All parts sent so far, by number."""
    found: list[UploadedPart] = []
    marker: str | None = None
    while True:
        page = client._list_parts(bucket, key, upload_id, part_number_marker=marker)
        found += [UploadedPart(part.part_number, part.etag, part.size or 0) for part in page.parts]
        if not page.is_truncated:
            return found
        marker = str(page.next_part_number_marker)


def complete(client: Minio, bucket: str, key: str, upload_id: str, sent: Sequence[UploadedPart]) -> None:
    """S3 may answer 200 with an error in the body: it sends the status before it has assembled the object."""
    ordered = [Part(part.number, part.etag) for part in sorted(sent, key=lambda part: part.number)]
    result = client._complete_multipart_upload(bucket, key, upload_id, ordered)
    # radosgw leaves the ETag empty; an error document has no Location.
    if result.location is None:
        raise StorageUnavailable(f"complete {key}: an error in a 200 answer")


def abort(client: Minio, bucket: str, key: str, upload_id: str) -> None:
    try:
        client._abort_multipart_upload(bucket, key, upload_id)
    except S3Error as error:
        if error.code != "NoSuchUpload":
            raise


def open_uploads(client: Minio, bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
    """(key, upload id) of every unfinished upload below the prefix.

    radosgw percent-encodes keys here without saying so; ours consist of characters that encoding leaves alone.
    """
    key_marker: str | None = None
    id_marker: str | None = None
    while True:
        page = client._list_multipart_uploads(bucket, prefix=prefix, key_marker=key_marker, upload_id_marker=id_marker)
        for upload in page.uploads:
            yield str(upload.object_name), str(upload.upload_id)
        if not page.is_truncated:
            return
        key_marker, id_marker = page.next_key_marker, page.next_upload_id_marker
