"""House rules that a linter does not know."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = {".py", ".ts"}
LIMIT = 400
# Written without the hosts themselves, so that this file passes its own check.
REGISTRIES = re.compile(rb"//[a-z0-9.-]*(npm" rb"js|py" rb"pi|python" rb"hosted|crates\.io)[a-z0-9.-]*")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_code_file_has_grown_past_its_limit() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix in CODE and (lines := path.read_bytes().count(b"\n")) > LIMIT
    }
    assert not long, f"split by use case: {long}"


def test_no_file_names_a_package_registry() -> None:
    named = [str(path.relative_to(ROOT)) for path in tracked() if REGISTRIES.search(path.read_bytes())]
    assert not named


def test_locked_requirements_carry_hashes_and_no_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        pinned = re.findall(r"^[A-Za-z0-9._\[\]-]+==", text, re.MULTILINE)
        assert pinned
        assert "--index-url" not in text
        assert "--find-links" not in text
        for block in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
            assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("name", ["LICENSE", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_repository_carries_what_newcomers_look_for(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200


def test_committed_clips_stay_small() -> None:
    clips = [p for p in tracked() if p.suffix in {".mp4", ".mkv", ".webm", ".mov", ".ts", ".m4a"}]
    assert sum(path.stat().st_size for path in clips) <= 8 * 1024 * 1024
