from __future__ import annotations

import pytest

from core.adapters.isobmff.avc import slices, starts_anew
from core.adapters.isobmff.boxes import MalformedMedia


def unit(kind: int, size: int = 10) -> bytes:
    return size.to_bytes(4, "big") + bytes([0x60 | kind]) + bytes(size - 1)


def test_only_units_with_picture_data_areslices():
    sample = unit(9) + unit(6) + unit(5, 20) + unit(7) + unit(1)
    assert list(slices(sample, 4)) == [(32, 52), (70, 80)]


@pytest.mark.parametrize(("kinds", "anew"), [((6, 5, 5), True), ((1,), False), ((5, 1), False)])
def test_decoding_begins_where_every_slice_is_idr(kinds, anew):
    assert starts_anew(b"".join(map(unit, kinds)), 4) is anew


@pytest.mark.parametrize("sample", [unit(5)[:-1], b"\0\0\0\0", b"\0\0"])
def test_units_that_do_not_fill_the_sample_are_refused(sample):
    with pytest.raises(MalformedMedia):
        list(slices(sample, 4))
