"""How much of the page is ours: compressed, beside the streaming library, all languages counted."""

from __future__ import annotations

import gzip

import pytest

from tests.e2e.player_site import PAGE

MOST_BYTES = 60_000


@pytest.mark.usefixtures("player_page")
def test_our_own_code_is_small() -> None:
    assets = [path for path in (PAGE / "assets").iterdir() if not path.name.startswith("shaka-")]
    ours = {path.name: len(gzip.compress(path.read_bytes())) for path in [*assets, PAGE / "index.html"]}
    assert any(name.startswith("index-") and name.endswith(".js") for name in ours)
    assert len(list((PAGE / "assets").glob("shaka-*.js"))) == 1, "the library is in a file of its own"
    assert sum(ours.values()) <= MOST_BYTES, ours
