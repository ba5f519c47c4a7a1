from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.encryption_contract import MALFORMED, MISSING, UNSUPPORTED, check_contract, label_of
from core.domain.drm.speke import SpekeRefused, UsageRule
from core.domain.media.plan import KeyLabel

ALL = UsageRule("a", "ALL", 1, 1, plain=True)
VIDEO = UsageRule("b", "VIDEO", 1, 0, plain=True)
AUDIO = UsageRule("c", "AUDIO", 0, 1, plain=True)


def refusal(rules, periods=None, kids=None) -> str | None:
    try:
        check_contract(kids or [rule.kid for rule in rules], rules, periods or {})
    except SpekeRefused as refused:
        return refused.detail
    return None


@pytest.mark.parametrize(
    "rules",
    [
        [ALL],
        [VIDEO, AUDIO],
        [AUDIO],
        [UsageRule("a", "HDR+HFR+UHD", 3, 0, plain=False)],
        [UsageRule("a", "FRENCH_AUDIO", 0, 1, plain=True)],
    ],
)
def test_contracts_of_the_specification_are_accepted(rules):
    assert refusal(rules) is None


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([], MISSING),
        ([UsageRule("a", "VIDEO", 0, 0, plain=True)], MISSING),
        ([VIDEO, UsageRule("c", "AUDIO", 0, 0, plain=True)], MALFORMED),
        ([ALL, AUDIO], MALFORMED),
        ([UsageRule("a", "ALL", 1, 1, plain=False)], MALFORMED),
        ([UsageRule("a", "ALL", 2, 0, plain=True)], MALFORMED),
        ([UsageRule("a", "ALL+SD", 1, 1, plain=True)], MALFORMED),
        ([VIDEO, UsageRule("c", "VIDEO", 1, 0, plain=True)], MALFORMED),
        ([UsageRule("a", "SD+HD", 1, 0, plain=False)], MALFORMED),
        ([UsageRule("a", "SD", 0, 1, plain=True)], MALFORMED),
        ([UsageRule("a", "STEREO_AUDIO", 1, 0, plain=True)], MALFORMED),
        ([UsageRule("a", "S D", 1, 0, plain=True)], MALFORMED),
        ([UsageRule("a", "AUDIO+UHD", 1, 1, plain=True)], UNSUPPORTED),
        ([UsageRule("a", "VIDEO", 1, 0, plain=True, periods=("p",))], MALFORMED),
    ],
)
def test_other_contracts_are_refused_in_the_specifications_words(rules, message):
    assert refusal(rules) == message


def test_each_key_has_exactly_one_rule():
    assert refusal([VIDEO, AUDIO], kids=["b"]) == MALFORMED
    assert refusal([VIDEO], kids=["b", "c"]) == MALFORMED
    assert refusal([VIDEO, UsageRule("b", "AUDIO", 0, 1, plain=True)], kids=["b"]) == MALFORMED


def test_track_types_are_unique_in_a_crypto_period_only():
    rules = [UsageRule(kid, "ALL", 1, 1, plain=True, periods=(period,)) for kid, period in (("a", "p"), ("b", "q"))]
    assert refusal(rules, {"p": 0, "q": 1}) is None
    same = [UsageRule(kid, "ALL", 1, 1, plain=True, periods=("p",)) for kid in ("a", "b")]
    assert refusal(same, {"p": 0}) == MALFORMED


@pytest.mark.parametrize(
    ("track_type", "available", "label"),
    [
        ("SD", set(KeyLabel), KeyLabel.SD),
        ("HD2", set(KeyLabel), KeyLabel.HD),
        ("UHD1", set(KeyLabel), KeyLabel.UHD),
        ("MULTICHANNEL_AUDIO_3_6", set(KeyLabel), KeyLabel.AUDIO),
        ("VIDEO", {KeyLabel.AUDIO, KeyLabel.HD}, KeyLabel.HD),
        ("SD+HD1", {KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.UHD}, KeyLabel.SD),
        ("ALL", {KeyLabel.AUDIO}, KeyLabel.AUDIO),
        ("VIDEO", set(KeyLabel), None),
        ("SD+HD1", set(KeyLabel), None),
        ("ALL", set(KeyLabel), None),
        ("UHD", {KeyLabel.AUDIO, KeyLabel.SD}, None),
        ("SD+HDR", set(KeyLabel), None),
        ("FRENCH_AUDIO", set(KeyLabel), None),
    ],
)
def test_a_rule_means_one_key_of_a_video_or_none(track_type, available, label):
    rule = UsageRule("a", track_type, 1, 0, plain=True)
    if label is not None:
        assert label_of(rule, available) is label
        return
    with pytest.raises(SpekeRefused, match=UNSUPPORTED):
        label_of(rule, available)


@given(st.text(max_size=80), st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_whatever_a_rule_says_it_is_accepted_or_refused(track_type, video, audio, plain):
    assert refusal([UsageRule("a", track_type, video, audio, plain=plain)]) in {None, MALFORMED, MISSING, UNSUPPORTED}
