"""The codes of the access layer are those of its guides."""

from __future__ import annotations

import re
from pathlib import Path

from core.domain.access.admission import Refusal
from core.domain.playback.endings import EndReason

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
LAYER = ("services/licences", "services/playback", "services/viewers", "services/key_server", "services/keys")
RULES = ("domain/access", "domain/drm", "domain/playback", "adapters/licences", "adapters/cpix")

#: Never sent as such: SPEKE answers with a sentence, and the Widevine key server with ASSET_NOT_FOUND.
TRANSLATED = {"SPEKE_REFUSED", "VIDEO_NOT_READY"}
_CODE = re.compile(r'code(?:: str)? ?= ?"([A-Z][A-Z_]+)"')


def guide(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text("utf-8")


def test_every_code_that_can_be_answered_is_in_a_guide() -> None:
    sources = [path for folder in (*LAYER, *RULES) for path in (ROOT / "core" / folder).rglob("*.py")]
    sent = {code for path in sources for code in _CODE.findall(path.read_text("utf-8"))} - TRANSLATED
    assert len(sent) > 30
    named = set(re.findall("`([A-Z_]+)`", "".join(guide(path.stem) for path in GUIDES.glob("*.md"))))
    assert sent - named == set()


def test_refusals_of_otps_have_the_numbers_of_the_guide() -> None:
    rows = re.findall(r"^\| 403 \| `([A-Z_]+)` \| (\d{4}) \|", guide("access"), re.MULTILINE)
    assert {code: int(number) for code, number in rows} == {each.name: each.number for each in Refusal}


def test_the_guide_has_every_reason_for_which_a_session_ends() -> None:
    table = guide("sessions").partition("| `reason` | |")[2].partition("\n\n")[0]
    assert set(re.findall("`([A-Z_]+)`", table)) == {each.value for each in EndReason}
