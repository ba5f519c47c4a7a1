"""Reading back what was written."""

from __future__ import annotations

from core.adapters.ffmpeg.arguments import FILE

_GUARD = ["-protocol_whitelist", "file", "-f", "mov"]


def duration_command(name: str) -> list[str]:
    """argv that prints an MP4's duration in seconds."""
    return ["ffprobe", "-v", "error", *_GUARD, "-show_entries", "format=duration", "-of", "csv=p=0", FILE + name]
