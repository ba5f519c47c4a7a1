"""Object storage over the S3 API, for AWS, MinIO and Ceph's radosgw."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, ParamSpec, Self, TypeVar
from urllib.parse import quote, urlsplit
from uuid import uuid4

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from pydantic import SecretStr

from core.adapters import s3_multipart
from core.adapters.s3_body import PIECE, S3Body, announced_length, whole_size
from core.adapters.s3_errors import translated
from core.adapters.s3_form import FormSigner
from core.ports import ObjectNotFound, ObjectStat, PostForm, StorageUnavailable, UploadedPart
from core.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 16
PART_SIZE = 16 * 1024**2
SHA256 = "x-amz-meta-sha256"


class S3Storage:
    """Satisfies ObjectStorage. One instance a process; `close` when it is no longer needed."""

    def __init__(self, client: Minio, public: Minio, forms: FormSigner | None, bucket: str) -> None:
        """`public` and `forms` sign for people outside, who may reach the store under another name."""
        self._bucket = bucket
        self._forms = forms
        self._client = client
        self._public = public
        # The library blocks; its own threads keep the event loop free and bound how much is in flight.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Connects to nothing yet. Raises ValueError for an endpoint that is not http(s)://host[:port]."""
        public = settings.s3_public_endpoint or settings.s3_endpoint
        internal = _client(settings.s3_endpoint, *_keys(settings))
        return cls(internal, _client(public, *_keys(settings)), FormSigner(settings), settings.s3_bucket)

    @classmethod
    def at(cls, endpoint: str, access_key: SecretStr, secret_key: SecretStr, region: str, bucket: str) -> Self:
        """Another store than our own, for which no form is signed. Raises ValueError as well."""
        client = _client(endpoint, access_key, secret_key, region)
        return cls(client, client, None, bucket)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ensure_bucket(self) -> None:
        """Create the bucket unless it is there; two processes may do so at once."""
        try:
            await self._call("create bucket", self._bucket, self._client.make_bucket, self._bucket)
        except S3Error as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise

    async def create_multipart(self, key: str, content_type: str) -> str:
        create = partial(s3_multipart.create, self._client, self._bucket, key, content_type)
        return await self._finish("create upload", key, create)

    async def presign_part(self, key: str, upload_id: str, part: int, expires: timedelta) -> str:
        """Signed for the public endpoint, without asking the store."""
        query: dict[str, str | list[str] | tuple[str]] = {"uploadId": upload_id, "partNumber": str(part)}
        return self._public.get_presigned_url("PUT", self._bucket, key, expires, extra_query_params=query)

    async def presign_form(self, key: str, most_bytes: int, expires: timedelta) -> PostForm:
        """In a thread only because signing loads the library when it is first needed."""
        assert self._forms is not None  # noqa: S101 - forms are for our own store
        return await self._run(self._forms.form, key, most_bytes, expires)

    async def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> UploadedPart:
        put = partial(s3_multipart.put_part, self._client, self._bucket, key, upload_id, number, data)
        return await self._finish("put part", key, put)

    async def copy_part(self, key: str, upload_id: str, part: int, source: str, first: int, last: int) -> None:
        copied = s3_multipart.Source(source, first, last)
        copy = partial(s3_multipart.copy_part, self._client, self._bucket, key, upload_id, part, copied)
        await self._finish("copy part", key, copy)

    async def copy(self, source: str, key: str, etag: str) -> None:
        copied = CopySource(self._bucket, source, match_etag=etag)
        try:
            await self._finish("copy", key, self._client.copy_object, self._bucket, key, copied)
        except S3Error as error:
            if error.code != "PreconditionFailed":
                raise
            raise ObjectNotFound(source) from error

    async def presign_download(self, key: str, filename: str, expires: timedelta) -> str:
        """Signed for the public endpoint, without asking the store."""
        # RFC 6266 and RFC 8187: a name of any alphabet, and none that could end the header.
        disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        headers: dict[str, str | list[str] | tuple[str]] = {"response-content-disposition": disposition}
        return self._public.presigned_get_object(self._bucket, key, expires, response_headers=headers)

    async def list_parts(self, key: str, upload_id: str) -> list[UploadedPart]:
        return await self._call(
            "list parts", key, partial(s3_multipart.parts, self._client, self._bucket, key, upload_id)
        )

    async def complete_multipart(self, key: str, upload_id: str, parts: Sequence[UploadedPart]) -> None:
        complete = partial(s3_multipart.complete, self._client, self._bucket, key, upload_id, parts)
        await self._finish("complete upload", key, complete)

    async def abort_multipart(self, key: str, upload_id: str) -> None:
        abort = partial(s3_multipart.abort, self._client, self._bucket, key, upload_id)
        await self._call("abort upload", key, abort)

    async def put_file(self, key: str, path: Path, content_type: str, sha256: str | None = None) -> ObjectStat:
        """Files above one part's size go up in parts; a failed upload leaves none behind."""

        def put() -> ObjectStat:
            with path.open("rb") as file:
                return self._put(key, file, os.fstat(file.fileno()).st_size, content_type, sha256)

        return await self._finish("put", key, put)

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> ObjectStat:
        checksum = hashlib.sha256(data).hexdigest()
        return await self._finish("put", key, self._put, key, BytesIO(data), len(data), content_type, checksum)

    async def get_bytes(self, key: str) -> bytes:
        body = await self.open(key)
        return b"".join([piece async for piece in body.chunks()])

    async def download(self, key: str, path: Path) -> str:
        """The file appears whole or not at all. A checksum stored with the object must match."""
        cancelled = threading.Event()
        try:
            return await self._call("download", key, self._download, key, path, cancelled)
        finally:
            cancelled.set()

    async def open(self, key: str, byte_range: str | None = None) -> S3Body:
        """Status 200, 206, or 416 when the range lies outside; raises ObjectNotFound."""
        headers: dict[str, str | list[str] | tuple[str]] = {"Range": byte_range} if byte_range else {}
        get = partial(self._client.get_object, self._bucket, key, request_headers=headers)
        try:
            response = await self._call("open", key, get)
        except S3Error as error:
            if error.code != "InvalidRange":
                raise
            return await self._unsatisfiable(key)
        length = announced_length(response, key)
        content_range = response.headers.get("Content-Range")
        return S3Body(
            key=key,
            status=response.status,
            size=whole_size(content_range, length),
            content_length=length,
            content_range=content_range,
            content_type=response.headers.get("Content-Type", "application/octet-stream"),
            etag=response.headers.get("ETag", "").strip('"'),
            run=self._run,
            response=response,
        )

    async def stat(self, key: str) -> ObjectStat:
        found = await self._call("stat", key, self._client.stat_object, self._bucket, key)
        metadata = found.metadata or {}
        if found.size is None or not found.etag:
            raise StorageUnavailable(f"stat {key}: an answer without size or ETag")
        return ObjectStat(
            key=key,
            size=found.size,
            etag=found.etag,
            content_type=found.content_type or "application/octet-stream",
            sha256=metadata.get(SHA256),
        )

    async def list(self, prefix: str) -> list[ObjectStat]:
        """By key. Content type and checksum are not part of a listing."""
        found = await self._call("list", prefix, lambda: list(self._objects(prefix)))
        return [ObjectStat(str(o.object_name), o.size or 0, o.etag or "", "") for o in found]

    async def delete_prefix(self, prefix: str) -> int:
        """What does not end with a slash names one object: v1 must not take v10 along."""
        if "/" not in prefix:
            raise ValueError(f"no prefix of ours: {prefix!r}")
        return await self._finish("delete", prefix, self._delete_prefix, prefix)

    async def _call(self, action: str, key: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with translated(action, key):
            return await self._run(function, *args, **kwargs)

    async def _finish(self, action: str, key: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A change. A cancel waits for it: a thread cannot be stopped, and what it stores later nobody would remove."""
        task = asyncio.ensure_future(self._call(action, key, function, *args, **kwargs))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({task})
            task.exception()  # looked at, so that nobody misses it
            raise

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *args, **kwargs))

    def _objects(self, prefix: str) -> Iterator[Object]:
        yield from self._client.list_objects(self._bucket, prefix=prefix, recursive=True)

    def _put(self, key: str, data: BinaryIO, size: int, content_type: str, sha256: str | None) -> ObjectStat:
        metadata: dict[str, str | list[str] | tuple[str]] = {SHA256: sha256} if sha256 else {}
        done = self._client.put_object(
            self._bucket, key, data, size, content_type=content_type, metadata=metadata, part_size=PART_SIZE
        )
        # After a multipart upload radosgw leaves the ETag empty, and an error in a 200 answer looks the same.
        if not done.etag and self._client.stat_object(self._bucket, key).size != size:
            raise StorageUnavailable(f"put {key}: it did not arrive whole")
        return ObjectStat(key, size, done.etag or "", content_type, sha256)

    async def _unsatisfiable(self, key: str) -> S3Body:
        size = (await self.stat(key)).size
        return S3Body(key, 416, size, 0, f"bytes */{size}", "application/octet-stream", "", self._run)

    def _download(self, key: str, path: Path, cancelled: threading.Event) -> str:
        partial_file = path.with_name(f".{path.name}.{uuid4().hex}.partial")
        response = self._client.get_object(self._bucket, key)
        try:
            announced_length(response, key)
            digest = _write(response, partial_file, cancelled)
            expected = response.headers.get(SHA256)
            if expected is not None and expected != digest:
                raise StorageUnavailable(f"download {key}: the checksum is not the stored one")
            partial_file.replace(path)
        finally:
            response.close()
            response.release_conn()
            partial_file.unlink(missing_ok=True)
        return digest

    def _delete_prefix(self, prefix: str) -> int:
        # Uploads first: one that completed between the two steps is then found as an object.
        for key, upload_id in s3_multipart.open_uploads(self._client, self._bucket, prefix):
            if _belongs(key, prefix):
                s3_multipart.abort(self._client, self._bucket, key, upload_id)
        keys = [key for found in self._objects(prefix) if _belongs(key := str(found.object_name), prefix)]
        errors = list(self._client.remove_objects(self._bucket, [DeleteObject(key) for key in keys]))
        if errors:
            raise StorageUnavailable(f"delete {prefix}: {len(errors)} objects stayed, first {errors[0].code}")
        return len(keys)


def _belongs(key: str, prefix: str) -> bool:
    return prefix.endswith("/") or key == prefix


def _write(response: urllib3.BaseHTTPResponse, path: Path, cancelled: threading.Event) -> str:
    """urllib3 raises when fewer bytes come than Content-Length says."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in response.stream(PIECE):
            if cancelled.is_set():
                raise InterruptedError(f"download of {path.name} was cancelled")
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _keys(settings: Settings) -> tuple[SecretStr, SecretStr, str]:
    return settings.s3_access_key, settings.s3_secret_key, settings.s3_region


def _client(endpoint: str, access_key: SecretStr, secret_key: SecretStr, region: str) -> Minio:
    """`endpoint` is http(s)://host[:port]. The region is given, so that signing never asks the store for it."""
    url = urlsplit(endpoint)
    if url.scheme not in {"http", "https"} or not url.netloc or url.path not in {"", "/"}:
        raise ValueError(f"an object store's endpoint looks like https://host:port, not {endpoint!r}")
    return Minio(
        url.netloc,
        access_key=access_key.get_secret_value(),
        secret_key=secret_key.get_secret_value(),
        secure=url.scheme == "https",
        region=region,
        http_client=urllib3.PoolManager(
            maxsize=THREADS,
            timeout=urllib3.Timeout(connect=5, read=30),
            # One retry for a kept connection that had died; longer trouble is for the caller's retry policy.
            retries=urllib3.Retry(total=2, connect=2, read=1, redirect=0, status=0, backoff_factor=0.2),
        ),
    )
