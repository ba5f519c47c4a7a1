"""Encoding on the media fleet: chunks, audio, subtitles, assembly, pictures."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import step_progress
from core.contracts.publish_video import AssemblyResult, ChunkInput, ChunkResult, StepInput, TrackInput, TrackResult
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.media.damage import DECODE_ERRORS, TOLERATED_ERRORS
from core.domain.progress import Step
from core.services.media.assemble import assemble
from core.services.media.extract_subtitle import extract_subtitle
from core.services.media.index_source import index_source
from core.services.media.make_storyboard import make_storyboard
from core.services.media.tools import MediaTools
from core.services.media.transcode_audio import transcode_audio
from core.services.media.transcode_chunk import transcode_chunk
from core.services.progress.items import PICTURES, RENDITIONS, chunk_item
from core.services.videos.add_warning import add_warning


class TranscodingActivities:
    def __init__(self, uow: UnitOfWorkFactory, tools: MediaTools) -> None:
        self._uow = uow
        self._tools = tools

    @activity.defn(name="index_source")
    async def index_source(self, message: StepInput) -> None:
        async with step_progress(self._uow, message.target, Step.TRANSCODE, "index") as report:
            await index_source(self._tools, message.target, report)

    @activity.defn(name="transcode_chunk")
    async def transcode_chunk(self, message: ChunkInput) -> ChunkResult:
        item = chunk_item(message.index)
        async with step_progress(self._uow, message.target, Step.TRANSCODE, item) as report:
            result = await transcode_chunk(self._tools, message.target, message.index, report)
            if result.decode_errors > TOLERATED_ERRORS:
                await self._warn(message.target, DECODE_ERRORS)
            return result

    @activity.defn(name="transcode_audio")
    async def transcode_audio(self, message: TrackInput) -> TrackResult:
        async with step_progress(self._uow, message.target, Step.TRANSCODE, message.name) as report:
            return await transcode_audio(self._tools, message.target, message.name, report)

    @activity.defn(name="extract_subtitle")
    async def extract_subtitle(self, message: TrackInput) -> TrackResult:
        async with step_progress(self._uow, message.target, Step.TRANSCODE, message.name) as report:
            result = await extract_subtitle(self._tools, message.target, message.name, report)
            for warning in result.warnings:
                await self._warn(message.target, warning)
            return result

    @activity.defn(name="assemble")
    async def assemble(self, message: StepInput) -> AssemblyResult:
        async with step_progress(self._uow, message.target, Step.ASSEMBLE, RENDITIONS) as report:
            return await assemble(self._tools, message.target, report)

    @activity.defn(name="make_storyboard")
    async def make_storyboard(self, message: StepInput) -> None:
        async with step_progress(self._uow, message.target, Step.ASSEMBLE, PICTURES) as report:
            await make_storyboard(self._tools, message.target, report)

    async def _warn(self, target: VersionRef, warning: str) -> None:
        async with self._uow() as uow:
            await add_warning(uow, target, warning)
            await uow.commit()
