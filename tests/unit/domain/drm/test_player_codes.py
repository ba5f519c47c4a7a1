"""Our codes beside VdoCipher's, as the guide lists them."""

from __future__ import annotations

import re
from pathlib import Path

from core.domain.drm.player_codes import PLAYER_CODES, player_code

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "licences.md"
ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| [\d, ]+ \| (\d{4}) \|", re.MULTILINE)


def test_the_guide_lists_every_code_with_its_number() -> None:
    rows = ROW.findall(GUIDE.read_text(encoding="utf-8"))
    listed = {code: int(number) for codes, number in rows for code in re.findall(r"[A-Z_]+", codes)}
    assert listed == PLAYER_CODES
    assert player_code("SOMETHING_ELSE") is None
