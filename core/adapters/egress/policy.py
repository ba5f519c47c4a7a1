"""What the operator lets us call, from the settings."""

from __future__ import annotations

from core.domain.egress.destination import EgressPolicy
from core.settings import Settings


def egress_policy(settings: Settings) -> EgressPolicy:
    return EgressPolicy(tuple(settings.egress_allow_networks), frozenset(settings.egress_ports))
