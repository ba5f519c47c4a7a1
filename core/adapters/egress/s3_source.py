"""Sources in buckets of the operator's, by the operator's credentials. Which tenant may use which is judged before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager

from minio.error import S3Error

from core.adapters.s3 import S3Storage
from core.domain.egress.destination import DestinationRefused
from core.domain.failures import FailureCode, VideoRejected
from core.domain.imports import s3_address
from core.ports import ObjectBody, ObjectNotFound, PeerFailed, PeerFailure, SourceStream, StorageUnavailable

_FINAL = {
    "AccessDenied": FailureCode.SOURCE_FORBIDDEN,
    "InvalidObjectState": FailureCode.SOURCE_FORBIDDEN,
    "NoSuchBucket": FailureCode.SOURCE_NOT_FOUND,
}


class S3Source:
    """`store` gives the store of a bucket; None when no store is configured."""

    def __init__(self, store: Callable[[str], S3Storage] | None) -> None:
        self._store = store
        self._opened: dict[str, S3Storage] = {}

    @asynccontextmanager
    async def open(self, url: str, start: int, validator: str | None) -> AsyncIterator[SourceStream]:
        bucket, key = s3_address(url)
        with _failures():
            body = await self._body(bucket, key, start if validator else 0)
            if body.status == 206 and body.etag != validator:
                await body.aclose()
                body = await self._body(bucket, key, 0)
        async with aclosing(body):
            offset = start if body.status in {206, 416} else 0
            if body.status == 416:
                yield SourceStream(offset if body.size == start else 0, body.size, validator, _nothing())
            else:
                yield SourceStream(offset, body.size, body.etag or None, _chunks(body))

    async def aclose(self) -> None:
        for store in self._opened.values():
            await store.close()

    async def _body(self, bucket: str, key: str, start: int) -> ObjectBody:
        return await self._bucket(bucket).open(key, f"bytes={start}-" if start else None)

    def _bucket(self, name: str) -> S3Storage:
        if self._store is None:
            raise DestinationRefused("is in a store, and none is configured")
        if name not in self._opened:
            self._opened[name] = self._store(name)
        return self._opened[name]


async def _chunks(body: ObjectBody) -> AsyncIterator[bytes]:
    with _failures():
        async for chunk in body.chunks():
            yield chunk


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except ObjectNotFound:
        raise VideoRejected(FailureCode.SOURCE_NOT_FOUND, "no such object") from None
    except StorageUnavailable:
        raise PeerFailed(PeerFailure.CONNECTION) from None
    except S3Error as error:
        raise VideoRejected(_FINAL.get(error.code or "", FailureCode.SOURCE_REFUSED), f"S3 {error.code}") from None


async def _nothing() -> AsyncIterator[bytes]:
    pieces: tuple[bytes, ...] = ()
    for piece in pieces:
        yield piece
