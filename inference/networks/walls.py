"""Ways out of a process, tried one after the other.

A program too, for the comparison: it prints as JSON what it found open. One of the ways is a fork past Python, after
which a process of several threads may stand still for ever; this one has a single thread.
"""

import ctypes
import errno
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from inference.networks.errors import EscapeError

# Documentation addresses (RFC 5737): nobody answers there, whatever is let through.
_NOWHERE: Final = ("192.0.2.1", 9)


def attempts() -> dict[str, str]:
    """Try to leave this process, and say for each way whether it was ``"open"`` or what stopped it.

    Also run where nothing is forbidden: the same attempts must succeed there, else they prove nothing.
    """
    tries: dict[str, Callable[[], object]] = {
        "socket by Python": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
        "socket by the C library": _c_socket,
        "packet to an address": _send_nowhere,
        "file of this machine": lambda: Path("/etc/hostname").read_bytes(),
        "new process": _fork,
    }
    return {name: _attempt(run) for name, run in tries.items()}


def _attempt(run: Callable[[], object]) -> str:
    try:
        run()
    except EscapeError:
        return "stopped by the guard"
    except OSError as error:
        return f"stopped by the kernel ({errno.errorcode.get(error.errno or 0, '?')})"
    return "open"


def _c_socket() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "socket")
    os.close(descriptor)


def _send_nowhere() -> None:
    """Ask the kernel for a way to an address outside; nothing is sent by that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_NOWHERE)


def _fork() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    child = libc.fork()
    if child < 0:
        raise OSError(ctypes.get_errno(), "fork")
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def main() -> None:
    """Print what this process finds open."""
    sys.stdout.write(json.dumps(attempts()))


if __name__ == "__main__":
    main()
