"""The last of three walls around a network: a hook that names every attempt to leave the process.

The kernel's walls (a network namespace of its own, a filter of system calls: `common.isolation`) hold without it and
against machine code; this one makes an attempt of Python code a named error instead of a silent failure, and is the
only one left where the kernel grants none. It cannot be taken off again.
"""

import sys
from typing import Any, Final

from inference.networks.errors import EscapeError

_FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.spawn", "pty.")
_state = {"is_installed": False}


def install() -> None:
    """Refuse sockets and programs in this process from now on; a second call changes nothing."""
    if not _state["is_installed"]:
        sys.addaudithook(_refuse)
        _state["is_installed"] = True


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise EscapeError(f"{event} was called")
