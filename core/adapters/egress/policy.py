"""What the operator lets us call, from the settings."""

from __future__ import annotations

from collections import defaultdict

from core.domain.egress.destination import EgressPolicy
from core.domain.imports import ImportPolicy
from core.settings import Settings


def egress_policy(settings: Settings) -> EgressPolicy:
    return EgressPolicy(tuple(settings.egress_allow_networks), frozenset(settings.egress_ports))


def import_policy(settings: Settings) -> ImportPolicy:
    """Our own bucket is never imported from: it holds everybody's sources."""
    buckets: defaultdict[str, set[str]] = defaultdict(set)
    for pair in settings.imports.s3_buckets if settings.imports.s3_endpoint else ():
        organisation_id, bucket = pair.split("/")
        if bucket != settings.s3_bucket:
            buckets[bucket].add(organisation_id)
    return ImportPolicy(egress_policy(settings), {name: frozenset(who) for name, who in buckets.items()})
