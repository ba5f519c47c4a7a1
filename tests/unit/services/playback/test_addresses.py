from __future__ import annotations

from core.domain.playback.path_signature import MediaGrant
from core.services.playback.addresses import addresses
from core.services.playback.signing_keys import SigningKeys


def test_addresses_are_rights_and_are_not_shown() -> None:
    grant = MediaGrant("1" * 32, "2" * 32, 1, "3" * 32, 2_000_000_000)
    made = addresses("https://api.test", SigningKeys.derive(b"x" * 32), grant, dash=True, pictures=True)
    assert made.licence_token in made.hls
    assert made.licence_token not in repr(made)
    assert "media" not in repr(made)
