from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.pssh import MalformedPssh, Pssh, pssh_box, read_pssh
from core.domain.drm.systems import DrmSystem

KIDS = (uuid.UUID(int=1).hex, "ab" * 16)


def test_a_version_0_box_is_laid_out_as_the_standard_says():
    box = pssh_box(DrmSystem.WIDEVINE, b"data")
    expected = "00000024 70737368 00000000 edef8ba979d64acea3c827dcd51d21ed 00000004 64617461"
    assert box == bytes.fromhex(expected)
    assert read_pssh(box) == Pssh(DrmSystem.WIDEVINE, b"data")


def test_a_version_1_box_lists_its_kids():
    box = pssh_box(DrmSystem.COMMON, kids=KIDS)
    assert box[8:12] == b"\1\0\0\0"
    assert read_pssh(box) == Pssh(DrmSystem.COMMON, b"", KIDS, 1)


def test_a_kid_of_another_length_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        pssh_box(DrmSystem.COMMON, kids=["ab" * 15])


@pytest.mark.parametrize(
    "change",
    [
        lambda box: box[:-1],
        lambda box: box + b"\0",
        lambda box: box[:20],
        lambda box: b"",
        lambda box: box[:4] + b"free" + box[8:],
        lambda box: box[:8] + b"\2" + box[9:],
        lambda box: box[:28] + b"\xff\xff\xff\xff" + box[32:],
    ],
)
@pytest.mark.parametrize("kids", [(), KIDS])
def test_what_is_not_one_whole_box_is_refused(change, kids):
    with pytest.raises(MalformedPssh):
        read_pssh(change(pssh_box(DrmSystem.COMMON, b"data", kids)))


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_being_refused(data):
    try:
        read_pssh(data)
    except MalformedPssh:
        return
    assert data[4:8] == b"pssh"
