"""What must hold of every published picture and sound, whatever the source was."""

from __future__ import annotations

from collections.abc import Set
from fractions import Fraction

from tests.e2e.media_set.measure import decoded_frames, silences
from tests.e2e.media_set.published import ClearTrack, PublishedVideo, of_kind

_SDR_TRANSFERS = {"bt709", "smpte170m", "gamma22", "gamma28", "bt2020-10", "bt2020-12", "iec61966-2-1", "smpte240m"}
#: The ladder's heights of landscape pictures, and their rates.
STANDARD_RATES = {
    Fraction(10), Fraction(12), Fraction(25, 2), Fraction(15), Fraction(20), Fraction(24000, 1001), Fraction(24),
    Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
}  # fmt: skip


_USUAL_PROFILES = frozenset({"High"})


def check_pictures(video: PublishedVideo, profiles: Set[str] = _USUAL_PROFILES) -> None:
    """Every rung plays on any device, shows the same frames, and none is a copy of another."""
    for track in video.videos:
        check_rung(track, profiles)
    assert len({track.frames for track in video.videos}) <= 1, "rungs of different lengths"
    assert len({track.rate for track in video.videos}) <= 1
    assert len({track.size for track in video.videos}) == len(video.videos)


def check_rung(track: ClearTrack, profiles: Set[str]) -> None:
    shown = track.stream
    assert (shown["codec_name"], shown["pix_fmt"]) == ("h264", "yuv420p")
    assert shown["profile"] in profiles
    assert shown["width"] % 2 == 0
    assert shown["height"] % 2 == 0
    assert shown.get("sample_aspect_ratio", "1:1") in {"1:1", "0:1"}
    assert shown.get("field_order", "progressive") == "progressive"
    assert shown["color_range"] == "tv"
    assert shown["color_transfer"] in _SDR_TRANSFERS
    assert not [data for data in shown.get("side_data_list", ()) if "rotation" in data], "players would turn it again"
    assert float(shown["start_time"]) == 0
    assert track.rate in STANDARD_RATES
    assert track.frames == decoded_frames(track.path) > 0


def check_sounds(video: PublishedVideo, tracks: int) -> None:
    """As many as the source has; all of AAC-LC at 48 kHz from the beginning on, at most stereo."""
    assert len(video.audio) == tracks
    if video.videos:
        assert len(of_kind(video.hls, "AUDIO")) == tracks
    for track in video.audio:
        shown = track.stream
        assert (shown["codec_name"], shown["profile"], shown["sample_rate"]) == ("aac", "LC", "48000")
        assert 1 <= shown["channels"] <= 2
        assert float(shown["start_time"]) == 0


def check_upscaling(video: PublishedVideo, displayed: tuple[int, int]) -> None:
    """No rung is larger than the source as it is shown, and the largest is that size up to evenness or 2160p."""
    width, height = displayed
    assert all(track.size[0] <= width and track.size[1] <= height for track in video.videos)
    ratio = width / height
    for track in video.videos:
        # An even side of a small rung can be a pixel off on both sides.
        assert abs(track.size[0] / track.size[1] - ratio) <= ratio * 2 / min(track.size)


def heard_from(track: ClearTrack) -> float:
    """Seconds at which sound begins after silence from the start; 0 when it is there at once."""
    first = next(iter(silences(track.path)), None)
    return first[1] if first and first[0] < 0.05 else 0.0
