"""Running the probes on a source that lies in a job's directory, and turning their answers into facts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.adapters.ffmpeg.errors import CpuTimeExceeded, OutOfMemory, OutputTooLarge, ToolKilled
from core.adapters.ffmpeg.limits import GIBIBYTE, MEBIBYTE, Limits
from core.adapters.ffmpeg.packet_scan import PacketScan, packet_scan_command
from core.adapters.ffmpeg.probe import UnreadableProbe, hit_pixel_limit, parse_probe, probe_command
from core.adapters.ffmpeg.runner import Completed, MediaRunner, OnLine
from core.adapters.ffmpeg.trial_decode import decoded_frames, lacks_decoder, trial_decode_command
from core.adapters.scratch import Job
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.damage import DECODE_ERRORS
from core.domain.media.facts import AudioTrack, SourceFacts, VideoTrack
from core.domain.media.magic import ContainerFamily
from core.domain.media.probed import ProbedFile

#: A kill from outside, which says nothing about the file.
_SIGKILL = -9
_SCAN_BYTES_PER_SECOND = 10 * MEBIBYTE


@dataclass(frozen=True)
class SourceProbe:
    """`job` holds the file as "source"; tools see nothing else. Methods raise VideoRejected for what the file did."""

    runner: MediaRunner
    job: Job
    family: ContainerFamily
    max_pixels: int

    async def declared(self) -> ProbedFile:
        """What the header says. UNREADABLE when the demuxer gives up, TOO_MANY_PIXELS when a decoder refuses."""
        command = probe_command(self.family.demuxers, self.max_pixels)
        done = await self._run(command, Limits(cpu_seconds=60, stdout_bytes=4 * MEBIBYTE))
        if hit_pixel_limit(done.stderr_tail):
            raise VideoRejected(FailureCode.TOO_MANY_PIXELS, f"a picture has more than {self.max_pixels} pixels")
        if done.returncode != 0:
            raise VideoRejected(FailureCode.UNREADABLE, f"not readable as {self.family.name}")
        try:
            return parse_probe(done.stdout)
        except UnreadableProbe as error:
            raise VideoRejected(FailureCode.UNREADABLE, "the probe's answer makes no sense") from error

    async def packets(self, size: int) -> PacketScan:
        """What the packets show, by stream. An error on the way ends the list there, as it would end a player."""
        scan = PacketScan(mend_jumps=self.family.clock_may_jump)
        command = packet_scan_command(self.family.demuxers, self.max_pixels)
        await self._run(command, Limits(cpu_seconds=120 + size // _SCAN_BYTES_PER_SECOND), scan.feed)
        return scan

    async def decoded(self, facts: SourceFacts) -> SourceFacts:
        """Facts without the audio tracks that do not decode, warnings added.

        A source that gives no picture, or no sound where there is no picture, is CORRUPT or UNSUPPORTED_CODEC.
        """
        clean = facts.video is None or await self._decodes_cleanly(facts.video, "v")
        audio: list[AudioTrack] = []
        skipped: list[str] = []
        for track in facts.audio:
            try:
                clean = await self._decodes_cleanly(track, "a") and clean
                audio.append(track)
            except VideoRejected:
                if facts.video is None and track is facts.audio[-1] and not audio:
                    raise
                skipped.append(f"AUDIO_TRACK_SKIPPED:stream {track.index}")
        ends = [track.end for track in (facts.video, *audio) if track is not None]
        warnings = (*facts.warnings, *skipped, *(() if clean else (DECODE_ERRORS,)))
        return replace(facts, audio=tuple(audio), duration=max(ends), warnings=warnings)

    async def _decodes_cleanly(self, track: VideoTrack | AudioTrack, kind: str) -> bool:
        """Whether no error was logged; ffmpeg logs errors of all streams, so they say nothing about this one."""
        command = trial_decode_command(self.family.demuxers, self.max_pixels, track.index, kind, track.start)
        done = await self._run(command, Limits(memory_bytes=12 * GIBIBYTE, cpu_seconds=120))
        if decoded_frames(done.stdout) == 0:
            missing = lacks_decoder(done.stderr_tail)
            failure = FailureCode.UNSUPPORTED_CODEC if missing else FailureCode.CORRUPT
            raise VideoRejected(failure, f"stream {track.index}: nothing of the {track.codec} decodes")
        return done.stderr_lines == 0

    async def _run(self, command: list[str], limits: Limits, on_line: OnLine | None = None) -> Completed:
        """A tool that crashes or runs out of what it may use does so for this file's sake, and will again."""
        try:
            return await self.runner.run(command, self.job, limits=limits, on_line=on_line, check=False)
        except (OutputTooLarge, CpuTimeExceeded) as error:
            raise VideoRejected(FailureCode.UNREADABLE, f"{error.tool}: {error.code}") from error
        except ToolKilled as error:
            if error.returncode == _SIGKILL:
                raise
            code = FailureCode.UNREADABLE if isinstance(error, OutOfMemory) else FailureCode.CORRUPT
            raise VideoRejected(code, f"{error.tool}: {error.code}") from error
