from __future__ import annotations

import pytest

from core.adapters.isobmff.boxes import Box, MalformedMedia
from core.adapters.isobmff.building import make_box
from core.adapters.isobmff.encryption_group import encryption_group, read_encryption_group
from core.adapters.isobmff.protection import TrackEncryption

CBCS = TrackEncryption("cbcs", True, "ab" * 16, 1, 9, 0, b"i" * 16)
CENC = TrackEncryption("cenc", True, "cd" * 16, 0, 0, 8, None)
OF_TRACK = TrackEncryption("cbcs", True, "00" * 16, 1, 9, 0, b"0" * 16)


def read(boxes: bytes, samples: int = 50, track: TrackEncryption | None = OF_TRACK) -> TrackEncryption | None:
    traf = make_box(b"traf", boxes)
    return read_encryption_group(traf, Box(b"traf", 0, 8, len(traf)), samples, track)


def test_the_packagers_group_is_ours():
    """`sbgp` and `sgpd` as Shaka Packager 3.8 writes them when it rotates keys (50 samples, cbcs)."""
    written = bytes.fromhex(
        "0000001c736267700000000073656967000000010000003200010001"
        "0000003d73677064010000007365696700000025000000010019010040"
        "90dabfded64972a349e553e9a8ed6c100753048f534c0b18dff72e4d66c95778"
    )
    kid, iv = "4090dabfded64972a349e553e9a8ed6c", bytes.fromhex("0753048f534c0b18dff72e4d66c95778")
    group = TrackEncryption("cbcs", True, kid, 1, 9, 0, iv)
    assert read(written) == group
    assert encryption_group(group, 50) == written


@pytest.mark.parametrize("encryption", [CBCS, CENC], ids=["cbcs", "cenc"])
def test_what_is_written_is_read(encryption):
    of_track = TrackEncryption(encryption.scheme, True, "00" * 16, 0, 0, 8, None)
    assert read(encryption_group(encryption, 50), track=of_track) == encryption


def test_groups_of_other_kinds_do_not_matter():
    roll = make_box(b"sbgp", bytes(4) + b"roll" + bytes(12))
    assert read(roll) is None
    assert read(roll + encryption_group(CBCS, 50)) == CBCS


GOOD = encryption_group(CBCS, 50)
SBGP, SGPD = GOOD[:28], GOOD[28:]


@pytest.mark.parametrize(
    "boxes",
    [
        SBGP,
        SGPD,
        GOOD + SBGP,
        GOOD + SGPD,
        encryption_group(CBCS, 49),
        GOOD.replace(b"\0\1\0\1", b"\0\0\0\1"),
        GOOD.replace(b"sgpd\1", b"sgpd\2"),
        GOOD.replace(b"sbgp\0", b"sbgp\1"),
        make_box(b"sgpd", SGPD[8:-1]) + SBGP,
        make_box(b"sgpd", SGPD[8:24]) + SBGP,
        make_box(b"sgpd", SGPD[8:] + b"x") + SBGP,
    ],
    ids=[
        *("only_assigned", "only_described", "assigned_twice", "described_twice", "some_samples", "of_the_file"),
        *("another_version", "a_parameter", "short", "empty", "long"),
    ],
)
def test_anything_that_players_may_read_two_ways_is_refused(boxes):
    with pytest.raises(MalformedMedia):
        read(boxes)


def test_a_clear_track_has_no_group():
    with pytest.raises(MalformedMedia):
        read(GOOD, track=None)
