"""Whatever arrives is a request or a refusal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.adapters.cpix.document import parse_document
from core.adapters.cpix.request import read_request
from core.domain.drm.speke import SpekeRefused, SpekeVersion
from core.domain.drm.systems import DrmSystem
from core.domain.media.plan import ProtectionScheme
from tests.fixtures.speke_documents import Ask, contract

ASK = Ask(contract("PRESET-VIDEO-8", "PRESET-AUDIO-2"), period=(3, {}), certificates=("AAAA",))
DOCUMENT = ASK.document()


def read(document: bytes):
    return read_request(parse_document(document), SpekeVersion.V2_0)


def test_a_request_is_read_whole():
    request = read(DOCUMENT)
    kids = [kid.replace("-", "") for kid, _, _ in ASK.contract.rules]
    assert [key.kid for key in request.keys] == kids
    assert (request.content_id, request.scheme) == ("channel-1", ProtectionScheme.CBCS)
    systems = (DrmSystem.WIDEVINE, DrmSystem.PLAYREADY, DrmSystem.FAIRPLAY)
    assert set(request.systems) == {(kid, system) for kid in kids for system in systems}
    assert request.rule_of(kids[0]).track_type == "SD+HD1"
    assert [request.crypto_period_of(kid) for kid in kids] == [3] * 6
    assert request.recipients == (b"\0\0\0",)


@given(st.integers(0, len(DOCUMENT) - 1), st.binary(max_size=6), st.integers(0, 60))
def test_a_damaged_request_is_read_or_refused(position, inserted, removed):
    damaged = DOCUMENT[:position] + inserted + DOCUMENT[position + removed :]
    try:
        read(damaged)
    except SpekeRefused:
        return


@given(st.binary(max_size=300))
def test_garbage_is_refused(data):
    try:
        read(data)
    except SpekeRefused:
        return
    raise AssertionError("no garbage is a request")
