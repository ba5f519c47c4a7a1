"""A media worker dies by SIGKILL in the middle of a chunk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.contracts import object_keys
from tests.e2e.faults.conftest import Site
from tests.e2e.faults.publication import Publication, Publisher, until
from tests.e2e.faults.steps import activities, attempt_under_way
from tests.e2e.faults.tools import freeze, gone, tree
from tests.fixtures.fault_proxy import Fault, Trouble

pytestmark = pytest.mark.stack


async def test_only_unfinished_chunks_are_encoded_again_and_the_output_is_that_of_a_quiet_run(
    site: Site, publisher: Publisher, long_clip: Path, tmp_path: Path
) -> None:
    quiet = await packets_of_a_publication(site, publisher, long_clip, tmp_path / "quiet", disturb=False)
    disturbed = await packets_of_a_publication(site, publisher, long_clip, tmp_path / "disturbed", disturb=True)
    assert {name: len(packets) for name, packets in quiet.items()} == {
        "240p.mp4": 1900,
        "audio-0-und.mp4": len(quiet["audio-0-und.mp4"]),
    }
    assert disturbed == quiet


async def test_worker_that_is_asked_to_stop_gives_its_chunk_back(
    site: Site, publisher: Publisher, short_clip: Path
) -> None:
    """A deployment is no cancel: the next worker goes on at once, without waiting for a heartbeat to be missed."""
    publication = await publisher.publish(short_clip)
    worker = site.platform.media
    await freeze(worker, "chunk.mp4")
    processes = tree(worker)
    assert worker.stop() == 0
    await gone(processes)
    assert await attempt_under_way(publication.workflow, "transcode_chunk") == (2, "WorkerShutdown")
    site.start_media()
    assert await publication.ended() == "ready"
    (chunk,) = await activities(publication.workflow, "transcode_chunk")
    assert chunk.attempts == 2


async def packets_of_a_publication(
    site: Site, publisher: Publisher, clip: Path, folder: Path, *, disturb: bool
) -> dict[str, list[str]]:
    """Publish, look at the mezzanines just before they are removed, and see the publication through."""
    # The last step lists what it removes: held there, all is made and everything is still in the store.
    hold = Fault(Trouble.HOLD, "GET", "interim/&")
    with site.orchestration_store.fault(hold):
        publication = await publisher.publish(clip)
        if disturb:
            await kill_in_the_middle_of_a_chunk(site, publication)
        hold.wait_until_hit(120)
        found = await mezzanines(publication, folder)
    assert await publication.ended() == "ready"
    return found


async def kill_in_the_middle_of_a_chunk(site: Site, publication: Publication) -> None:
    """With at least one chunk stored and another one half encoded."""
    await until(lambda: chunks_stored(publication), "the first chunk")
    worker = site.platform.media
    await freeze(worker, "chunk.mp4")
    before, processes = await publication.objects("v1/interim/chunks/"), tree(worker)
    done = [record for record in await activities(publication.workflow, "transcode_chunk") if record.result]
    assert processes
    assert 0 < len(before) < 4
    worker.kill()
    await gone(processes)
    site.start_media()

    async def all_stored() -> bool:
        return len(await publication.objects("v1/interim/chunks/")) == 4

    await until(all_stored, "the last chunk")
    after = await publication.objects("v1/interim/chunks/")
    assert before.items() <= after.items(), "a finished chunk was written again"
    await until(lambda: transcoded(publication), "the end of the transcoding")
    again = {record.message["index"]: record for record in await activities(publication.workflow, "transcode_chunk")}
    for record in done:
        assert again[record.message["index"]].attempts == 1
    repeated = [record for record in again.values() if record.attempts > 1]
    assert repeated, "the frozen chunk was not lost"
    for record in repeated:
        key = f"v1/interim/chunks/{record.message['index']:05d}.mp4"
        assert record.result is not None
        assert record.result["reused"] == (key in before)


async def chunks_stored(publication: Publication) -> bool:
    return bool(await publication.objects("v1/interim/chunks/"))


async def transcoded(publication: Publication) -> bool:
    found = await activities(publication.workflow, "transcode_chunk")
    return len(found) == 4 and all(record.ended_at for record in found)


async def mezzanines(publication: Publication, folder: Path) -> dict[str, list[str]]:
    """Time stamps, sizes, key-frame flags and checksums of all packets, by file."""
    folder.mkdir()
    prefix = object_keys.mezzanine(publication.target, "")
    found = {}
    for stat in await publication.by.store.list(prefix):
        path = folder / Path(stat.key).name
        await publication.by.store.download(stat.key, path)
        found[path.name] = packets(path)
    return found


def packets(path: Path) -> list[str]:
    entries = "packet=pts,dts,duration,size,flags,data_hash"
    command = ["ffprobe", "-v", "error", "-show_data_hash", "MD5", "-show_entries", entries, "-of", "csv=p=0"]
    done = subprocess.run([*command, f"file:{path}"], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
