"""How well a device must guard a key, in the terms that all systems can be translated to."""

from __future__ import annotations

from enum import IntEnum


class SecurityLevel(IntEnum):
    """Widevine's five robustness levels, from software to a trusted video path; each includes those before it."""

    SW_CRYPTO = 1
    SW_DECODE = 2
    HW_CRYPTO = 3
    HW_DECODE = 4
    HW_ALL = 5


class Hdcp(IntEnum):
    """The least version of HDCP on a digital output; NONE asks for nothing."""

    NONE = 0
    V1 = 10
    V2 = 20
    V2_1 = 21
    V2_2 = 22
    V2_3 = 23
