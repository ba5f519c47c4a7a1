"""Cutting a file into parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.upload_parts import MEBIBYTE, MOST_PARTS, SMALLEST_PART, plan_parts


@given(st.integers(0, 10 * 1024**4))
def test_parts_cover_the_file_and_stay_within_what_s3_allows(size: int) -> None:
    parts = plan_parts(size)
    assert 1 <= parts.count <= MOST_PARTS
    assert parts.part_size >= SMALLEST_PART
    assert parts.part_size % MEBIBYTE == 0
    assert (parts.count - 1) * parts.part_size + parts.size_of(parts.count) == size
    assert parts.count == 1 or 0 < parts.size_of(parts.count) <= parts.part_size


@pytest.mark.parametrize(
    ("size", "count", "last"),
    [(0, 1, 0), (1, 1, 1), (SMALLEST_PART, 1, SMALLEST_PART), (SMALLEST_PART + 1, 2, 1)],
)
def test_borders(size: int, count: int, last: int) -> None:
    parts = plan_parts(size)
    assert (parts.count, parts.size_of(parts.count)) == (count, last)


@pytest.mark.parametrize(
    ("size", "count", "part_size"),
    [
        (50 * 1000**3, 5961, 8 * MEBIBYTE),
        (50 * 1024**3, 6400, 8 * MEBIBYTE),
        (100 * 1024**3, 9310, 11 * MEBIBYTE),
    ],
    ids=["50 GB", "50 GiB", "100 GiB"],
)
def test_the_largest_files_keep_to_small_parts(size: int, count: int, part_size: int) -> None:
    parts = plan_parts(size)
    assert (parts.count, parts.part_size) == (count, part_size)
    assert parts.count <= MOST_PARTS
