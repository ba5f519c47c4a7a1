"""Proof of playback: that what was published really plays, protected, for a viewer with a licence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cli.proof.browser import find_chromium, prove_in_browser
from cli.proof.result import PlaybackProof
from cli.proof.scripted import prove_by_script

__all__ = ["PlaybackProof", "prove_playback"]


def player_address(api_url: str, token: str) -> str:
    """The player page; the token is in the fragment, which browsers send to no server."""
    return f"{api_url.rstrip('/')}/player#{token}"


async def prove_playback(
    api_url: str,
    token: str,
    *,
    screenshot: Path | None = None,
    seconds: float = 3.0,
    report: Callable[[str], None] = print,
) -> PlaybackProof:
    """Play with headless Chromium where there is one, otherwise with a scripted client; `report` is told which.

    Whether playback is proven is the caller's question to the result: `proof.proves(seconds)`.
    """
    chromium = find_chromium()
    if chromium is None:
        report("Proof of playback by a scripted client (no Chromium on this machine)")
        return await prove_by_script(api_url, token, seconds)
    report(f"Proof of playback in headless Chromium ({chromium})")
    return await prove_in_browser(player_address(api_url, token), screenshot, seconds)
