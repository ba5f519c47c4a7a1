"""What must become of each file of the shared media set: the manifest's "expected" column as data.

Where the manifest leaves the choice ("policy"), the guide on accepted inputs says what we chose; this holds us to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.failures import FailureCode


@dataclass(frozen=True)
class Accept:
    """`warnings` are beginnings of the warnings that must be there; any others fail the test."""

    warnings: tuple[str, ...] = ()


Expectation = Accept | FailureCode

CLEAN = Accept()
DAMAGED = Accept(("DECODE_ERRORS",))

VALID: dict[str, Expectation] = {
    "animated.gif": CLEAN,
    "audio_only_ac3.ac3": CLEAN,
    "audio_only_eac3_51.mp4": CLEAN,
    "audio_only_flac_with_cover.flac": CLEAN,
    "audio_starts_1.5s_late.mp4": CLEAN,
    "av1_aac_1s.mp4": CLEAN,
    "av1_hdr10_portrait_4s.mp4": CLEAN,
    "bbb_1080p24_5.1_27s.mp4": CLEAN,
    "dolby_vision_hlg_0.1s.mov": FailureCode.TOO_SHORT,
    "flower_cc0_540p_5s.mp4": CLEAN,
    "flower_cc0_vp8.webm": CLEAN,
    "h263_amr_phone.3gp": CLEAN,
    "h264_aac.flv": CLEAN,
    "h264_with_data_streams_10s.mp4": CLEAN,
    "hevc_720p_noaudio_10s.mp4": CLEAN,
    "hevc_8k_0.3s.mp4": CLEAN,
    "hevc_fullrange_metadata_track_0.1s.mp4": FailureCode.TOO_SHORT,
    "hevc_hlg10_0.3s.mp4": CLEAN,
    "image_only.png": FailureCode.NOT_A_VIDEO,
    "image_only_exif_rotated.jpg": FailureCode.NOT_A_VIDEO,
    "image_only_poster.jpg": FailureCode.NOT_A_VIDEO,
    "interlaced_1080i25_mpeg2.ts": CLEAN,
    "iphone_rotated_minus90_0.47s.mov": CLEAN,
    "iphone_rotated_minus90_1s.mov": CLEAN,
    "long_363s_1080p30_flat.mp4": CLEAN,
    "matroska_named.mp4": CLEAN,
    "mkv_bitmap_subs_vobsub.mkv": Accept(("BITMAP_SUBTITLE_SKIPPED:stream 2",)),
    "mov_1080p50_pcm_2s.mov": CLEAN,
    "mp4_chapters_1s.mp4": CLEAN,
    "mpeg1_anamorphic.mpg": CLEAN,
    "mpeg2_1080p_ts_2.5s.ts": CLEAN,
    "mpeg4_mp3.avi": CLEAN,
    "multi_audio_subs.mkv": CLEAN,
    "odd_319x241_h264_444.mp4": CLEAN,
    "odd_427x239_vp9_opus.webm": CLEAN,
    "portrait_720x1080_1s.mp4": CLEAN,
    "rotated_180_480p_6s.mp4": CLEAN,
    "rotated_90_720p_5s.mp4": CLEAN,
    "rotated_minus90_4k60_0.3s.mp4": CLEAN,
    "single_frame.mp4": FailureCode.TOO_SHORT,
    "tiny_2x2.mp4": FailureCode.TOO_SMALL,
    "vfr_derived_5s.mp4": CLEAN,
    "vfr_hdr10_1080p_1s.mp4": CLEAN,
    "vfr_hlg10_rotated_editlist.mp4": CLEAN,
    "vp9_10bit_3s.webm": CLEAN,
    "vp9_540p60_vorbis51_1s.webm": CLEAN,
    "vp9_square_noaudio_3s.webm": CLEAN,
}

BROKEN: dict[str, Expectation] = {
    "avi_gab2_hls.avi": FailureCode.NOT_A_VIDEO,
    "bitflips_in_mdat.mp4": DAMAGED,
    "dash_mpd.mp4": FailureCode.NOT_A_VIDEO,
    "declared_1000h.mp4": FailureCode.DURATION_MISMATCH,
    "declared_65535x65535.mp4": DAMAGED,
    "dref_not_self_contained.mp4": CLEAN,
    "elf_renamed.mp4": FailureCode.NOT_A_VIDEO,
    "ffconcat_local_file.mp4": FailureCode.NOT_A_VIDEO,
    "ffconcat_sibling.mp4": FailureCode.NOT_A_VIDEO,
    "fps_1000_20s.mp4": CLEAN,
    "ftyp_then_random.mp4": FailureCode.UNREADABLE,
    "gzip_bomb_256mib.mp4": FailureCode.NOT_A_VIDEO,
    "header_only.mp4": FailureCode.UNREADABLE,
    "hls_concat_exfil.mp4": FailureCode.NOT_A_VIDEO,
    "hls_key_file.mp4": FailureCode.NOT_A_VIDEO,
    "hls_local_file.m3u8": FailureCode.NOT_A_VIDEO,
    "hls_local_file.mp4": FailureCode.NOT_A_VIDEO,
    "hls_ssrf_loopback.m3u8": FailureCode.NOT_A_VIDEO,
    "hls_ssrf_loopback.mp4": FailureCode.NOT_A_VIDEO,
    "hls_ssrf_metadata.mp4": FailureCode.NOT_A_VIDEO,
    "hls_subfile.mp4": FailureCode.NOT_A_VIDEO,
    "html_renamed.mp4": FailureCode.NOT_A_VIDEO,
    "moov_only_no_mdat.mp4": FailureCode.TRUNCATED,
    "moov_size_2gib.mp4": FailureCode.UNREADABLE,
    "one_byte.mp4": FailureCode.UNREADABLE,
    "png_bomb_60000x60000.png": FailureCode.NOT_A_VIDEO,
    "polyglot_mp4_then_zip.mp4": CLEAN,
    "random_64k.mp4": FailureCode.NOT_A_VIDEO,
    "real_chunk_out_of_range.mp4": FailureCode.UNREADABLE,
    "real_decode_bomb_16384x8192.mp4": FailureCode.TOO_MANY_PIXELS,
    "real_empty.flv": FailureCode.UNREADABLE,
    "real_invalid_userdata.mp4": FailureCode.TRUNCATED,
    "real_moov_missing_4k.mp4": FailureCode.UNREADABLE,
    "real_no_timescale.mp4": DAMAGED,
    "real_sample_empty_track.mp4": CLEAN,
    "real_sample_fragmented_widevine.mp4": FailureCode.ENCRYPTED_INPUT,
    "real_sample_mdat_too_long.mp4": CLEAN,
    "real_sample_missing_stsd.mp4": Accept(("AUDIO_TRACK_SKIPPED:stream 1",)),
    "real_sample_vvc.mp4": FailureCode.UNSUPPORTED_CODEC,
    "real_sample_with_invalid_nalu.mp4": DAMAGED,
    "real_test_case_1185230.mp4": FailureCode.TRUNCATED,
    "real_zero_empty_stsc.mp4": FailureCode.TRUNCATED,
    "sdp.mp4": FailureCode.NOT_A_VIDEO,
    "stsz_count_2e31.mp4": FailureCode.UNREADABLE,
    "svg_external_ref.svg": FailureCode.NOT_A_VIDEO,
    "text_renamed.mp4": FailureCode.NOT_A_VIDEO,
    "truncated_faststart_40pct.mp4": FailureCode.TRUNCATED,
    "truncated_no_moov.mp4": FailureCode.UNREADABLE,
    "zero_bytes.mp4": FailureCode.EMPTY,
    "zeroed_hole_in_mdat.mp4": DAMAGED,
    "zip_bomb_256mib.zip.mp4": FailureCode.NOT_A_VIDEO,
}
