"""Workers killed at random while videos are published, again and again. Each video is complete in the end."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import sys
from pathlib import Path

import pytest

from tests.e2e.faults.conftest import Site
from tests.e2e.faults.playing import play
from tests.e2e.faults.publication import Publication, Publisher
from tests.e2e.faults.tools import gone, tree

pytestmark = [pytest.mark.stack, pytest.mark.campaign]

FULL = os.environ.get("SEALCAST_CAMPAIGN") == "full"
KILLS = int(os.environ.get("SEALCAST_CAMPAIGN_KILLS", "100" if FULL else "2"))
LONGEST_WAIT = 12.0 if FULL else 2.0
"""Seconds of undisturbed work at most: from nothing at all up to a good part of a short publication."""


@pytest.mark.timeout(0 if FULL else 240)
async def test_random_kills_of_workers_lose_nothing(
    site: Site, publisher: Publisher, long_clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = os.environ.get("SEALCAST_CAMPAIGN_SEED") or secrets.token_hex(8)
    with capsys.disabled():
        sys.stdout.write(f"SEALCAST_CAMPAIGN_SEED={seed} ")
    chance = random.Random(seed)
    left = KILLS
    while left:
        publication = await publisher.publish(long_clip)
        while left and await publication.state() in {"queued", "processing"}:
            # Real time on purpose: where in its work a kill meets a worker is what is tried at random here.
            await asyncio.sleep(chance.uniform(0, LONGEST_WAIT))
            await kill_one(site, chance)
            left -= 1
        await is_complete(publication)


async def kill_one(site: Site, chance: random.Random) -> None:
    if chance.random() < 0.7:
        processes = tree(site.platform.media)
        site.platform.media.kill()
        await gone(processes)
        site.start_media()
    else:
        site.platform.orchestration.kill()
        site.start_orchestration()


async def is_complete(publication: Publication) -> None:
    assert await publication.ended(600) == "ready", publication.failure()
    proof = await play(publication)
    assert proof.error is None, proof
    assert proof.decoded_frames == 1900
    assert await publication.objects("v1/interim/") == {}
    assert await publication.open_uploads() == []
