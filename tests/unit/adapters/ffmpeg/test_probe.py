from __future__ import annotations

import json
from fractions import Fraction

import pytest

from core.adapters.ffmpeg.packet_scan import PacketScan, packet_scan_command
from core.adapters.ffmpeg.probe import UnreadableProbe, hit_pixel_limit, parse_probe, probe_command
from core.adapters.ffmpeg.trial_decode import decoded_frames, lacks_decoder, trial_decode_command
from core.domain.media.probed import StreamPackets

COMMANDS = [
    probe_command(("mov",), 1000),
    packet_scan_command(("mov",), 1000),
    trial_decode_command(("mov",), 1000, 0, "v", 0.0),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_guards_its_input_and_names_no_absolute_path(command: list[str]) -> None:
    source = command.index("file:source")
    guards = {"-protocol_whitelist": "file", "-format_whitelist": "mov", "-max_pixels": "1000"}
    for option, value in guards.items():
        place = command.index(option)
        assert command[place + 1] == value
        assert place < source
    assert not [argument for argument in command if argument.startswith("/")]


def test_late_track_is_tried_where_it_begins() -> None:
    command = trial_decode_command(("mov",), 1000, 3, "a", 600.0)
    assert command[command.index("-ss") + 1] == "600.000"
    assert command[command.index("-map") + 1] == "0:3"
    assert "-ss" not in trial_decode_command(("mov",), 1000, 3, "a", 1.5)


def answer(**stream: object) -> bytes:
    streams = [{"index": 0, "codec_type": "video", **stream}]
    return json.dumps({"format": {"format_name": "mov", "start_time": "1.400000"}, "streams": streams}).encode()


def test_fields_are_read_in_their_own_types() -> None:
    probed = parse_probe(
        answer(
            codec_name="h264",
            width=1280,
            height=720,
            avg_frame_rate="30000/1001",
            r_frame_rate="0/0",
            sample_aspect_ratio="64:45",
            duration="2.5",
            nb_frames="75",
            disposition={"default": 1, "attached_pic": 0},
            tags={"language": "eng", "title": "Main"},
            side_data_list=[{"side_data_type": "x"}, {"rotation": -90}],
        )
    )
    assert (probed.container, probed.start, probed.duration) == ("mov", 1.4, None)
    (stream,) = probed.streams
    assert (stream.average_rate, stream.nominal_rate) == (Fraction(30000, 1001), None)
    assert (stream.sample_aspect, stream.rotation) == ((64, 45), 90.0)
    assert (stream.declared_duration, stream.declared_packets) == (2.5, 75)
    assert (stream.language, stream.title, stream.default, stream.still) == ("eng", "Main", True, False)


def test_stream_that_ffprobe_cannot_name_has_no_codec() -> None:
    (stream,) = parse_probe(answer(codec_tag_string="vvc1")).streams
    assert (stream.codec, stream.tag) == (None, "vvc1")
    assert parse_probe(answer(codec_name="unknown")).streams[0].codec is None


@pytest.mark.parametrize("flag", ["attached_pic", "still_image", "timed_thumbnails"])
def test_pictures_that_are_no_video_are_marked(flag: str) -> None:
    assert parse_probe(answer(disposition={flag: 1})).streams[0].still


@pytest.mark.parametrize(
    "output",
    [b"", b"{", b"[]", b"{}", b'{"format": {}}', b'{"format": null}', answer(index="x"), answer(nb_frames="many")],
)
def test_answer_that_makes_no_sense_is_refused(output: bytes) -> None:
    with pytest.raises(UnreadableProbe):
        parse_probe(output)


def test_packets_are_summed_by_stream_and_discarded_ones_left_out() -> None:
    scan = PacketScan()
    for line in (
        "0,0.040000,0.000000,0.040000,K_",
        "0,0.120000,0.040000,0.040000,__",
        "0,0.080000,0.080000,0.040000,__",
        "1,-0.021333,-0.021333,0.021333,KD,",
        "",
        "1,N/A,0.000000,0.021333,K_",
        "1,N/A,N/A,N/A,K_",
        "garbage",
        "x,1,1,1,K_",
    ):
        scan.feed(line)
    assert scan.streams[0] == StreamPackets(
        3, 0.04, 0.12, pytest.approx(0.16), pytest.approx(0.12), pytest.approx(0.04)
    )
    assert scan.streams[1] == StreamPackets(2, 0.0, 0.0, 0.021333, 0.021333)


def test_a_pause_does_not_change_how_quickly_frames_follow_one_another() -> None:
    scan = PacketScan()
    for start in (0.0, 10.0, 100.0):
        for frame in range(20):
            scan.feed(f"0,N/A,{start + frame * 0.04:.6f},0.040000,__")
    assert scan.streams[0].short_gap == pytest.approx(0.04)


def test_distances_without_end_are_not_all_remembered() -> None:
    scan = PacketScan()
    for number in range(5000):
        scan.feed(f"0,N/A,{number * number / 1000:.6f},N/A,__")
    assert scan.streams[0].packets == 5000
    assert scan.streams[0].short_gap == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("restart", ["1.4", "0.0", "500.0"])
def test_clock_that_jumps_is_mended_where_containers_allow_it(restart: str) -> None:
    plain, mending = PacketScan(), PacketScan(mend_jumps=True)
    for base in (1.4, float(restart)):
        for frame in range(50):
            time = f"{base + frame * 0.04:.6f}"
            for scan in (plain, mending):
                scan.feed(f"0,{time},{time},0.040000,__")
    assert mending.jumps == 1
    assert mending.streams[0].end == pytest.approx(1.4 + 4.0)
    assert plain.jumps == 0
    assert plain.streams[0].end != pytest.approx(1.4 + 4.0)


def test_decoded_frames_are_counted_without_the_header() -> None:
    assert decoded_frames(b"#software: x\n#tb 0: 1/25\n0, 0, 0, 1, 100, 0xab\n0, 1, 1, 1, 100, 0xcd\n") == 2
    assert decoded_frames(b"#software: x\n\n") == 0


def test_messages_of_ffmpeg_are_recognised() -> None:
    assert hit_pixel_limit("[h264] Picture size 16384x8192 exceeds specified max pixel count 35389440, see")
    assert not hit_pixel_limit("[h264] error while decoding MB 4 0")
    assert lacks_decoder("Decoder (codec vvc) not found for input stream #0:0")
    assert not lacks_decoder("Error while decoding stream #0:0")
