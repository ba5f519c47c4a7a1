"""Hostile files as bytes: each wants a canary file read or a loopback listener called (reliability-security, 4.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Bait:
    """What the attacks are after: a readable media file, the file beside it, and a port where somebody listens."""

    canary: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def attacks(bait: Bait) -> dict[str, bytes]:
    """File name → content. Names lie on purpose."""
    canary, port, url = bait.canary, bait.port, bait.url
    relative = "../" * 12 + str(canary).lstrip("/")
    return {
        "hls_file.mp4": _hls(f"file://{canary}"),
        "hls_path.m3u8": _hls(str(canary)),
        "hls_relative.ts": _hls(relative),
        "hls_http.mp4": _hls(f"{url}/segment.ts"),
        "hls_http.m3u8": _hls(f"{url}/segment.ts"),
        "hls_concat.mp4": _hls(f"concat:{url}/a.m3u8|file://{canary}"),
        "hls_subfile.mp4": _hls(f"subfile,,start,0,end,64,,:{canary}"),
        "hls_key.mp4": _hls(f"file://{canary}", f'#EXT-X-KEY:METHOD=AES-128,URI="{url}/key",IV=0x{"0" * 32}'),
        "hls_map.mp4": _hls(f"file://{canary}", f'#EXT-X-MAP:URI="{url}/init.mp4"'),
        "hls_after_bom.mp4": b"\xef\xbb\xbf" + _hls(f"file://{canary}"),
        "hls_master.mp4": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}/a.m3u8\n".encode(),
        "dash.mp4": _dash(canary, url),
        "dash_entity.mp4": _dash_entity(canary),
        "ffconcat_file.mp4": f"ffconcat version 1.0\nfile '{canary}'\n".encode(),
        "ffconcat_sibling.mp4": f"ffconcat version 1.0\nfile {canary.name}\n".encode(),
        "ffconcat_http.mp4": f"ffconcat version 1.0\nfile '{url}/a.mp4'\n".encode(),
        "sdp.mp4": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n".encode(),
        "rtsp.mp4": f"RTSPtextRTSP://127.0.0.1:{port}/stream\n".encode(),
        "asx.wmv": f'<asx version="3.0"><entry><ref href="{url}/a.wmv"/></entry></asx>'.encode(),
        "pls.mp3": f"[playlist]\nFile1={url}/a.mp3\n".encode(),
        "svg.mp4": _svg(canary, url),
        "subtitles.mp4": f"[Script Info]\nTitle: {canary}\n[Events]\n".encode(),
        "pattern.mp4": f"{canary.parent}/%03d.png".encode(),
        "avi_gab2.avi": gab2_avi(_hls(f"file://{canary}")),
        "avi_gab2_http.avi": gab2_avi(_hls(f"{url}/segment.ts")),
        "mov_external.mov": external_reference(canary),
        "mov_remote.mov": external_reference(Path(f"{url}/a.mov")),
    }


def _hls(segment: str, extra: str = "") -> bytes:
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:10", extra, "#EXTINF:10.0,", segment]
    return "\n".join([*filter(None, lines), "#EXT-X-ENDLIST", ""]).encode()


def _dash(canary: Path, url: str) -> bytes:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT9S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
        '<Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1" bandwidth="1" width="16" height="16"><BaseURL>file://{canary}</BaseURL><SegmentList '
        f'duration="9"><Initialization sourceURL="{url}/i.mp4"/><SegmentURL media="file://{canary}"/></SegmentList>'
        "</Representation></AdaptationSet></Period></MPD>"
    ).encode()


def _dash_entity(canary: Path) -> bytes:
    return (
        f'<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY x SYSTEM "file://{canary}">]>'
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>&x;</Period></MPD>'
    ).encode()


def _svg(canary: Path, url: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">'
        f'<image xlink:href="file://{canary}" width="9" height="9"/><image xlink:href="{url}/a.png"/></svg>'
    ).encode()


def gab2_avi(playlist: bytes) -> bytes:
    """An AVI with one text track whose GAB2 chunk is a playlist (the attack of 2017, neex/ffmpeg-avi-m3u-xbin)."""
    text = playlist + b"\0"
    gab2 = b"GAB2\0" + struct.pack("<HIHHI", 2, 0, 4, 0, len(text))[:-4] + struct.pack("<I", len(text)) + text
    header = struct.pack("<14I", 40_000, 0, 0, 0x10, 1, 0, 1, 0, 16, 16, 0, 0, 0, 0)
    stream = b"txts" + bytes(16) + struct.pack("<9I", 1, 25, 0, 1, len(gab2), 0, 0, 0, 0)
    hdrl = _list(b"hdrl", _riff(b"avih", header) + _list(b"strl", _riff(b"strh", stream) + _riff(b"strf", b"")))
    return _riff(b"RIFF", b"AVI " + hdrl + _list(b"movi", _riff(b"00tx", gab2)))


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(name: bytes, data: bytes) -> bytes:
    return _riff(b"LIST", name + data)


def external_reference(target: Path) -> bytes:
    """A QuickTime reference movie: `rmra` points elsewhere, and there is no media inside (QTFF, 2012, p. 71)."""
    reference = b"\0\0\0\0url " + struct.pack(">I", len(str(target)) + 1) + str(target).encode() + b"\0"
    rmra = _box(b"rmra", _box(b"rmda", _box(b"rdrf", reference)))
    return _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", rmra) + _box(b"mdat", bytes(64))


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def broken_files(good: bytes) -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """File name → content and the codes that may follow; `good` is a whole MP4 with its index first."""
    noise = bytes((n * 7919 >> 3) & 0xFF for n in range(65_536))
    return {
        "empty.mp4": (b"", ("EMPTY",)),
        "one_byte.mp4": (b"\0", ("UNREADABLE",)),
        "noise.mp4": (noise, ("NOT_A_VIDEO",)),
        "picture.mp4": (b"\x89PNG\r\n\x1a\n" + noise[:4096], ("NOT_A_VIDEO",)),
        "page.mp4": (b"<!DOCTYPE html><html>502</html>", ("NOT_A_VIDEO",)),
        "archive.mp4": (b"PK\x03\x04" + noise[:4096], ("NOT_A_VIDEO",)),
        "program.mp4": (b"\x7fELF" + noise[:4096], ("NOT_A_VIDEO",)),
        "header_only.mp4": (good[:32], ("UNREADABLE",)),
        "cut_in_index.mp4": (good[:1000], ("UNREADABLE",)),
        "cut_in_media.mp4": (good[: len(good) * 6 // 10], ("TRUNCATED",)),
        "noise_after_header.mp4": (good[:32] + noise, ("UNREADABLE",)),
    }
