"""Servers that go away or misbehave while a video is processed: it finishes all the same."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.faults.conftest import Site
from tests.e2e.faults.playing import play
from tests.e2e.faults.publication import Publication, Publisher, until
from tests.e2e.faults.steps import attempt_under_way
from tests.e2e.faults.tools import freeze
from tests.fixtures.fault_proxy import Fault, Trouble
from tests.fixtures.stack import BackgroundStack

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("server", ["temporal", "postgres", "object store"])
async def test_restart_of_a_server_in_the_middle_of_a_chunk_is_survived(
    site: Site, publisher: Publisher, short_clip: Path, background_stack: BackgroundStack, server: str
) -> None:
    publication = await publisher.publish(short_clip)
    tool = await freeze(site.platform.media, "chunk.mp4")
    background_stack.restart(server)
    tool.resume()
    assert await publication.ended() == "ready"
    await plays_and_has_no_work_left(publication)


async def test_store_that_asks_to_slow_down_is_waited_for(site: Site, publisher: Publisher, short_clip: Path) -> None:
    publication = await publisher.publish(short_clip)
    tool = await freeze(site.platform.media, "chunk.mp4")
    with ExitStack() as stack:
        faults = [stack.enter_context(proxy.fault(Fault(Trouble.SLOW_DOWN))) for proxy in site.stores]
        tool.resume()

        async def tried_often() -> bool:
            attempt, failure = await attempt_under_way(publication.workflow, "transcode_chunk")
            return attempt >= 3 and failure == "StorageUnavailable"

        await until(tried_often, "a third attempt")
        assert faults[-1].hits >= 3
    assert await publication.ended() == "ready"
    await plays_and_has_no_work_left(publication)


async def test_store_that_cuts_resets_and_forgets_publishes_nothing_corrupt(
    site: Site, publisher: Publisher, short_clip: Path
) -> None:
    troubles = (
        Trouble.SLOW_DOWN,
        Trouble.RESET,
        Trouble.CUT_RESPONSE,
        Trouble.CUT_REQUEST,
        Trouble.LOSE_RESPONSE,
    )
    with ExitStack() as stack:
        # Few requests come from one worker, and a hundred from the other, all of which one attempt has to survive.
        shares = ((site.orchestration_store, 0.3), (site.media_store, 0.05))
        faults = [stack.enter_context(store.fault(Fault(troubles, share=share, seed=1))) for store, share in shares]
        publication = await publisher.publish(short_clip)
        assert await publication.ended() == "ready"
        assert sum(fault.hits for fault in faults) >= 3
    await plays_and_has_no_work_left(publication)


async def plays_and_has_no_work_left(publication: Publication) -> None:
    proof = await play(publication)
    assert proof.proves(4.0), proof
    assert proof.decoded_frames == 100
    assert await publication.objects("v1/interim/") == {}
