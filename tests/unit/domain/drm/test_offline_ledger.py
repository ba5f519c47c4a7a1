"""Who may keep a copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.drm.licence_policy import LicencePolicy
from core.domain.drm.offline_ledger import Download, OfflineCopy, check_download
from core.domain.errors import Forbidden

NOW = datetime(2026, 11, 25, tzinfo=UTC)
TV = OfflineCopy("tv", 1, "hash-1", NOW + timedelta(days=1))
PHONE = replace(TV, device_id="phone")
TWO = LicencePolicy(persistent=True, offline_devices=2, offline_downloads=2)


def refused(copies: list[OfflineCopy], wanted: Download, policy: LicencePolicy = TWO) -> str | None:
    try:
        check_download(copies, wanted, policy, NOW)
    except Forbidden as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("copies", "wanted", "code"),
    [
        ([], Download("tv", "a"), None),
        ([TV], Download("tv", "a"), None),
        ([TV], Download("phone", "a"), None),
        ([TV, PHONE], Download("tablet", "a"), "OFFLINE_DEVICES_FULL"),
        ([TV, PHONE], Download("phone", "a"), None),
        ([TV, replace(PHONE, released=True)], Download("tablet", "a"), None),
        ([TV, replace(PHONE, expires_at=NOW)], Download("tablet", "a"), None),
        (
            [replace(TV, released=True), PHONE, replace(PHONE, device_id="pc")],
            Download("tv", "a"),
            "OFFLINE_DEVICES_FULL",
        ),
        ([replace(TV, downloads=2)], Download("tv", "a"), "OFFLINE_DOWNLOADS_USED"),
        ([replace(TV, downloads=2, released=True)], Download("tv", "a"), "OFFLINE_DOWNLOADS_USED"),
        ([replace(TV, downloads=2)], Download("tv", "hash-1"), None),
        ([], Download(None, "a"), "OFFLINE_DEVICE_UNKNOWN"),
    ],
)
def test_places_and_downloads_are_counted(copies: list[OfflineCopy], wanted: Download, code: str | None) -> None:
    assert refused(copies, wanted) == code


def test_without_limits_nothing_is_counted() -> None:
    assert refused([replace(TV, downloads=99), PHONE], Download(None, "a"), LicencePolicy(persistent=True)) is None
