"""The manifest pass over a packager's output directory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from core.adapters.packager.dash import finish_mpd, only_audio_streams
from core.adapters.packager.hls import finish_master_playlist, finish_media_playlist
from core.adapters.packager.key_rotation import rotate_keys
from core.adapters.packager.layout import DASH_MANIFEST, HLS_MASTER
from core.adapters.packager.whole_segments import encrypt_whole_segments
from core.domain.drm.content_key import ContentKey
from core.domain.media.plan import EncodingPlan, ProtectionScheme, SubtitlePlan


def finish_manifests(
    output: Path, plan: EncodingPlan, subtitles: Collection[SubtitlePlan], keys: Mapping[str, ContentKey]
) -> None:
    """Rewrite the MPD and all playlists in place, once; `keys` are those of the folders to protect. Blocking.

    AES-128 is done here as well, the packager left the segments clear; and so are crypto periods behind the first.
    """
    audio = plan.audio
    mpd = output / DASH_MANIFEST
    written = mpd.read_bytes()
    if plan.scheme is ProtectionScheme.AES128:
        mpd.unlink()  # it told what the audio is; no DASH player could open the segments
        encrypt_whole_segments(output, keys)
    else:
        rotating = plan.crypto_periods.count > 1
        mpd.write_bytes(finish_mpd(written, audio, subtitles, rotating=rotating))
        _finish_media_playlists(output, keys)
        if rotating:
            rotate_keys(output, keys, plan.crypto_periods)
    master = output / HLS_MASTER
    text = finish_master_playlist(master.read_text("utf-8"), audio, subtitles, only_audio_streams(written))
    master.write_text(text, "utf-8")


def _finish_media_playlists(output: Path, keys: Mapping[str, ContentKey]) -> None:
    for playlist in output.glob("*/*/*.m3u8"):
        key = keys.get(playlist.parent.relative_to(output).as_posix())
        finished = finish_media_playlist(playlist.read_text("utf-8"), key.kid if key else None)
        playlist.write_text(finished, "utf-8")
