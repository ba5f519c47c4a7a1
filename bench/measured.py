"""`python -m bench.measured ARGV...`: run one command, wait for all it leaves behind, print what it cost as JSON.

A process of its own, so that nothing else is in its accounts.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.accounting import become_subreaper


class CommandFailed(Exception):
    """A measured command did not end with 0."""


@dataclass(frozen=True)
class Cost:
    """User and system seconds of the whole tree, wall seconds, and the largest process in bytes."""

    cpu: float
    wall: float
    peak_bytes: int

    def __add__(self, other: Cost) -> Cost:
        """One after the other."""
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak_bytes, other.peak_bytes))


async def measure(argv: Sequence[str], cwd: Path) -> Cost:
    """Run `argv` in `cwd` under a measuring process. Raises CommandFailed with the end of what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.measured", str(cwd), *argv),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    output, errors = await process.communicate()
    if process.returncode:
        raise CommandFailed(f"{argv[0]}: {errors.decode(errors='replace')[-1500:]}")
    return Cost(**json.loads(output))


def main(cwd: str, argv: Sequence[str]) -> int:
    become_subreaper()
    begin = time.monotonic()
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    wall = time.monotonic() - begin
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps(asdict(Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024))))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
