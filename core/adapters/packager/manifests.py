"""The manifest pass over a packager's output directory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from core.adapters.packager.dash import finish_mpd, only_audio_streams
from core.adapters.packager.hls import finish_master_playlist, finish_media_playlist
from core.adapters.packager.layout import DASH_MANIFEST, HLS_MASTER
from core.domain.media.plan import AudioPlan, SubtitlePlan


def finish_manifests(
    output: Path, audio: Collection[AudioPlan], subtitles: Collection[SubtitlePlan], kids: Mapping[str, str]
) -> None:
    """Rewrite the MPD and all playlists in place, once; `kids` are those of the encrypted folders. Blocking."""
    mpd = output / DASH_MANIFEST
    written = mpd.read_bytes()
    mpd.write_bytes(finish_mpd(written, audio, subtitles))
    master = output / HLS_MASTER
    text = finish_master_playlist(master.read_text("utf-8"), audio, subtitles, only_audio_streams(written))
    master.write_text(text, "utf-8")
    for playlist in output.glob("*/*/*.m3u8"):
        kid = kids.get(playlist.parent.relative_to(output).as_posix())
        playlist.write_text(finish_media_playlist(playlist.read_text("utf-8"), kid), "utf-8")
