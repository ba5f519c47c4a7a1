from __future__ import annotations

import uuid

import pytest

from core.domain.drm.external_key import ServedKey, kid_of_track, video_id_of

# The same in every process, because tests are named after them.
ORGANISATION, VIDEO = uuid.UUID(int=0x5EA1 << 112), uuid.UUID("a96396dc-9339-46fd-9060-2241b0daf394")


def test_a_track_has_the_same_kid_every_time_and_no_other_track_has_it():
    questions = [
        (ORGANISATION.hex, b"a", "SD", None),
        (ORGANISATION.hex, b"a", "HD", None),
        (ORGANISATION.hex, b"a", "SD", 0),
        (ORGANISATION.hex, b"a", "SD", 1),
        (ORGANISATION.hex, b"aa", "SD", None),
        (uuid.uuid4().hex, b"a", "SD", None),
    ]
    kids = [kid_of_track(*question) for question in questions]
    assert len(set(kids)) == len(kids)
    assert kids == [kid_of_track(*question) for question in questions]
    assert all(len(bytes.fromhex(kid)) == 16 for kid in kids)


@pytest.mark.parametrize("form", [VIDEO.bytes, VIDEO.hex.encode(), str(VIDEO).encode(), str(VIDEO).upper().encode()])
def test_a_video_id_is_found_in_every_spelling(form):
    assert video_id_of(form) == VIDEO.hex


@pytest.mark.parametrize("other", [b"", b"abc", b"\xff" * 32, b"g" * 32, b"{" + VIDEO.hex.encode() + b"}", b"a" * 256])
def test_other_content_ids_name_no_video(other):
    assert video_id_of(other) is None


def test_a_served_key_does_not_show_itself():
    assert "secret" not in repr(ServedKey(VIDEO.hex, b"secretsecretsecr", b"secretsecretsecr"))
