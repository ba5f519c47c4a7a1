"""WidevinePsshData against Google's own implementation of protocol buffers."""

from __future__ import annotations

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.widevine_pssh import MalformedWidevinePssh, WidevinePsshData, read_widevine_pssh

#: Number, name, type (FieldDescriptorProto), repeated: widevine_pssh_data.proto of Shaka Packager.
FIELDS = [
    (1, "algorithm", 5, False),
    (2, "key_id", 12, True),
    (3, "provider", 9, False),
    (4, "content_id", 12, False),
    (6, "policy", 9, False),
    (7, "crypto_period_index", 13, False),
    (8, "grouped_license", 12, False),
    (9, "protection_scheme", 13, False),
]


def message_class():
    file = descriptor_pb2.FileDescriptorProto(name="widevine.proto", package="w", syntax="proto2")
    message = file.message_type.add(name="WidevinePsshData")
    for number, name, kind, repeated in FIELDS:
        message.field.add(name=name, number=number, type=kind, label=3 if repeated else 1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("w.WidevinePsshData"))


Message = message_class()


@given(
    st.lists(st.binary(min_size=16, max_size=16), max_size=4),
    st.text(max_size=20).filter(lambda text: max(text, default="") < "\ud800"),
    st.binary(max_size=300),
    st.none() | st.integers(0, 2**32 - 1),
    st.sampled_from(["", "cenc", "cbcs"]),
)
def test_both_implementations_read_what_the_other_wrote(kids, provider, content_id, period, scheme):
    ours = WidevinePsshData(tuple(kid.hex() for kid in kids), provider, content_id, period, scheme)
    theirs = Message.FromString(ours.encoded())
    assert list(theirs.key_id) == kids
    assert (theirs.provider, theirs.content_id) == (provider, content_id)
    assert (theirs.crypto_period_index if theirs.HasField("crypto_period_index") else None) == period
    assert theirs.protection_scheme == int.from_bytes(scheme.encode(), "big")
    assert read_widevine_pssh(theirs.SerializeToString()) == ours


def test_fields_that_we_do_not_know_are_left_out():
    theirs = Message(algorithm=1, key_id=[b"k" * 16], policy="p", grouped_license=b"g" * 200)
    extended = theirs.SerializeToString() + bytes([13 << 3 | 5, 1, 2, 3, 4, 14 << 3 | 1, *range(8)])
    assert read_widevine_pssh(extended) == WidevinePsshData(kids=(b"k".hex() * 16,))


@pytest.mark.parametrize("data", [b"\x12\x10short", b"\x12", b"\xff" * 11, b"\x3b", b"\x48\x80", b"\x15\0\0"])
def test_what_is_no_message_is_refused(data):
    with pytest.raises(MalformedWidevinePssh):
        read_widevine_pssh(data)
