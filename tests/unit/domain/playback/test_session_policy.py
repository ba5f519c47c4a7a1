"""The policy of a session, to the database and back."""

from __future__ import annotations

import json

import pytest

from core.domain.playback.session_policy import SessionPolicy, WhenFull


def test_a_stored_policy_reads_back_as_it_was() -> None:
    items = ({"type": "rtext", "text": "me"},)
    policy = SessionPolicy(2, WhenFull.NEWEST_WINS, 3, 800, {"can_persist": True}, items, bind_ip=True)
    assert SessionPolicy.from_json(json.loads(json.dumps(policy.as_json()))) == policy


def test_a_session_from_before_policies_has_no_limits() -> None:
    assert SessionPolicy.from_json({}) == SessionPolicy()


def test_an_unknown_rule_is_not_read_as_permission() -> None:
    with pytest.raises(ValueError, match="anybody_wins"):
        SessionPolicy.from_json({"when_full": "anybody_wins"})
