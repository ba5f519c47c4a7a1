"""What a media tool may see: its job directory and the programs, no network, no other file (bubblewrap)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.adapters.ffmpeg.limits import Limits

#: The whole environment of a tool: nothing of ours, so no secret can leak through it.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}

_SYSTEM_FILES = ("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache")
_LINKED_ROOTS = ("/bin", "/lib", "/lib32", "/lib64", "/libx32")
_UNPRIVILEGED = "65534"
_JOB = "/job"


@dataclass(frozen=True)
class Sandbox:
    """`namespaces` is the result of the self-test; `reason` says why not, in words for the log."""

    namespaces: bool
    reason: str = ""

    def describe(self) -> str:
        """One line for the log at worker start."""
        if self.namespaces:
            return "bubblewrap namespaces: no network, no file outside the job; rlimits"
        return f"rlimits only, tools can see this host's files and network: {self.reason}"

    def wrap(self, argv: list[str], job: Path, inputs: Iterable[str], limits: Limits) -> list[str]:
        """The argv that runs `argv` in `job` under limits; SIGKILL of our process takes it along.

        The parent-death signal is bound to the thread that starts the process: start from the event loop's thread.
        """
        program = resolve(argv[0])
        prefix = ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "prlimit", *limits.prlimit(), "--"]
        if self.namespaces:
            prefix += _bubblewrap(job, inputs, program)
        return [*prefix, str(program), *argv[1:]]


def resolve(program: str) -> Path:
    """The real path of a program given by name or path. Raises FileNotFoundError."""
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(f"{program} is not installed")
    return Path(found).resolve()


def _bubblewrap(job: Path, inputs: Iterable[str], program: Path) -> list[str]:
    options = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    options += ["--uid", _UNPRIVILEGED, "--gid", _UNPRIVILEGED, "--ro-bind", "/usr", "/usr"]
    for root in map(Path, _LINKED_ROOTS):
        if root.is_symlink():
            options += ["--symlink", str(root.readlink()), str(root)]
        elif root.is_dir():
            options += ["--ro-bind", str(root), str(root)]
    for name in _SYSTEM_FILES:
        options += ["--ro-bind-try", name, name]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - inside the namespace
    if not program.is_relative_to("/usr"):
        # After the mounts above: the checkout may lie below /tmp, which would hide it.
        options += ["--ro-bind", str(program.parent), str(program.parent)]
    options += ["--bind", str(job), _JOB]
    for name in sorted(inputs):
        # The job's directory entry is a hard link to the cache: a hostile file must not rewrite it.
        options += ["--ro-bind", str(job / name), f"{_JOB}/{name}"]
    return [*options, "--chdir", _JOB, "--"]
