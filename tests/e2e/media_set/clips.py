"""One short clip for each thing that real files do, made on the spot: what the shared media set shows, without it.

Every builder writes to the given path, whose suffix chooses the container.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.media_set.measure import ffmpeg

#: A picture that differs from itself however it is turned: a red corner, a white bar below a moving pattern.
_LANDSCAPE = "testsrc2=size=320x180:rate=25,drawbox=0:0:90:60:red:fill,drawbox=40:150:200:20:white:fill,format=yuv420p"
_X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
_TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
#: Dark, then white from this second on, with a tone that begins in the same instant.
FLASH_SECONDS = 1.2

SUBTITLES = {
    "eng": "1\n00:00:00,200 --> 00:00:01,000\nGood morning\n",
    "fre": "1\n00:00:00,200 --> 00:00:01,000\nBonjour à tous\n",
    "ara": "1\n00:00:00,200 --> 00:00:01,000\nصباح الخير\n",  # noqa: RUF001 - Arabic on purpose
}


def _video(graph: str, path: Path, *options: object, seconds: float = 1.5) -> None:
    ffmpeg("-f", "lavfi", "-i", graph, *_TONE, "-t", seconds, *_X264, "-c:a", "aac", *options, path)


def plain(path: Path) -> None:
    _video(_LANDSCAPE, path, seconds=3)


def rotated(degrees: int) -> Callable[[Path], None]:
    """Landscape pixels with a display matrix, as phones write it."""

    def build(path: Path) -> None:
        flat = path.with_suffix(".flat.mp4")
        _video(_LANDSCAPE, flat)
        ffmpeg("-i", flat, "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", path)
        flat.unlink()

    return build


def anamorphic(path: Path) -> None:
    """352x288 with 64:45 pixels: to be shown as 500x288."""
    _video("testsrc2=size=352x288:rate=25,setsar=64/45", path)


def interlaced(path: Path) -> None:
    """Top field first, 25 frames a second out of 50 pictures."""
    graph = "testsrc2=size=640x360:rate=50,interlace=scan=tff:lowpass=0"
    codec = ["-c:v", "mpeg2video", "-q:v", 3, "-flags", "+ildct+ilme", "-top", 1]
    _video(graph, path, *codec)


def hdr10(path: Path) -> None:
    """PQ, BT.2020, 10 bit: grey steps and colours up to about 1000 cd/m2."""
    # Eight bits before the table: its constants are codes of eight bits, and the source would give it ten.
    dimmed = "lutyuv=y=val*0.75:u=(val-128)*0.5+128:v=(val-128)*0.5+128"
    graph = f"testsrc2=size=320x180:rate=25,format=yuv420p,{dimmed},format=yuv420p10le"
    colour = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none"
    tags = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"]
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", colour, *tags]
    _video(graph, path, *codec, "-tag:v", "hvc1")


def variable_rate(path: Path) -> None:
    """30 frames a second with gaps of 33, 67 and 233 ms; picture and sound start together at FLASH_SECONDS."""
    kept = "not(mod(n\\,5))+lt(mod(n\\,23)\\,9)"
    flash = f"color=black:size=320x180:rate=30,drawbox=0:0:320:180:white:fill:enable='gte(t\\,{FLASH_SECONDS})'"
    tone = f"sine=frequency=880:sample_rate=48000,volume='gte(t\\,{FLASH_SECONDS})':eval=frame"
    graph = f"{flash},select='{kept}'"
    codec = [*_X264, "-vsync", "vfr", "-c:a", "aac", "-t", 3]
    ffmpeg("-f", "lavfi", "-i", graph, "-f", "lavfi", "-i", tone, *codec, path)


def late_audio(path: Path) -> None:
    """The sound begins a second after the picture."""
    flat = path.with_suffix(".flat.mp4")
    _video(_LANDSCAPE, flat, seconds=2)
    ffmpeg("-i", flat, "-itsoffset", 1, "-i", flat, "-map", "0:v", "-map", "1:a", "-c", "copy", "-t", 3, path)
    flat.unlink()


def odd_444(path: Path) -> None:
    _video("testsrc2=size=319x241:rate=30000/1001,format=yuv444p", path, "-pix_fmt", "yuv444p", "-an")


def silent(path: Path) -> None:
    _video(_LANDSCAPE, path, "-an")


def sound_only(path: Path) -> None:
    ffmpeg(*_TONE, "-t", 2, "-c:a", "aac", path)


def surround(path: Path) -> None:
    """Eight channels, to be folded to two."""
    graph = "sine=frequency=330:sample_rate=48000,aformat=channel_layouts=mono,pan=7.1|" + "|".join(
        f"c{channel}=c0" for channel in range(8)
    )
    ffmpeg("-f", "lavfi", "-i", _LANDSCAPE, "-f", "lavfi", "-i", graph, "-t", 1.5, *_X264, "-c:a", "aac", path)


def many_tracks(path: Path) -> None:
    """Three sounds and three subtitles with languages, names and flags, and chapters."""
    texts = []
    for language, text in SUBTITLES.items():
        file = path.with_name(f"{language}.srt")
        file.write_text(text, encoding="utf-8")
        texts += ["-i", file]
    maps = [part for track in ("0:v", "1:a", "2:a", "3:a", "4", "5", "6") for part in ("-map", track)]
    names = ["-metadata:s:a:0", "language=eng", "-metadata:s:a:0", "title=Stereo", "-metadata:s:a:1", "language=eng"]
    names += ["-metadata:s:a:1", "title=Commentary", "-metadata:s:a:2", "language=ger"]
    names += [part for n, tag in enumerate(SUBTITLES) for part in (f"-metadata:s:s:{n}", f"language={tag}")]
    flags = ["-disposition:a:0", "0", "-disposition:a:1", "0", "-disposition:a:2", "default"]
    flags += ["-disposition:s:0", "default", "-disposition:s:1", "0", "-disposition:s:2", "forced"]
    sounds = [*_TONE, *_TONE, "-f", "lavfi", "-i", "sine=frequency=220:sample_rate=22050"]
    codec = [*_X264, "-c:a", "aac", "-c:s", "srt", "-t", 2]
    ffmpeg("-f", "lavfi", "-i", _LANDSCAPE, *sounds, *texts, *maps, *codec, *names, *flags, path)


def with_data_tracks(path: Path) -> None:
    """A timecode track and a chapter text track beside picture and sound."""
    chapters = path.with_suffix(".txt")
    chapters.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=700\ntitle=One\n", encoding="ascii")
    sources = ["-f", "lavfi", "-i", _LANDSCAPE, *_TONE, "-i", chapters]
    codec = [*_X264, "-c:a", "aac", "-timecode", "01:00:00:00", "-t", 1.5]
    ffmpeg(*sources, "-map", "0:v", "-map", "1:a", "-map_chapters", 2, *codec, path)


def fast(path: Path) -> None:
    """120 frames a second, to be halved."""
    _video("testsrc2=size=160x90:rate=120", path, "-an")


def tiny(path: Path) -> None:
    _video("color=red:size=2x2:rate=25", path, "-an")


def single_frame(path: Path) -> None:
    _video(_LANDSCAPE, path, "-an", "-frames:v", 1)


#: File name → how to make it. Suffixes are wrong on purpose where the content must decide.
GENERATED: dict[str, Callable[[Path], None]] = {
    "plain.mp4": plain,
    "rotated90.mov": rotated(90),
    "rotated180.mov": rotated(180),
    "rotated270.mov": rotated(270),
    "anamorphic.mp4": anamorphic,
    "interlaced.ts": interlaced,
    "hdr10.mp4": hdr10,
    "variable_rate.mp4": variable_rate,
    "late_audio.mkv": late_audio,
    "odd_444.mp4": odd_444,
    "silent.mp4": silent,
    "sound_only.m4a": sound_only,
    "surround.mp4": surround,
    "many_tracks.mkv": many_tracks,
    "data_tracks.mov": with_data_tracks,
    "fast.mp4": fast,
    "tiny.mp4": tiny,
    "single_frame.mp4": single_frame,
}
