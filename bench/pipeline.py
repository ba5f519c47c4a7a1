"""One real publication through API, Temporal and workers, with what it cost."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from temporalio.client import Client

from bench.accounting import UNNAMED, ToolRun
from bench.history import ActivityRun, activity_runs
from bench.servers import Platform
from cli.api_client import ApiClient, api_client
from cli.ingest import READY, outcome_of
from cli.upload import upload_file
from core.contracts import workflow_ids
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import open_database
from core.services.organisations.authenticate_api_key import authenticate_api_key


class NotPublished(Exception):
    """The pipeline did not bring the clip to the end."""


@dataclass(frozen=True)
class PipelineRun:
    """Seconds and bytes. `begin` and `ready` are seconds since the epoch: upload started, players switched.

    `cpu` is the whole job: API, both workers, and every tool they ran; `tools` is its part in media tools.
    """

    video_id: str
    begin: float
    ready: float
    cpu: float
    python: dict[str, float]
    runs: list[ToolRun]
    servers: dict[str, float]
    peak_sum_bytes: int
    activities: list[ActivityRun]

    @property
    def wall(self) -> float:
        return self.ready - self.begin

    @property
    def ffmpeg_seconds(self) -> float:
        """ffmpeg and ffprobe; what was too short to be seen is taken for one of them."""
        return sum(run.seconds for run in self.runs if run.name in {"ffmpeg", "ffprobe", UNNAMED})

    @property
    def picture_seconds(self) -> float:
        """Tools that began while storyboard and posters were made."""
        spans = [(one.started, one.ended) for one in self.activities if one.name == "make_storyboard"]
        made = (run for run in self.runs if run.name != "packager")
        return sum(run.seconds for run in made if any(start <= run.began <= end for start, end in spans))

    @property
    def tools(self) -> dict[str, float]:
        """Seconds by name."""
        found: dict[str, float] = {}
        for run in self.runs:
            found[run.name] = found.get(run.name, 0.0) + run.seconds
        return found

    @property
    def peak_tool_bytes(self) -> dict[str, int]:
        """The largest of each name."""
        return {name: max(run.peak_bytes for run in self.runs if run.name == name) for name in self.tools}


async def publish(platform: Platform, client: Client, clip: Path) -> PipelineRun:
    """Upload through the API and wait until the workflow has ended, its clean-up included. Raises NotPublished."""
    before, servers = await platform.host.snapshot(), platform.server_seconds()
    async with api_client(platform.connection) as api:
        begin = time.time()
        video_id = await upload_file(api, clip, clip.name, lambda _: None)
        await _watch(api, video_id)
        workflow = client.get_workflow_handle(workflow_ids.publish_video(await _target(platform, video_id)))
        await workflow.result()
        ready = await _published_at(api, video_id)
    await asyncio.sleep(1)  # what ended a moment ago is still being waited for
    after, servers_after = await platform.host.snapshot(), platform.server_seconds()
    return PipelineRun(
        video_id=video_id,
        begin=begin,
        ready=ready,
        cpu=after.cpu - before.cpu,
        python={name: after.python[name] - before.python[name] for name in after.python},
        runs=after.tools[len(before.tools) :],
        servers={name: servers_after[name] - servers[name] for name in servers},
        peak_sum_bytes=after.peak_sum_bytes,
        activities=await activity_runs(client, workflow.id),
    )


async def _watch(api: ApiClient, video_id: str) -> None:
    """Follow the progress as `sealcast ingest --wait` does: what it costs the API belongs to the job."""
    final = False
    while not final:
        async for reading in api.progress_events(video_id):
            final = reading["final"]


async def _target(platform: Platform, video_id: str) -> VersionRef:
    """The organisation's id is the server's business; the key says whose it is."""
    async with open_database(platform.settings.database_url) as uow, uow() as work:
        found = await authenticate_api_key(work, platform.connection.key, datetime.now().astimezone())
    return VersionRef(found.principal.organisation_id, video_id, 1)


async def _published_at(api: ApiClient, video_id: str) -> float:
    outcome = await outcome_of(api, video_id)
    if outcome.state != READY:
        raise NotPublished(f"{outcome.state}: {outcome.failure_code} {outcome.failure_sentence}")
    detail = await api.video(video_id)
    return datetime.fromisoformat(detail["versions"][-1]["published_at"]).timestamp()
