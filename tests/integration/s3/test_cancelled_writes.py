"""A write that is under way when its task is cancelled: nothing appears in the store after the cancel was answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from core.adapters.s3 import S3Storage
from core.ports import StorageUnavailable
from core.settings import Settings
from tests.fixtures.fault_proxy import Fault, FaultProxy, Trouble

pytestmark = pytest.mark.stack


@pytest.fixture
def proxy(settings: Settings) -> Iterator[FaultProxy]:
    with FaultProxy(settings.s3_endpoint) as running:
        yield running


@pytest.fixture
async def far_storage(settings: Settings, proxy: FaultProxy) -> AsyncIterator[S3Storage]:
    """Through the proxy; signatures hold on the way."""
    store = S3Storage.from_settings(settings.model_copy(update={"s3_endpoint": proxy.url}))
    yield store
    await store.close()


async def test_cancelled_put_has_ended_when_the_cancel_is_answered(
    far_storage: S3Storage, storage: S3Storage, proxy: FaultProxy, prefix: str
) -> None:
    with proxy.fault(Fault(Trouble.HOLD, "PUT", prefix)) as hold:
        put = asyncio.create_task(far_storage.put_bytes(prefix + "late", b"data", "text/plain"))
        await asyncio.to_thread(hold.wait_until_hit)
        put.cancel()
        await asyncio.sleep(0)
        assert not put.done(), "the store may still take it"
        assert await storage.list(prefix) == []
        hold.lifted.set()
        with pytest.raises(asyncio.CancelledError):
            await put
    assert [stat.key for stat in await storage.list(prefix)] == [prefix + "late"], "so clean-up can find it"
    await storage.delete_prefix(prefix)


async def test_signatures_hold_through_the_proxy_and_troubles_end_with_their_block(
    far_storage: S3Storage, proxy: FaultProxy, prefix: str
) -> None:
    with proxy.fault(Fault(Trouble.SLOW_DOWN, "GET", prefix)) as slow:
        await far_storage.put_bytes(prefix + "a", b"data", "text/plain")
        with pytest.raises(StorageUnavailable, match="SlowDown"):
            await far_storage.get_bytes(prefix + "a")
        assert slow.hits == 1
    assert await far_storage.get_bytes(prefix + "a") == b"data"
    await far_storage.delete_prefix(prefix)
