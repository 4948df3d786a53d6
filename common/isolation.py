"""Taking rights away from the current process: network, programs, files, memory (Linux).

Nothing here can be undone by the process itself. Called in children that read hostile bytes, before they read any.
"""

import ctypes
import platform
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2

# Numbers of system calls, from the kernel's tables for each architecture; the first number is its AUDIT_ARCH.
_NUMBERS: Final = {
    "x86_64": (
        0xC000003E,
        {
            "network": (41, 42, 43, 44, 46, 49, 50, 53, 288, 307),  # socket connect accept send* bind listen ...
            "programs": (57, 58, 59, 62, 101, 322, 310, 311, 425, 435),  # fork vfork execve kill ptrace execveat ...
            "files": (2, 85, 257, 304, 437, 82, 83, 84, 86, 87, 88, 263, 264, 265, 266, 316),  # open* rename* link* ...
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "network": (198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
            "programs": (117, 129, 221, 270, 271, 281, 425, 435),
            "files": (34, 35, 36, 37, 38, 56, 265, 276, 437),
        },
    ),
}
_X32_CALLS: Final = 0x40000000
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_EPERM: Final = 0x00050000 | 1
_LOAD_WORD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_JUMP_IF_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def limit_resources(*, memory_bytes: int, open_files: int = 64) -> None:
    """Bound the address space and open files; allow no files to be written and no core dumps."""
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def limit_cpu(seconds: int) -> None:
    """End the process by SIGXCPU once it has used so many more seconds of processor time than now."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + seconds, hard))


def drop_network() -> str:
    """Leave all networks, where the kernel allows it: gives ``"namespace"``, or ``""`` if it does not."""
    if sys.platform != "linux":
        return ""
    libc = ctypes.CDLL(None, use_errno=True)
    left = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    return "namespace" if left else ""


def die_with_parent() -> None:
    """End this process when its parent ends, and let no process of the same user read its memory."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def forbid(groups: Sequence[str]) -> bool:
    """Forbid groups of system calls (``network``, ``programs``, ``files``) for good; False where that is impossible.

    A forbidden call fails with EPERM; calls of another architecture's table end the process.
    """
    known = _NUMBERS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return False
    architecture, table = known
    numbers = [number for group in groups for number in table[group]]
    code = _filter(architecture, numbers)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(architecture: int, numbers: Sequence[int]) -> bytes:
    """Write the classic BPF program: the word at 4 is the architecture, that at 0 the number of the call."""

    def step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, operand)

    count = len(numbers)
    steps = [
        step(_LOAD_WORD, 4),
        step(_JUMP_IF_EQUAL, architecture, 1, 0),
        step(_RETURN, _KILL),
        step(_LOAD_WORD, 0),
        step(_JUMP_IF_AT_LEAST, _X32_CALLS, count + 1, 0),
        *(step(_JUMP_IF_EQUAL, number, count - index, 0) for index, number in enumerate(numbers)),
        step(_RETURN, _ALLOW),
        step(_RETURN, _EPERM),
    ]
    return b"".join(steps)
