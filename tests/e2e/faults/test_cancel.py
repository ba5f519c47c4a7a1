"""A cancel in each step: no process of a tool, no object, no upload and no key is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.adapters.packager.layout import DASH_MANIFEST
from tests.e2e.faults.conftest import Site
from tests.e2e.faults.publication import Publication, Publisher, is_hit, until
from tests.e2e.faults.steps import activities
from tests.e2e.faults.tools import freeze, gone, tree
from tests.fixtures.fault_proxy import Fault, FaultProxy, Trouble

pytestmark = pytest.mark.stack

_ENDED_WITHIN = 10.0
"""Seconds from the cancel request to the end of a tool. About one on an idle machine; a frozen tool that nobody kills
ends never, and a lost heartbeat would be noticed later than this."""

#: Tools are frozen where they show up; an argument tells them apart.
FROZEN = {
    "inspect_source": "",
    "transcode_chunk": "chunk.mp4",
    "transcode_audio": "audio.mp4",
}

#: Steps without a tool, or with one that is too quick to meet, are held at a request to the store.
HELD: dict[str, tuple[Callable[[Site], FaultProxy], Fault]] = {
    "confirm_upload": (lambda site: site.orchestration_store, Fault(Trouble.HOLD, "HEAD", "/v1/original")),
    "plan_video": (lambda site: site.orchestration_store, Fault(Trouble.HOLD, "PUT", "/interim/plan.json")),
    "assemble": (lambda site: site.media_store, Fault(Trouble.HOLD, "PUT", "/interim/mezzanine/240p.mp4")),
    "package": (lambda site: site.media_store, Fault(Trouble.HOLD, "PUT", "/stream/video/")),
    "verify": (lambda site: site.media_store, Fault(Trouble.HOLD, "GET", f"/stream/{DASH_MANIFEST}")),
}


@pytest.mark.parametrize("step", FROZEN)
async def test_cancel_ends_a_frozen_tool_and_leaves_nothing(
    site: Site, publisher: Publisher, short_clip: Path, step: str
) -> None:
    publication = await publisher.publish(short_clip)
    await freeze(site.platform.media, FROZEN[step])
    processes = tree(site.platform.media)
    await publication.cancel()
    ended = await gone(processes)
    assert await publication.ended() == "cancelled"
    (record,) = await activities(publication.workflow, step)
    assert 0 < ended - record.cancel_requested_at < _ENDED_WITHIN
    await nothing_is_left(site, publication)


@pytest.mark.parametrize("step", HELD)
async def test_cancel_in_a_step_that_waits_for_the_store_leaves_nothing(
    site: Site, publisher: Publisher, short_clip: Path, step: str
) -> None:
    proxy_of, fault = HELD[step]
    with proxy_of(site).fault(Fault(fault.trouble, fault.method, fault.text)) as hold:
        publication = await publisher.publish(short_clip)
        await until(lambda: is_hit(hold), f"a request of {step}")
        await publication.cancel()
        await until(lambda: cancel_requested(publication, step), "the cancel")
    assert await publication.ended() == "cancelled"
    await nothing_is_left(site, publication)


async def test_cancel_while_keys_are_issued_destroys_them(site: Site, publisher: Publisher, short_clip: Path) -> None:
    """The keys are committed after the cancel was asked for: the clean-up has to wait for them."""
    with site.media_store.fault(Fault(Trouble.HOLD, "PUT", "/interim/mezzanine/240p.mp4")) as assembling:
        publication = await publisher.publish(short_clip)
        await until(lambda: is_hit(assembling), "the assembly")
        with site.orchestration_store.fault(Fault(Trouble.HOLD, "GET", "/interim/plan.json")) as issuing:
            assembling.lifted.set()
            await until(lambda: is_hit(issuing), "the issue of keys")
            await publication.cancel()
            await until(lambda: cancel_requested(publication, "issue_keys"), "the cancel")
    assert await publication.ended() == "cancelled"
    assert publisher.rows("SELECT kid FROM content_keys WHERE video_id = %s", publication.video_id)
    await nothing_is_left(site, publication)


async def test_cancel_during_the_switch_comes_too_late(site: Site, publisher: Publisher, short_clip: Path) -> None:
    with site.orchestration_store.fault(Fault(Trouble.HOLD, "GET", "/v1/stream/")) as hold:
        publication = await publisher.publish(short_clip)
        await until(lambda: is_hit(hold), "the switch")
        await publication.cancel()
    assert await publication.ended() == "ready"
    assert await publication.objects("v1/stream/")
    assert publication.usable_keys()


async def test_cancel_before_any_worker_has_taken_it_up_leaves_nothing(
    site: Site, publisher: Publisher, short_clip: Path
) -> None:
    site.platform.orchestration.stop()
    publication = await publisher.publish(short_clip)
    await publication.cancel()
    site.start_orchestration()
    assert await publication.ended() == "cancelled"
    await nothing_is_left(site, publication)


async def nothing_is_left(site: Site, publication: Publication) -> None:
    assert await publication.objects() == {}
    assert await publication.open_uploads() == []
    assert publication.usable_keys() == 0
    assert tree(site.platform.media) == []


async def cancel_requested(publication: Publication, step: str) -> bool:
    return any(record.cancel_requested_at for record in await activities(publication.workflow, step))
