"""PostgreSQL refuses to run as root. Find a way to run it as somebody else that really works on this machine."""

from __future__ import annotations

import asyncio
import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cli.stack.errors import StackError

_PROBE = 'test "$(id -u)" -ne 0 && : > "$1/writable" && "$2" --version'


@dataclass(frozen=True)
class Identity:
    """`prefix` goes before the command line; `uid`, `gid` are who must own the files, as seen from outside."""

    description: str
    prefix: tuple[str, ...]
    uid: int
    gid: int


def candidates() -> list[Identity]:
    """In the order of preference. An ordinary user needs none of the tricks."""
    if os.geteuid() != 0:
        return [Identity("the current user", (), os.geteuid(), os.getegid())]
    nobody = pwd.getpwnam("nobody")
    drop = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    # Where `nobody` cannot pass (a checkout in /root), a user namespace: not root inside, still the owner of our files.
    namespace = ("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}", "--")
    return [
        Identity("the user nobody", (*drop, "--"), nobody.pw_uid, nobody.pw_gid),
        Identity("a user namespace", namespace, 0, 0),
    ]


async def choose_identity(parent: Path, program: Path) -> Identity:
    """The first candidate that can write below `parent` and execute `program`. Raises StackError with what to do."""
    options = candidates()
    for identity in options:
        if await _works(identity, parent, program):
            return identity
    tried = " nor as ".join(option.description for option in options)
    raise StackError(
        f"PostgreSQL can run neither as {tried}: it must be able to enter {parent} and to execute {program}, "
        "and it refuses to run as root. Put both where every user may pass (for example --data-dir /var/lib/sealcast, "
        "and the checkout in /opt), run as an ordinary user, or set DATABASE_URL to a server of yours."
    )


async def _works(identity: Identity, parent: Path, program: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="identity-", dir=parent) as directory:
        os.chown(directory, identity.uid, identity.gid)
        process = await asyncio.create_subprocess_exec(
            *identity.prefix,
            *("sh", "-c", _PROBE, "sh", directory, str(program)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
        )
        return await process.wait() == 0


def hand_over(tree: Path, identity: Identity) -> None:
    """Give a directory tree to the identity, where an earlier run used another one."""
    if tree.stat().st_uid == identity.uid or os.geteuid() != 0:
        return
    os.chown(tree, identity.uid, identity.gid)
    for path in tree.rglob("*"):
        os.chown(path, identity.uid, identity.gid, follow_symlinks=False)
