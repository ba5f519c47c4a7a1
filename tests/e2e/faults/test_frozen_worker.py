"""A media worker that is frozen for longer than the heartbeat timeout, taken for dead, and wakes up again."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest

from tests.e2e.faults.conftest import Site
from tests.e2e.faults.playing import play
from tests.e2e.faults.publication import Publication, Publisher, until
from tests.e2e.faults.steps import activities
from tests.e2e.faults.tools import freeze

pytestmark = pytest.mark.stack


async def test_late_result_of_a_frozen_worker_changes_nothing(
    site: Site, publisher: Publisher, short_clip: Path
) -> None:
    publication = await publisher.publish(short_clip)
    sleeper = site.platform.media
    tool = await freeze(sleeper, "chunk.mp4")
    psutil.Process(sleeper.pid).send_signal(signal.SIGSTOP)
    try:
        # Its ffmpeg goes on and finishes the chunk; only nobody is there to store it.
        tool.resume()
        site.start_media()
        assert await publication.ended() == "ready"
        (chunk,) = await activities(publication.workflow, "transcode_chunk")
        assert chunk.attempts == 2
        published = await publication.objects()
        tool.wait(30)
    finally:
        psutil.Process(sleeper.pid).send_signal(signal.SIGCONT)
    await until(lambda: has_given_up(sleeper.log, publication), "the awakening")
    assert sleeper.stop() == 0
    assert await publication.objects() == published
    assert await publication.state() == "ready"
    assert (await play(publication)).proves(4.0)


async def has_given_up(log: Path, publication: Publication) -> bool:
    """Both workers share nothing but the store: the sleeper's own log tells that it is done."""
    lines = log.read_text(errors="replace").splitlines()
    return any("LeaseLost" in line and publication.video_id in line for line in lines)
