from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.counter_ranges import CounterRanges


def ranges(*samples: tuple[int, int], width: int = 16) -> CounterRanges:
    used = CounterRanges()
    for iv, size in samples:
        used.add(iv.to_bytes(width, "big"), size)
    return used


def test_ivs_that_count_up_in_two_streams_do_not_overlap():
    assert not ranges((1, 100), (2, 100), (3, 100), (1000, 5), (1001, 5), width=8).overlap()


@pytest.mark.parametrize("again", [1, 2, 3])
def test_an_eight_byte_iv_used_twice_is_an_overlap(again):
    assert ranges((1, 16), (2, 16), (3, 16), (again, 16), width=8).overlap()


def test_a_sixteen_byte_iv_takes_one_counter_for_each_begun_block():
    assert not ranges((10, 32), (12, 16)).overlap()
    assert ranges((10, 33), (12, 16)).overlap()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 64)), max_size=12))
def test_overlap_is_what_a_set_of_all_counters_says(samples):
    counters = [c for iv, size in samples for c in range(iv, iv + max(1, -(-size // 16)))]
    assert ranges(*samples).overlap() == (len(counters) != len(set(counters)))
