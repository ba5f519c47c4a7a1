"""A second of processor time is seen as one, also where bubblewrap leaves it behind as an orphan's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measured import CommandFailed, measure

SECONDS = 0.4
BURN = f"import time\nwhile time.process_time() < {SECONDS}: pass"
NAMESPACE = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]


async def test_time_of_a_child_counts(tmp_path: Path) -> None:
    cost = await measure([sys.executable, "-c", BURN], tmp_path)
    assert SECONDS <= cost.cpu < 10 * SECONDS
    assert cost.wall >= SECONDS
    assert cost.peak_bytes > 1_000_000


async def test_time_of_a_grandchild_nobody_waited_for_counts(tmp_path: Path) -> None:
    script = f"{sys.executable} -c '{BURN}' & exit 0"
    assert (await measure(["sh", "-c", script], tmp_path)).cpu >= SECONDS


@pytest.fixture
def namespaces() -> None:
    if subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no namespaces on this host")


@pytest.mark.usefixtures("namespaces")
async def test_time_inside_a_process_namespace_counts(tmp_path: Path) -> None:
    assert (await measure([*NAMESPACE, sys.executable, "-c", BURN], tmp_path)).cpu >= SECONDS


async def test_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no such thing"):
        await measure(["sh", "-c", "echo no such thing >&2; exit 3"], tmp_path)


def test_help_names_the_options() -> None:
    root = Path(__file__).parents[3]
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert {"--clip", "--rounds", "--json", "--keep"} <= set(done.stdout.replace(",", " ").split())
