"""The command is the same however Python is told to run it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["cli", "cli.main"])
def test_module_runs_the_command(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "worker", "nonsense"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "'nonsense' is not one of" in done.stderr
