"""Ways to get out that an adapter may try."""

import ctypes
import os
import socket
from pathlib import Path


def by_socket() -> None:
    socket.create_connection(("192.0.2.1", 9), timeout=1).close()


def by_c_library() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0) < 0:
        raise OSError(ctypes.get_errno(), "socket")


def by_file() -> None:
    Path("/tmp/left-by-a-network").write_bytes(b"x")


def by_program() -> None:
    os.system("true")


# Which way is tried: by the first pixel of the image, since a child takes no other orders.
WAYS = (by_socket, by_c_library, by_file, by_program)
