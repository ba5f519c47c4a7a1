"""`sealcast ingest`: upload a file, watch it being published, say how it ended."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from cli.api_client import ApiClient, ApiUnavailable, api_client
from cli.connection import find_connection
from cli.failures import CommandFailed
from cli.progress_view import duration, view_for
from cli.upload import upload_file

READY = "ready"
_KINDS = ("video", "audio", "subtitle")


_PATIENCE = 120.0
"""Seconds without any answer from the API after which following gives up; the publication goes on without us."""


@dataclass(frozen=True)
class Outcome:
    """How a publication ended. `renditions` are the pictures, `audio` and `subtitles` the other tracks."""

    id: str
    title: str
    state: str
    failure_code: str | None
    failure_sentence: str | None
    renditions: list[dict[str, Any]]
    audio: list[dict[str, Any]]
    subtitles: list[dict[str, Any]]
    warnings: list[str]
    seconds_per_step: dict[str, float]


async def run_ingest(
    file: Path,
    title: str | None,
    data_dir: Path,
    api_url: str | None,
    api_key: str | None,
    *,
    crypto_period: int | None,
    wait: bool,
    as_json: bool,
) -> int:
    """Exit code: 0 when the video is queued or ready, 1 when it ended otherwise."""
    # With --json the last line on stdout is the result; everything for people goes to stderr.
    console = Console(stderr=as_json)
    connection = find_connection(data_dir, api_url, api_key)
    async with api_client(connection) as api:
        video_id = await upload(api, file, title or file.name, console, crypto_period)
        if not wait:
            print(json.dumps({"id": video_id, "state": "queued"}) if as_json else video_id)
            return 0
        outcome = await follow(api, video_id, title or file.name, console)
    if as_json:
        print(json.dumps(asdict(outcome)))
    else:
        show_outcome(console, outcome)
    return 0 if outcome.state == READY else 1


async def upload(api: ApiClient, file: Path, title: str, console: Console, crypto_period: int | None = None) -> str:
    if not file.is_file():
        raise CommandFailed(f"{file} is not a file.")
    size = file.stat().st_size
    arrived = 0
    with console.status(f"uploading {file.name} …") as status:

        def sent(count: int) -> None:
            nonlocal arrived
            arrived += count
            status.update(f"uploading {file.name} … {arrived / size:.0%}" if size else f"uploading {file.name} …")

        return await upload_file(api, file, title, sent, crypto_period)


async def follow(api: ApiClient, video_id: str, title: str, console: Console) -> Outcome:
    """Show progress until it is final. A dropped connection is picked up again: the server may be restarting."""
    last = time.monotonic()
    final = False
    with view_for(console, title) as view:
        while not final:
            try:
                async for reading in api.progress_events(video_id):
                    last = time.monotonic()
                    view.show(reading)
                    final = reading["final"]
            except (httpx.TransportError, ApiUnavailable):
                if time.monotonic() - last > _PATIENCE:
                    raise
                await asyncio.sleep(1)
    return await outcome_of(api, video_id)


async def outcome_of(api: ApiClient, video_id: str) -> Outcome:
    detail, progress = await api.video(video_id), await api.progress(video_id)
    failure = progress["failure"] or {}
    tracks = {kind: [_without_kind(track) for track in detail["tracks"] if track["kind"] == kind] for kind in _KINDS}
    return Outcome(
        id=video_id,
        title=detail["video"]["title"],
        state=progress["status"],
        failure_code=failure.get("code"),
        failure_sentence=failure.get("sentence"),
        renditions=tracks["video"],
        audio=tracks["audio"],
        subtitles=tracks["subtitle"],
        warnings=detail["versions"][-1]["warnings"],
        seconds_per_step={
            step["step"]: round(step["seconds"], 3) for step in progress["steps"] if step["seconds"] is not None
        },
    )


def _without_kind(track: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in track.items() if name != "kind" and value is not None}


def show_outcome(console: Console, outcome: Outcome) -> None:
    if outcome.state == READY:
        seconds = duration(sum(outcome.seconds_per_step.values()))
        names = ", ".join(rendition["name"] for rendition in outcome.renditions) or "audio only"
        console.print(Text("ready", style="bold green"), f"{outcome.id}: {names} in {seconds}", highlight=False)
        for warning in outcome.warnings:
            console.print(Text(f"  note: {warning}", style="yellow"))
        return
    console.print(Text(outcome.state, style="bold red"), f"{outcome.id}: {outcome.failure_code}", highlight=False)
    if outcome.failure_sentence:
        console.print(f"  {outcome.failure_sentence}", highlight=False, soft_wrap=True)
