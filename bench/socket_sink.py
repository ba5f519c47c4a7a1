"""`python -m bench.socket_sink FILE`: the yardstick of `bench.upload`, a socket copied to disk and nothing else.

Prints its port. Each connection says in eight bytes how many follow, and is answered by one when they are on the disk.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

_BUFFER = 256 * 1024


def main(path: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                _copy(connection, path)


def _copy(connection: socket.socket, path: str) -> None:
    buffer = memoryview(bytearray(_BUFFER))
    left = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
    with Path(path).open("wb", buffering=0) as file:
        while left and (came := connection.recv_into(buffer, min(left, _BUFFER))):
            file.write(buffer[:came])
            left -= came
        # The store answers when the bytes are safe, too.
        os.fsync(file.fileno())
    connection.sendall(b"\0")


if __name__ == "__main__":
    main(sys.argv[1])
