from __future__ import annotations

import pytest

from core.domain.drm.rotation_limits import LONGEST_PERIOD, SHORTEST_PERIOD, refuse_unfit_period
from core.domain.errors import InvalidInput
from core.domain.media.crypto_periods import CryptoPeriods
from core.domain.media.plan import ProtectionScheme


@pytest.mark.parametrize(
    ("duration", "seconds", "count"),
    [(0.0, 60, 1), (59.9, 60, 1), (60.0, 60, 1), (60.04, 60, 2), (12 * 3600.0, 60, 720), (12 * 3600.0, None, 1)],
)
def test_a_title_has_a_period_for_each_part_of_it(duration, seconds, count):
    assert CryptoPeriods.of(duration, seconds).count == count


def test_a_segment_belongs_to_the_period_in_which_it_begins():
    periods = CryptoPeriods(60, 3)
    assert [periods.at(ticks, 1000) for ticks in (0, 59_999, 60_000, 119_999, 120_000)] == [0, 0, 1, 1, 2]


def test_what_lies_before_and_behind_the_title_belongs_to_its_ends():
    periods = CryptoPeriods(60, 2)
    assert (periods.at(-21, 1000), periods.at(120_000, 1000), periods.at(10**9, 1000)) == (0, 1, 1)


def test_without_periods_everything_is_in_the_first():
    assert CryptoPeriods().at(10**12, 1) == 0


@pytest.mark.parametrize("seconds", [None, SHORTEST_PERIOD, LONGEST_PERIOD])
def test_sane_periods_may_be_asked_for(seconds):
    refuse_unfit_period(seconds, ProtectionScheme.CENC)


@pytest.mark.parametrize("seconds", [-60, 0, SHORTEST_PERIOD - 1, LONGEST_PERIOD + 1])
def test_others_are_refused(seconds):
    with pytest.raises(InvalidInput) as caught:
        refuse_unfit_period(seconds, ProtectionScheme.CBCS)
    assert caught.value.code == "CRYPTO_PERIOD_UNFIT"
    assert set(caught.value.fields) == {"crypto_period_seconds"}


def test_aes128_and_keys_of_a_service_have_no_periods():
    with pytest.raises(InvalidInput) as caught:
        refuse_unfit_period(60, ProtectionScheme.AES128)
    assert caught.value.code == "CRYPTO_PERIOD_NEEDS_CENC"
    with pytest.raises(InvalidInput) as caught:
        refuse_unfit_period(60, ProtectionScheme.CBCS, own_keys=False)
    assert caught.value.code == "CRYPTO_PERIOD_NEEDS_OWN_KEYS"
    refuse_unfit_period(None, ProtectionScheme.AES128, own_keys=False)
