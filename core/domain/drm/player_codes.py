"""VdoCipher's licence error codes (drm/player/license-errors) for ours: what players made for it show to viewers."""

from __future__ import annotations

PLAYER_CODES = {
    "CHALLENGE_INVALID": 2011,
    "CHALLENGE_TOO_LARGE": 2011,
    "INVALID_INPUT": 2011,
    "SYSTEM_UNSUPPORTED": 2012,
    "IP_CHANGED": 2015,
    "UNAUTHENTICATED": 2018,
    "SESSION_UNKNOWN": 2018,
    "USER_AGENT_CHANGED": 2020,
    "LICENCE_DENIED": 2021,
    "DEVICE_REFUSED": 2021,
    "LICENCE_SERVICE_FAILED": 2022,
    "SESSION_ENDED": 2023,
    "LICENCE_WINDOW_OVER": 2023,
    "LICENCE_RULES_INVALID": 2024,
    "OFFLINE_NOT_ALLOWED": 2024,
    "OFFLINE_DEVICE_UNKNOWN": 2024,
    "OFFLINE_DEVICES_FULL": 2024,
    "OFFLINE_DOWNLOADS_USED": 2024,
    "NOT_FOUND": 2026,
    "KEYS_REFUSED": 2027,
    "CALLBACK_REFUSED": 2028,
    "CALLBACK_FAILED": 2028,
}


def player_code(code: str) -> int | None:
    return PLAYER_CODES.get(code)
