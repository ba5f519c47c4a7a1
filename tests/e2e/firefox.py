"""Firefox without a driver: it opens a page, and the page itself reports what its video element says."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# A fresh profile that calls nobody, and plays muted video without a click.
_PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.autoplay.default": 0,
    "media.eme.enabled": True,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
_SPELLING = {True: "true", False: "false"}


def find_firefox() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


@asynccontextmanager
async def firefox(program: str, url: str) -> AsyncIterator[None]:
    """Headless, with a profile of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="sealcast-firefox-", ignore_cleanup_errors=True) as profile:
        lines = [f'user_pref("{name}", {_SPELLING.get(value, value)});' for name, value in _PREFERENCES.items()]
        (Path(profile) / "user.js").write_text("\n".join(lines))
        process = await asyncio.create_subprocess_exec(
            *(program, "--headless", "--no-remote", "--profile", profile, url),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield
        finally:
            # It has children, which would outlive it.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
