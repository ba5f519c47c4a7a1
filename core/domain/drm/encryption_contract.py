"""The encryption contract of SPEKE v2: which key is for which tracks (ContentKeyUsageRuleList).

https://docs.aws.amazon.com/speke/latest/documentation/encryption-contract-v2.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from core.domain.drm.speke import SpekeRefused, UsageRule
from core.domain.media.plan import KeyLabel

MALFORMED = "Malformed encryption contract"
MISSING = "Missing CPIX encryption contract"
UNSUPPORTED = "Requested CPIX encryption contract not supported"

_ALL = "ALL"
_COMPONENT = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_LONGEST = 64

_VIDEO = frozenset({KeyLabel.SD, KeyLabel.HD, KeyLabel.UHD})
_AUDIO = frozenset({KeyLabel.AUDIO})

#: Track types that presets of packagers use, with the labels of ours that they may mean.
_LABELS: dict[str, frozenset[KeyLabel]] = {
    "ALL": _VIDEO | _AUDIO,
    "VIDEO": _VIDEO,
    "SD": frozenset({KeyLabel.SD}),
    "HD": frozenset({KeyLabel.HD}),
    "HD1": frozenset({KeyLabel.HD}),
    "HD2": frozenset({KeyLabel.HD}),
    "UHD": frozenset({KeyLabel.UHD}),
    "UHD1": frozenset({KeyLabel.UHD}),
    "UHD2": frozenset({KeyLabel.UHD}),
    "AUDIO": _AUDIO,
    "STEREO_AUDIO": _AUDIO,
    "MULTICHANNEL_AUDIO": _AUDIO,
    "MULTICHANNEL_AUDIO_3_6": _AUDIO,
    "MULTICHANNEL_AUDIO_7": _AUDIO,
}


def check_contract(kids: Collection[str], rules: Collection[UsageRule], periods: Mapping[str, int]) -> None:
    """Raises SpekeRefused. Other track types than those of presets are free, as the specification says."""
    if not any(rule.video_filters + rule.audio_filters for rule in rules):
        raise SpekeRefused(MISSING)
    if {rule.kid for rule in rules} != set(kids) or len(rules) != len(kids):
        raise SpekeRefused(MALFORMED)
    for rule in rules:
        _check_rule(rule, periods)
    places = [(rule.track_type, period) for rule in rules for period in rule.periods or ("",)]
    rules_in = Counter(period for _, period in places)
    if len(set(places)) != len(places) or any(kind == _ALL and rules_in[period] > 1 for kind, period in places):
        raise SpekeRefused(MALFORMED)


def label_of(rule: UsageRule, available: Collection[KeyLabel]) -> KeyLabel:
    """The one key of a video of ours that the rule can mean. Raises SpekeRefused when it is none, or not one."""
    meant = [_LABELS.get(component, frozenset()) for component in rule.track_type.split("+")]
    found = frozenset().union(*meant) & set(available)
    if not all(meant) or len(found) != 1:
        raise SpekeRefused(UNSUPPORTED)
    return next(iter(found))


def _check_rule(rule: UsageRule, periods: Mapping[str, int]) -> None:
    components = rule.track_type.split("+")
    fit = len(rule.track_type) <= _LONGEST and all(_COMPONENT.fullmatch(each) for each in components)
    if not fit or not set(rule.periods) <= set(periods):
        raise SpekeRefused(MALFORMED)
    if _ALL in components:
        if (components, rule.video_filters, rule.audio_filters, rule.plain) != ([_ALL], 1, 1, True):
            raise SpekeRefused(MALFORMED)
        return
    if rule.video_filters + rule.audio_filters != len(components):
        raise SpekeRefused(MALFORMED)
    if rule.video_filters and rule.audio_filters:
        # One key for sound and for one picture size: devices that may not have the picture would have no sound.
        raise SpekeRefused(UNSUPPORTED)
    expected = _VIDEO if rule.video_filters else _AUDIO
    if any(not known <= expected for known in map(_LABELS.get, components) if known is not None):
        raise SpekeRefused(MALFORMED)
